import type { Clock } from '../../ports/clock.ts';

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (fn, delayMs) => setTimeout(fn, delayMs),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
  defer: (fn) => {
    setImmediate(fn);
  },
};
