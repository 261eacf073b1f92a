import type { OwnSchedule } from '../read/xstate-internals.ts';

/** An event that a machine has scheduled for itself. */
export interface Timer {
  /** What stops it; null where nothing can. */
  readonly id: string | null;
  readonly event: { readonly type: string };
  readonly delayMs: number;
  /** Timers of one step have the same age; the oldest that run have 0. */
  readonly age: number;
  /** The start of this one: no other timer has it. */
  readonly mark: symbol;
}

/** The timers that run after a step which has done `changes`, in the order in which they were started. */
export const timersAfter = (before: readonly Timer[], changes: readonly OwnSchedule[]): readonly Timer[] => {
  if (changes.length === 0) return before;
  const age = before.length === 0 ? 0 : before.at(-1)!.age + 1;
  let timers = [...before];
  for (const each of changes) {
    // Starting one again replaces it.
    if (each.id !== null) timers = timers.filter(({ id }) => id !== each.id);
    if (each.change === 'start' && each.delayMs !== null)
      timers.push({ id: each.id, event: each.event, delayMs: each.delayMs, age, mark: Symbol() });
  }
  return withAges(timers);
};

/** The same without one that has fired. */
export const timersWithout = (timers: readonly Timer[], fired: Timer): readonly Timer[] =>
  withAges(timers.filter((each) => each !== fired));

/**
 * Whether a timer may be the next to fire, whenever events come from outside: not while another runs that was started no later and
 * takes no longer.
 */
export const mayFire = (timer: Timer, timers: readonly Timer[]): boolean => {
  const at = timers.indexOf(timer);
  return timers.every((other, place) => {
    if (other === timer || other.age > timer.age || other.delayMs > timer.delayMs) return true;
    return other.age === timer.age && other.delayMs === timer.delayMs && place > at;
  });
};

const withAges = (timers: readonly Timer[]): readonly Timer[] => {
  const ages = [...new Set(timers.map(({ age }) => age))];
  return timers.map((timer) => {
    const age = ages.indexOf(timer.age);
    return age === timer.age ? timer : { ...timer, age };
  });
};
