import type { Clock } from '../ports/clock.ts';

/** A timer that fires within this much of its time was not held up. */
const onTimeMs = 5;

interface Timer {
  id: unknown;
  isCleared: boolean;
}

/**
 * `clock` for the charts of a node, whose timers tell of silence: of a leader, of a majority, of a peer. A process that stood still (a long task, no share of the processor, SIGSTOP) finds
 * its timers due, and what arrived in the meantime unread; such a timer tells of the process's own silence. So one that is late fires only
 *
 * - after what has arrived by then is handled, which may clear it: a follower does not campaign with its leader's heartbeats in its sockets, and a leader does not step down with its
 *   followers' answers there;
 * - and after it has waited once more for as long as it was late, but no longer than for the first time: what holds up one process of a machine holds up the others, and time in which a
 *   process could not listen is no time in which nobody spoke.
 *
 * Heartbeats listen to nobody. They are told by how long they wait, which nothing else does since an election timeout is at least twice as long, and leave at once:
 * behind a flood of requests they would come half as often.
 */
export const hearingFirst = (clock: Clock, heartbeatIntervalMs: number): Clock => {
  const wait = (timer: Timer, fn: () => void, delayMs: number, isRepeated: boolean): void => {
    const dueMs = clock.now() + delayMs;
    timer.id = clock.setTimeout(() => {
      const lateMs = clock.now() - dueMs;
      if (lateMs <= onTimeMs) fn();
      else
        clock.defer(() => {
          if (timer.isCleared) return;
          if (isRepeated) fn();
          else wait(timer, fn, Math.min(lateMs, delayMs), true);
        });
    }, delayMs);
  };
  return {
    now: () => clock.now(),
    defer: (fn) => clock.defer(fn),
    setTimeout: (fn, delayMs): Timer => {
      const timer: Timer = { id: null, isCleared: false };
      if (delayMs === heartbeatIntervalMs) timer.id = clock.setTimeout(fn, delayMs);
      else wait(timer, fn, delayMs, false);
      return timer;
    },
    clearTimeout: (id) => {
      const timer = id as Timer;
      timer.isCleared = true;
      clock.clearTimeout(timer.id);
    },
  };
};
