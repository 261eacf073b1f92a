/** Time as one node sees it; also the `clock` of its XState actor system. */
export interface Clock {
  /** Milliseconds on a monotonic clock; only differences mean anything. */
  now(): number;
  /** Calls `fn` once, not before `delayMs` have passed, never inside this call. */
  setTimeout(fn: () => void, delayMs: number): unknown;
  clearTimeout(id: unknown): void;
  /** Calls `fn` once, as soon as the inputs that have already arrived are handled, never inside this call. */
  defer(fn: () => void): void;
}
