import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelayMeter } from '../../ports/loop-delay.ts';

const resolutionMs = 10;

/** What Node.js measures, but for the first 10 ms after each `take`: the time between two ticks of a timer of its own, which a sound loop takes as long as the timer does. */
export const openLoopDelayMeter = (): LoopDelayMeter => {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  const lateMs = (nanoseconds: number): number => {
    const ms = nanoseconds / 1e6 - resolutionMs;
    return Math.max(0, Math.round(ms * 10) / 10);
  };
  return {
    take: () => {
      const [p50, p99] = [histogram.percentile(50), histogram.percentile(99)];
      const delay = { p50Ms: lateMs(p50), p99Ms: lateMs(p99), maxMs: lateMs(histogram.max) };
      histogram.reset();
      return delay;
    },
    close: () => {
      histogram.disable();
    },
  };
};
