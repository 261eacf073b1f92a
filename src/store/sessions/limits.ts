/** What a table of sessions remembers, and for how long. All nodes of a cluster must have the same: they decide what is applied. */
export interface SessionLimits {
  /** A session that is not used for so long, in log time, is forgotten, and so is an idempotency key. */
  readonly ttlMs: number;
  /** Sessions and idempotency keys. A further one is refused. */
  readonly maxSessions: number;
  /** Answers that one session has not acknowledged yet. A further command is refused. */
  readonly maxAnswersPerSession: number;
  /** What all of it takes, about, in memory. What would come on top is refused. */
  readonly maxBytes: number;
}

export const defaultSessionLimits: SessionLimits = {
  ttlMs: 60 * 60 * 1000,
  maxSessions: 100_000,
  maxAnswersPerSession: 256,
  maxBytes: 64 * 1024 * 1024,
};
