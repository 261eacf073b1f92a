import type { LookupFunction, Server, Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import { LogLimit } from '../../../ports/log-limit.ts';
import type { NodeId } from '../../../raft/types.ts';
import { type Credentials, tlsVersion } from '../../tls/credentials.ts';
import { identityFault, identityIn, type NodeIdentity } from '../../tls/node-identity.ts';

/** How long a stranger may take to prove who it is. */
const handshakeMs = 5000;
/** One refusal in so much time is logged; the others are counted. */
const logMs = 1000;

export interface PeerTlsOptions {
  readonly credentials: Credentials;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Mutual TLS between nodes: each side proves by its certificate which node of which cluster it is. docs/security.md */
export class PeerTls {
  readonly #options: PeerTlsOptions;
  readonly #logLimit: LogLimit;

  constructor(options: PeerTlsOptions) {
    this.#options = options;
    this.#logLimit = new LogLimit(options.clock, logMs, 1);
  }

  /** Calls `listener` whenever other certificates are in force; returns what unsubscribes it. */
  onChange(listener: () => void): () => void {
    return this.#options.credentials.onChange(listener);
  }

  /** Calls `accept` with each socket whose other side has proved to be a node of the cluster. */
  server(accept: (socket: Socket, provenId: NodeId) => void): Server {
    const { credentials } = this.#options;
    const server = createServer(
      {
        ...credentials.pem,
        minVersion: tlsVersion,
        requestCert: true,
        // Refused below: node:tls would not say why.
        rejectUnauthorized: false,
        handshakeTimeout: handshakeMs,
      },
      (socket) => {
        const provenId = this.#nodeOf(socket);
        if (typeof provenId === 'number') {
          accept(socket, provenId);
          return;
        }
        this.#refuse(socket, provenId);
        socket.destroy();
      },
    );
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET') return;
      this.#refuse(socket, wordsOf(error));
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
      minVersion: tlsVersion,
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

/** OpenSSL's errors name its own source files. */
export const wordsOf = ({
  code = '',
  reason,
  message,
}: {
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
}): string => reasons[code] ?? reason ?? message.split('\n')[0]!;

const reasons: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it shows no certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'it does not speak TLS, but HTTP: clients have a port of their own',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no TLS 1.3',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'it took too long to prove who it is',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clocks',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from no authority that this node trusts',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from no authority that this node trusts',
  CERT_SIGNATURE_FAILURE: 'its certificate comes from no authority that this node trusts',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate comes from no authority that this node trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from no authority that this node trusts',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the other side does not trust the authority of this certificate',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the other side wants a certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the other side says that this certificate has expired',
};
