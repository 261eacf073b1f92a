import type { Budget } from './budget.ts';
import { observabilityOf } from './observability.ts';
import type { Value } from './operation.ts';
import { type SearchBounds, search } from './search.ts';
import type { Step } from './steps.ts';
import { timelineOf } from './timeline.ts';

export type Linearization =
  | { readonly type: 'possible' }
  /** After the event at this position, and none before, no order of the operations explains the history. */
  | { readonly type: 'impossible'; readonly position: number }
  /** The budget ran out first. */
  | { readonly type: 'undecided' };

/** Wider and wider; the last is the full search. */
const usualAttempts: Attempts = [
  { width: 16, rivals: 4 },
  { width: 64, rivals: 8 },
  { width: 512, rivals: 8 },
  { width: Number.POSITIVE_INFINITY, rivals: Number.POSITIVE_INFINITY },
];
/** Bounds of one search after the other. The last must be unlimited. */
export type Attempts = readonly Omit<SearchBounds, 'isRelaxed'>[];

const relaxedBounds = { width: 4096, rivals: Number.POSITIVE_INFINITY };

/**
 * Whether the steps of one key, which starts as `initial`, can be put in an order that agrees with real time and with
 * what each of them saw.
 *
 * A search through few configurations can prove that an order exists. One in which open-ended steps never run
 * out can prove that none does. With many of them, where a full search takes forever, these two mostly meet at
 * the same event, and that is the answer.
 */
export const linearize = (
  steps: readonly Step[],
  budget: Budget,
  initial: Value = null,
  attempts: Attempts = usualAttempts,
): Linearization => {
  const observability = observabilityOf(steps);
  const timeline = timelineOf(steps);
  const hasOpenEnded = timeline.some(({ type }) => type === 'openEnded');
  let latest: number | null = null;
  for (const [attempt, bound] of attempts.entries()) {
    const found = search(timeline, observability, { ...bound, isRelaxed: false }, budget, initial);
    if (found === null) return { type: 'undecided' };
    if (found.position === null) return { type: 'possible' };
    if (!found.isCut) return { type: 'impossible', position: found.position };
    if (attempt === 0 && hasOpenEnded) {
      const relaxed = search(timeline, observability, { ...relaxedBounds, isRelaxed: true }, budget, initial);
      if (relaxed === null) return { type: 'undecided' };
      if (!relaxed.isCut) latest = relaxed.position;
    }
    if (found.position === latest) return { type: 'impossible', position: latest };
  }
  throw new Error('expected a search without bounds to be uncut');
};
