import { handshakeMs } from '../../adapters/tls/credentials.ts';

/** Bounds of the client API. Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** A value, or the body of a cas. Larger: 413. */
  readonly maxBodyBytes: number;
  /** A key as UTF-8. Longer: 414. Percent-encoded it must still fit into node's header limit of 16 KiB. */
  readonly maxKeyBytes: number;
  /** Bodies being received, over all requests. More: 429. */
  readonly maxBufferedBytes: number;
  /** So much of a body is taken in at any time; what is larger needs room among the uploads. */
  readonly smallBodyBytes: number;
  /** Larger bodies from their arrival to their answer, over all requests. The next one waits. */
  readonly maxUploadBytes: number;
  /** How long a body waits for room, unread. After that: 429. */
  readonly uploadWaitMs: number;
  /** At what rate a body must arrive while others wait for its room, after half of `uploadWaitMs`. Slower: 408. */
  readonly minUploadBytesPerMs: number;
  /** Requests that are not answered yet, over all connections. More: 429. */
  readonly maxRequests: number;
  /** Requests of one connection that are under way at once; it is not read meanwhile. */
  readonly maxPipelined: number;
  /** The same of a connection of frames. */
  readonly maxFramed: number;
  /** How long the event loop may take in requests before it attends to other things. */
  readonly maxTurnMs: number;
  /** Values on their way to the client of one connection; the next one waits until it has read some. */
  readonly maxUnreadBytes: number;
  /** Values on their way to clients, over all connections. More: 429. */
  readonly maxAnswerBytes: number;
  /** Watches of version 2. More: 429. */
  readonly maxWatches: number;
  /** How often a watch that has nothing to tell shows that its connection is alive. */
  readonly watchHeartbeatMs: number;
  /** Beyond this one is closed for another: one that has never asked anything, else the one that has been idle longest, else the new one. */
  readonly maxConnections: number;
  /** How long a request may wait for its outcome. After that: 504. */
  readonly outcomeTimeoutMs: number;
  /** How long a client may take to send a whole request. After that: 408. */
  readonly receiveTimeoutMs: number;
  /** How long a client may read nothing of a value that is sent to it. After that its connection is closed. */
  readonly stallTimeoutMs: number;
  /** How long a client may take to begin a TLS handshake, and then to finish it, before its connection is closed. */
  readonly handshakeTimeoutMs: number;
  /** How long a connection may be silent; and how long a client's system may take nothing of what is sent to it, whatever it sends. */
  readonly idleTimeoutMs: number;
}

export const defaultHttpLimits: HttpLimits = {
  maxBodyBytes: 1024 * 1024,
  maxKeyBytes: 1024,
  maxBufferedBytes: 64 * 1024 * 1024,
  smallBodyBytes: 16 * 1024,
  maxUploadBytes: 1024 * 1024,
  uploadWaitMs: 1000,
  minUploadBytesPerMs: 100,
  maxRequests: 10_000,
  maxPipelined: 64,
  maxFramed: 1024,
  maxTurnMs: 10,
  maxUnreadBytes: 1024 * 1024,
  maxAnswerBytes: 64 * 1024 * 1024,
  maxWatches: 1000,
  watchHeartbeatMs: 5000,
  maxConnections: 10_000,
  outcomeTimeoutMs: 10_000,
  receiveTimeoutMs: 30_000,
  stallTimeoutMs: 10_000,
  handshakeTimeoutMs: handshakeMs,
  idleTimeoutMs: 60_000,
};
