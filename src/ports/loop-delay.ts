/** How late the event loop was in some time, in milliseconds: whatever had to be done then waited as long. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures the event loop of this process. */
export interface LoopDelayMeter {
  /** Since the last call, or since the meter was opened. */
  take(): LoopDelay;
  close(): void;
}
