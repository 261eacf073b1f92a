import type { Clock } from '../ports/clock.ts';

/** A timer that fires within this much of its time was not held up. */
const onTimeMs = 5;

interface Timer {
  id: unknown;
  isCleared: boolean;
}

/**
 * `clock` for the charts of a node, whose timers tell of silence: of a leader, of a majority, of a peer. A process that stood still (a long task, no share of the processor, SIGSTOP) finds
 * its timers due, and what arrived in the meantime unread; it is its own silence that such a timer tells of. So a timer that is late fires only after what has arrived by then is
 * handled, which may clear it: a follower does not campaign with its leader's heartbeats in its sockets, and a leader does not step down with its followers' answers there.
 *
 * Heartbeats listen to nobody. They are told by how long they wait, which nothing else does since an election timeout is at least twice as long, and leave at once:
 * behind a flood of requests they would come half as often.
 */
export const hearingFirst = (clock: Clock, heartbeatIntervalMs: number): Clock => ({
  now: () => clock.now(),
  defer: (fn) => clock.defer(fn),
  setTimeout: (fn, delayMs): Timer => {
    const dueMs = clock.now() + delayMs;
    const timer: Timer = { id: null, isCleared: false };
    timer.id = clock.setTimeout(() => {
      const isLate = clock.now() - dueMs > onTimeMs;
      if (isLate && delayMs !== heartbeatIntervalMs) clock.defer(() => timer.isCleared || fn());
      else fn();
    }, delayMs);
    return timer;
  },
  clearTimeout: (id) => {
    const timer = id as Timer;
    timer.isCleared = true;
    clock.clearTimeout(timer.id);
  },
});
