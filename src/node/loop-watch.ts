import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { LogLimit } from '../ports/log-limit.ts';
import type { LoopDelay, LoopDelayMeter } from '../ports/loop-delay.ts';

const intervalMs = 5000;
/** A loop that stands still for so long keeps heartbeats waiting; an election timeout is not much longer. */
const stallMs = 100;
/** Between two warnings. */
const warningsMs = 60_000;

export interface LoopWatch {
  /** Of the latest interval of five seconds; null: none is over yet. */
  readonly latest: LoopDelay | null;
  /** Closes the meter. */
  stop(): void;
}

/** Looks at the event loop at regular intervals, and warns where it stood still. */
export const watchLoop = (meter: LoopDelayMeter, clock: Clock, log: Log): LoopWatch => {
  const limit = new LogLimit(clock, warningsMs, 1);
  let latest: LoopDelay | null = null;
  let timer: unknown;
  let isStopped = false;
  const wait = (): void => {
    // Deferred: where the loop stands still just now, the meter's own timer may be the next one.
    timer = clock.setTimeout(() => clock.defer(look), intervalMs);
  };
  const look = (): void => {
    if (isStopped) return;
    wait();
    latest = meter.take();
    if (latest.maxMs <= stallMs) return;
    const unlogged = limit.take('stall');
    if (unlogged === null) return;
    const words = `the event loop stood still for ${Math.round(latest.maxMs)} ms`;
    log.warn(
      { ...latest, unlogged },
      `${words}: this process had a long task, or too little of the processor`,
    );
  };
  // The start of a node is no stall of a node that runs.
  meter.take();
  wait();
  return {
    get latest() {
      return latest;
    },
    stop: () => {
      isStopped = true;
      clock.clearTimeout(timer);
      meter.close();
    },
  };
};
