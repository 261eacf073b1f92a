/**
 * The log's own time, in milliseconds: it passes as the stamps of the commands in the log tell, so it is the same on every node
 * and after every restart. It is a stopwatch and not a clock. Each command moves it on by how much later its stamp is than that of the
 * command before, at least by nothing and at most by `maxStepMs`. So
 *
 * - it never goes back;
 * - a stamp from the far future counts for one step, and so does each change of leader between clocks that disagree;
 * - stamps that fall behind cost nothing afterwards: a largest stamp so far would stand still until all clocks had caught up with it;
 * - while no stamped command arrives, it stands still. What it expires then lives longer, never shorter.
 */
export interface LogTime {
  readonly nowMs: number;
  /** Of the last command that had one; null at first. */
  readonly lastStampMs: number | null;
}

export const logStart: LogTime = { nowMs: 0, lastStampMs: null };

/** The time after a command stamped `stampMs`. */
export const logTimeAfter = (time: LogTime, stampMs: number, maxStepMs: number): LogTime => {
  const passedMs = stampMs - (time.lastStampMs ?? stampMs);
  return { nowMs: time.nowMs + Math.min(Math.max(0, passedMs), maxStepMs), lastStampMs: stampMs };
};
