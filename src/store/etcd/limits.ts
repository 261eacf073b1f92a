import { handshakeMs } from '../../adapters/tls/credentials.ts';

/** Bounds of the etcd API. Sizes in bytes, times in milliseconds. */
export interface EtcdLimits {
  /** Beyond this a new connection is closed at once. */
  readonly maxConnections: number;
  /** How long a client may take to begin a TLS handshake, and then to finish it; and to send the first bytes of HTTP/2. */
  readonly handshakeTimeoutMs: number;
  /** Calls of one connection that are under way at once; a client waits with further ones. */
  readonly maxStreams: number;
  /** What one connection may take in memory, in millions of bytes; it gets no further calls beyond that. */
  readonly maxSessionMegabytes: number;
  /** A message of a client. Longer: ResourceExhausted. What etcd takes, by default. */
  readonly maxMessageBytes: number;
  /** Requests with one answer that are under way until it is sent, over all connections: how many, and how large together. More: ResourceExhausted. */
  readonly maxRequests: number;
  readonly maxRequestBytes: number;
  /** The same for those that need no token, which are in nobody's way: checks of the health, and logins. */
  readonly maxOpenRequests: number;
  /** Streams that tell the health, over all connections. More: ResourceExhausted. */
  readonly maxHealthWatches: number;
  /** How long a client may take to send a request. */
  readonly requestTimeoutMs: number;
  /** An answer to a read, and all answers together that their clients have not read yet. More: ResourceExhausted. */
  readonly maxAnswerBytes: number;
  readonly maxAnswersBytes: number;
  /** Over all connections, and of one stream. More: canceled at once. Each one looks at every change of the store. */
  readonly maxWatches: number;
  readonly maxStreamWatches: number;
  /** A connection on which nothing arrives for so long is asked whether it lives, and closed if it does not answer in time. */
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
}

export const defaultEtcdLimits: EtcdLimits = {
  maxConnections: 10_000,
  handshakeTimeoutMs: handshakeMs,
  maxStreams: 1000,
  maxSessionMegabytes: 128,
  maxMessageBytes: 2 * 1024 * 1024,
  maxRequests: 10_000,
  maxRequestBytes: 64 * 1024 * 1024,
  maxOpenRequests: 100,
  maxHealthWatches: 1000,
  requestTimeoutMs: 10_000,
  maxAnswerBytes: 32 * 1024 * 1024,
  maxAnswersBytes: 128 * 1024 * 1024,
  maxWatches: 10_000,
  maxStreamWatches: 1000,
  keepAliveMs: 60_000,
  keepAliveTimeoutMs: 20_000,
};
