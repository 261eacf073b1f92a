import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { type Credentials, tlsVersion } from '../../adapters/tls/credentials.ts';
import { Handshakes } from '../../adapters/tls/handshakes.ts';
import { identityIn } from '../../adapters/tls/node-identity.ts';
import { wordsOf } from '../../adapters/tls/tls-words.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { LogLimit } from '../../ports/log-limit.ts';
import { nodeName } from '../../raft/types.ts';
import { rawAnswer } from './raw-answer.ts';

/** How long a refused client may take to read why. */
const lastWordsMs = 1000;
/** The first byte of TLS: a handshake. RFC 8446 §5.1. */
const handshakeRecord = 0x16;

export interface SecuredOptions {
  readonly credentials: Credentials;
  /** The most handshakes under way. */
  readonly maxHandshakes: number;
  /** In milliseconds: how long a client may take to begin one, and again to finish it. */
  readonly handshakeMs: number;
  /** What is spoken inside, as ALPN names it. Default: HTTP/1.1. */
  readonly protocols?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Takes each connection whose handshake is done and whose client has a trusted certificate, if one is required. */
  readonly accept: (socket: TLSSocket) => void;
}

/** How many of the connections may be unfinished handshakes. */
export const maxHandshakesOf = ({ maxConnections }: { readonly maxConnections: number }): number =>
  Math.max(1, Math.min(256, Math.floor(maxConnections / 4)));

/** TLS for HTTP. A client without TLS, or without a required certificate, is told so in an HTTP answer, and nothing that it sends is read. */
export class SecuredConnections {
  readonly #options: SecuredOptions;
  readonly #handshakes: Handshakes;
  readonly #logLimit: LogLimit;
  readonly #server;
  /** The connections of clients whose certificates were checked. */
  readonly #proven = new Set<TLSSocket>();
  readonly #forget: () => void;

  constructor(options: SecuredOptions) {
    const { credentials, maxHandshakes, handshakeMs, protocols = ['http/1.1'], clock } = options;
    this.#options = options;
    this.#handshakes = new Handshakes(maxHandshakes);
    this.#logLimit = new LogLimit(clock, 1000, 1);
    let { pem } = credentials;
    this.#server = createServer(
      {
        ...pem,
        minVersion: tlsVersion,
        requestCert: pem.ca !== undefined,
        // Refused below, with a reason: node:tls would give none.
        rejectUnauthorized: false,
        handshakeTimeout: handshakeMs,
        ALPNProtocols: [...protocols],
      },
      (socket) => this.#secured(socket),
    );
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code !== 'ECONNRESET') this.#refused(socket, wordsOf(error));
      // node:tls reports a handshake that takes too long but does not end it.
      socket.destroy();
    });
    this.#forget = credentials.onChange(() => {
      this.#server.setSecureContext({ ...credentials.pem, minVersion: tlsVersion });
      // Clients must connect again, since their authority may no longer be trusted.
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

  /** Closes connections that have not finished their handshake. */
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
    const reason = refusalOf(socket);
    if (reason === null) {
      this.#handshakes.end(socket);
      this.#proven.add(socket);
      socket.once('close', () => this.#proven.delete(socket));
      this.#options.accept(socket);
      return;
    }
    this.#refused(socket, reason);
    socket.on('error', () => {});
    this.#turnAway(socket, '403 Forbidden', 'certificate_refused', `this client is refused: ${reason}`);
  }

  #turnAway(socket: Socket, status: string, error: string, message: string): void {
    // Reads and drops what the client sent: closing with unread data would reset the connection and lose the answer.
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

/** Why the client of `socket` is refused, where clients need certificates; null: it is not. */
const refusalOf = (socket: TLSSocket): string | null => {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'it shows no certificate';
  const error = String(socket.authorizationError);
  if (!socket.authorized) return wordsOf({ code: error, message: error });
  const identity = identityIn(certificate.subjectAltName);
  // Both may come from one authority, and a node is not meant to act as a client that may do anything.
  return typeof identity === 'string'
    ? null
    : `its certificate is that of ${nodeName(identity.node)}, not that of a client: make one with raftchart certs --client NAME`;
};
