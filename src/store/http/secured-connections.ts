import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { type Credentials, tlsVersion } from '../../adapters/tls/credentials.ts';
import { Handshakes } from '../../adapters/tls/handshakes.ts';
import { wordsOf } from '../../adapters/tls/tls-words.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { LogLimit } from '../../ports/log-limit.ts';
import { rawAnswer } from './raw-answer.ts';

/** How long a client that is turned away may take to read why. */
const lastWordsMs = 1000;
/** The first byte of TLS: a handshake. RFC 8446 §5.1. */
const handshakeRecord = 0x16;

export interface SecuredOptions {
  readonly credentials: Credentials;
  /** The most handshakes under way. */
  readonly maxHandshakes: number;
  /** How long one may take, in milliseconds, once it has begun, and how long until then. */
  readonly handshakeMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Is given each connection whose handshake is done, and whose client has proved who it is if it must. */
  readonly accept: (socket: TLSSocket) => void;
}

/** TLS below HTTP. Whoever comes without it, or without the certificate that is asked for, is told so in HTTP, and nothing that it sends is looked at. */
export class SecuredConnections {
  readonly #options: SecuredOptions;
  readonly #handshakes: Handshakes;
  readonly #logLimit: LogLimit;
  readonly #server;
  /** Of clients that had to prove who they are. */
  readonly #proven = new Set<TLSSocket>();
  readonly #forget: () => void;

  constructor(options: SecuredOptions) {
    const { credentials, maxHandshakes, handshakeMs, clock } = options;
    this.#options = options;
    this.#handshakes = new Handshakes(maxHandshakes);
    this.#logLimit = new LogLimit(clock, 1000, 1);
    let { pem } = credentials;
    this.#server = createServer(
      {
        ...pem,
        minVersion: tlsVersion,
        requestCert: pem.ca !== undefined,
        // Refused below: node:tls would not say why.
        rejectUnauthorized: false,
        handshakeTimeout: handshakeMs,
        ALPNProtocols: ['http/1.1'],
      },
      (socket) => this.#secured(socket),
    );
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code !== 'ECONNRESET') this.#refused(socket, wordsOf(error));
      // node:tls reports a handshake that takes too long, and does not end it.
      socket.destroy();
    });
    this.#forget = credentials.onChange(() => {
      this.#server.setSecureContext({ ...credentials.pem, minVersion: tlsVersion });
      // Everybody has to prove anew who they are: some may not be trusted any more.
      if (credentials.pem.ca !== pem.ca) for (const socket of this.#proven) socket.destroy();
      ({ pem } = credentials);
    });
  }

  /** A client has connected. */
  open(raw: Socket): void {
    this.#handshakes.begin(raw);
    raw.on('error', () => {});
    const tooLate = setTimeout(() => raw.destroy(), this.#options.handshakeMs);
    raw.once('close', () => clearTimeout(tooLate));
    raw.once('data', (first: Buffer) => {
      clearTimeout(tooLate);
      raw.pause();
      if (first[0] !== handshakeRecord) {
        // It counts among the handshakes until it is closed.
        this.#turnAway(raw, '400 Bad Request', 'https_needed', 'this port speaks HTTPS: use https://');
        return;
      }
      raw.unshift(first);
      this.#server.emit('connection', raw);
    });
  }

  /** Cuts whoever has not finished its handshake. */
  close(): void {
    this.#forget();
    this.#handshakes.close();
  }

  #secured(socket: TLSSocket): void {
    if (this.#options.credentials.pem.ca === undefined) {
      this.#handshakes.end(socket);
      this.#options.accept(socket);
      return;
    }
    if (socket.authorized) {
      this.#handshakes.end(socket);
      this.#proven.add(socket);
      socket.once('close', () => this.#proven.delete(socket));
      this.#options.accept(socket);
      return;
    }
    const reason =
      socket.getPeerX509Certificate() === undefined
        ? 'it shows no certificate'
        : wordsOf({
            code: String(socket.authorizationError),
            message: String(socket.authorizationError),
          });
    this.#refused(socket, reason);
    socket.on('error', () => {});
    this.#turnAway(socket, '403 Forbidden', 'certificate_refused', `this client is refused: ${reason}`);
  }

  #turnAway(socket: Socket, status: string, error: string, message: string): void {
    // What it has sent is read and dropped: otherwise the system would take the answer back as well.
    socket.resume();
    socket.end(rawAnswer(status, error, message));
    const cut = setTimeout(() => socket.destroy(), lastWordsMs);
    socket.once('close', () => clearTimeout(cut));
  }

  #refused({ remoteAddress }: Socket, reason: string): void {
    const unlogged = this.#logLimit.take('refusals');
    if (unlogged === null) return;
    this.#options.log.warn(
      { remote: remoteAddress ?? 'unknown', reason, unlogged },
      'a connection to the client port is refused',
    );
  }
}
