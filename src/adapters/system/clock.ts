import type { Clock } from '../../ports/clock.ts';

/** Calls `fn` in a task of its own, without the delay of a timer: a browser has no `setImmediate`. */
const deferByMessage = (fn: () => void): void => {
  const { port1, port2 } = new MessageChannel();
  const arrived = () => {
    port1.close();
    fn();
  };
  port1.addEventListener('message', arrived, { once: true });
  port1.start();
  port2.postMessage(null);
};

/** Much more than two readings of two clocks, one right after the other, differ by; much less than a lease. */
const suspensionMs = 20;

/**
 * A monotonic time that counts suspension: on Linux `performance.now()` stands still while the machine sleeps or a virtual machine is
 * moved, and a leader would believe in a lease that is long over. So whenever the wall clock has gained on `monotonic` by more than a
 * little since it was last looked at, that much is added. A wall clock that is set forward looks the same, and does no harm: time that
 * seems to have passed ends a lease early. One that is set back changes nothing; only if that happens during a suspension is it missed.
 */
export const suspensionAware = (monotonic: () => number, wall: () => number): (() => number) => {
  let lead = wall() - monotonic();
  let addedMs = 0;
  return () => {
    const monotonicMs = monotonic();
    const gainedMs = wall() - monotonicMs - lead;
    if (gainedMs > suspensionMs) addedMs += gainedMs;
    // Small gains stay, so that they count once they add up.
    if (gainedMs > suspensionMs || gainedMs < 0) lead += gainedMs;
    return monotonicMs + addedMs;
  };
};

/** The clock of the machine. Its timers need not count suspension: one that is late is as good as a slow node. */
export const systemClock: Clock = {
  now: suspensionAware(
    () => performance.now(),
    () => Date.now(),
  ),
  setTimeout: (fn, delayMs) => setTimeout(fn, delayMs),
  clearTimeout: (id) => clearTimeout(id as ReturnType<typeof setTimeout>),
  defer: typeof setImmediate === 'function' ? (fn) => void setImmediate(fn) : deferByMessage,
};
