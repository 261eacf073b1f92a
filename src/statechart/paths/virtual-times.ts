import type { MachineState } from './machine-steps.ts';
import type { Offer } from './offers.ts';
import type { Timer } from './timers.ts';

/** A step of a way: what happened, and where the machine then stood. */
interface TimedStep {
  readonly offer: Offer;
  readonly after: MachineState;
}

/** One moment comes at least so much after another. */
interface Bound {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/**
 * How long to wait before each step, so that timers fire where the way says so and nowhere else; as little as possible. Null
 * where no times do: a way is found by looking at two timers at a time.
 */
export const waitsOf = (start: MachineState, steps: readonly TimedStep[]): readonly number[] | null => {
  const bounds: Bound[] = [];
  let running = startedAt(new Map(), start.timers, 0);
  for (const [at, { offer, after }] of steps.entries()) {
    const moment = at + 1;
    bounds.push({ from: at, to: moment, ms: 0 });
    const before = at === 0 ? start : steps[at - 1]!.after;
    for (const timer of before.timers) {
      const begun = running.get(timer.mark)!;
      if (timer === offer.timer) {
        bounds.push({ from: begun, to: moment, ms: timer.delayMs });
        bounds.push({ from: moment, to: begun, ms: -timer.delayMs });
      } else {
        // It has not fired yet. Two of one moment fire in the order in which they were started.
        const early =
          offer.timer !== null && before.timers.indexOf(offer.timer) < before.timers.indexOf(timer);
        bounds.push({
          from: moment,
          to: begun,
          ms: -(early ? timer.delayMs : Math.max(0, timer.delayMs - 1)),
        });
      }
    }
    running = startedAt(running, after.timers, moment);
  }
  const times = earliest(steps.length + 1, bounds);
  return times === null ? null : steps.map((_, at) => times[at + 1]! - times[at]!);
};

/** When each running timer was started. */
const startedAt = (
  known: ReadonlyMap<symbol, number>,
  timers: readonly Timer[],
  moment: number,
): ReadonlyMap<symbol, number> => new Map(timers.map(({ mark }) => [mark, known.get(mark) ?? moment]));

/** The earliest times that keep all bounds, from 0 on. */
const earliest = (count: number, bounds: readonly Bound[]): readonly number[] | null => {
  const times = Array<number>(count).fill(0);
  for (let round = 0; round <= count; round++) {
    let isChanged = false;
    for (const { from, to, ms } of bounds) {
      if (times[from]! + ms <= times[to]!) continue;
      times[to] = times[from]! + ms;
      isChanged = true;
    }
    if (!isChanged) return times[0] === 0 ? times : null;
  }
  return null;
};
