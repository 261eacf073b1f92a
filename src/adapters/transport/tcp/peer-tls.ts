import type { LookupFunction, Server, Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import { LogLimit } from '../../../ports/log-limit.ts';
import type { NodeId } from '../../../raft/types.ts';
import { type Credentials, handshakeMs as defaultHandshakeMs, tlsVersion } from '../../tls/credentials.ts';
import { Handshakes } from '../../tls/handshakes.ts';
import { identityFault, identityIn, type NodeIdentity } from '../../tls/node-identity.ts';
import { wordsOf } from '../../tls/tls-words.ts';

/** At most one refusal is logged in this time; the others are counted. */
const logMs = 1000;

/** How many of `maxIncoming` connections may be unfinished handshakes. */
export const handshakesWithin = (maxIncoming: number): number => Math.ceil(maxIncoming / 4);

export interface PeerTlsOptions {
  readonly credentials: Credentials;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a stranger may take to prove who it is, in milliseconds. Default: 5000. */
  readonly handshakeMs?: number;
}

/** Mutual TLS between nodes: each side proves by its certificate which node of which cluster it is. docs/security.md */
export class PeerTls {
  readonly #options: PeerTlsOptions;
  readonly #logLimit: LogLimit;
  /** Of each server. */
  readonly #handshakes: Handshakes[] = [];

  constructor(options: PeerTlsOptions) {
    this.#options = options;
    this.#logLimit = new LogLimit(options.clock, logMs, 1);
  }

  /** Calls `listener` whenever other certificates are in force; returns what unsubscribes it. */
  onChange(listener: () => void): () => void {
    return this.#options.credentials.onChange(listener);
  }

  /** Cuts all connections that have not finished their handshake. */
  cutHandshakes(): void {
    for (const handshakes of this.#handshakes) handshakes.close();
  }

  /** Calls `accept` with each socket whose other side has proved to be a node of the cluster. At most `maxHandshakes` are in their handshake at a time. */
  server(accept: (socket: Socket, provenId: NodeId) => void, maxHandshakes: number): Server {
    const { credentials } = this.#options;
    const handshakes = new Handshakes(maxHandshakes);
    this.#handshakes.push(handshakes);
    const server = createServer(
      {
        ...credentials.pem,
        minVersion: tlsVersion,
        requestCert: true,
        // Refused below: node:tls would not say why.
        rejectUnauthorized: false,
        handshakeTimeout: this.#options.handshakeMs ?? defaultHandshakeMs,
      },
      (socket) => {
        handshakes.end(socket);
        const provenId = this.#nodeOf(socket);
        if (typeof provenId === 'number') {
          accept(socket, provenId);
          return;
        }
        this.#refuse(socket, provenId);
        socket.destroy();
      },
    );
    server.prependListener('connection', (raw) => handshakes.begin(raw));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code !== 'ECONNRESET') this.#refuse(socket, wordsOf(error));
      // node:tls reports a handshake that takes too long, and does not end it.
      socket.destroy();
    });
    const forget = credentials.onChange(() =>
      server.setSecureContext({ ...credentials.pem, minVersion: tlsVersion }),
    );
    server.once('close', forget);
    return server;
  }

  /** A socket to whoever listens at `address`; it fails unless that proves to be `peer`, or, where `peer` is null, any node of the cluster. */
  connect({ host, port }: Address, peer: NodeId | null, lookup: LookupFunction): TLSSocket {
    const { credentials, clusterId } = this.#options;
    return connect({
      host,
      port,
      lookup,
      secureContext: credentials.context,
      rejectUnauthorized: true,
      // It is known by the URI in its certificate, wherever it runs.
      checkServerIdentity: (_, { subjectaltname }) => {
        const fault = identityFault(subjectaltname, clusterId, peer);
        return fault === null
          ? undefined
          : new Error(`the certificate of ${addressText({ host, port })} is refused: ${fault}`);
      },
    });
  }

  #nodeOf(socket: TLSSocket): NodeId | string {
    const { authorized, authorizationError } = socket;
    if (socket.getPeerX509Certificate() === undefined) return 'it shows no certificate';
    if (!authorized)
      return wordsOf({ code: String(authorizationError), message: String(authorizationError) });
    const { subjectaltname } = socket.getPeerCertificate();
    const fault = identityFault(subjectaltname, this.#options.clusterId, null);
    if (fault !== null) return `its certificate is refused: ${fault}`;
    return (identityIn(subjectaltname) as NodeIdentity).node;
  }

  #refuse({ remoteAddress }: Socket, reason: string): void {
    const unlogged = this.#logLimit.take('refusals');
    if (unlogged === null) return;
    this.#options.log.warn(
      { remote: remoteAddress ?? 'unknown', reason, unlogged },
      'a connection to the peer port is refused',
    );
  }
}
