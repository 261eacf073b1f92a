/** Bounds of the client API. Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** A value, or the body of a cas. Larger: 413. */
  readonly maxBodyBytes: number;
  /** A key as UTF-8. Longer: 414. Percent-encoded it must still fit into node's header limit of 16 KiB. */
  readonly maxKeyBytes: number;
  /** Bodies being received, over all requests. More: 429. */
  readonly maxBufferedBytes: number;
  /** Connections beyond this are closed at once. */
  readonly maxConnections: number;
  /** How long a request may wait for its outcome. After that: 504. */
  readonly outcomeTimeoutMs: number;
  /** How long a client may take to send a whole request. After that: 408. */
  readonly receiveTimeoutMs: number;
  /** How long a connection may be silent. */
  readonly idleTimeoutMs: number;
}

export const defaultHttpLimits: HttpLimits = {
  maxBodyBytes: 1024 * 1024,
  maxKeyBytes: 1024,
  maxBufferedBytes: 64 * 1024 * 1024,
  maxConnections: 10_000,
  outcomeTimeoutMs: 10_000,
  receiveTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
};
