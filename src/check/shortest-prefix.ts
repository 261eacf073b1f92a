import { deepEqual } from 'fast-equals';
import type { Budget } from './budget.ts';
import { linearize } from './linearize.ts';
import type { Operation, Value } from './operation.ts';
import { effectsOf, stepsOf } from './steps.ts';

export type PrefixResult =
  | { readonly type: 'linearizable' }
  /** The history that ends with the event at `position` is not linearizable; every shorter one is. */
  | { readonly type: 'notLinearizable'; readonly position: number }
  | { readonly type: 'undecided' };

/** Finds the shortest prefix of one key's history that is not linearizable. `operations` are of that key. */
export const shortestPrefix = (
  operations: readonly Operation[],
  budget: Budget,
  initial: Value,
): PrefixResult => {
  const whole = linearize(stepsOf(operations, Number.POSITIVE_INFINITY), budget, initial);
  if (whole.type === 'undecided') return whole;
  if (whole.type === 'possible') return { type: 'linearizable' };
  // The search knew the end of every operation. A reader of the prefix alone does not know yet that an open one
  // will fail, or what an open delete will say that it found; it may have explained what was read. Prefixes of
  // linearizable histories are linearizable, so bisect.
  const positions = laterEnds(operations, whole.position);
  let low = 0;
  let high = positions.length - 1;
  // Mostly the first is the one, so it is tried first.
  for (let middle = 0; low < high; middle = (low + high) >>> 1) {
    const prefix = linearize(stepsOf(operations, positions[middle]!), budget, initial);
    if (prefix.type === 'undecided') return prefix;
    if (prefix.type === 'impossible') high = middle;
    else low = middle + 1;
  }
  return { type: 'notLinearizable', position: positions[low]! };
};

/** Where the shortest prefix may end: at `position`, or later, until all that was open there and tells more in the end has ended. */
const laterEnds = (operations: readonly Operation[], position: number): readonly number[] => {
  const telling = operations.flatMap((operation) => {
    const { outcome, invokedAt, completedAt } = operation;
    if (outcome === 'info' || invokedAt >= position || completedAt <= position) return [];
    const { open, ended } = effectsOf(operation);
    return open !== null && !deepEqual(open, ended) ? [completedAt] : [];
  });
  const last = Math.max(position, ...telling);
  return operations
    .map(({ completedAt }) => completedAt)
    .filter((end) => end >= position && end <= last)
    .sort((a, b) => a - b);
};
