import { Budget } from './budget.ts';
import type { History } from './history.ts';
import type { Key, Operation, Value } from './operation.ts';
import type { Violation } from './violation.ts';

export interface CheckOptions {
  /**
   * How many configurations to visit, over all keys, before the answer is `unknown`. One takes about a
   * microsecond, and some hundred bytes while it is needed. Unlimited by default.
   */
  readonly maxConfigurations?: number;
  /** What each key holds at the beginning; null, that it is absent, by default. */
  readonly initial?: Value;
}

export interface CheckFigures {
  readonly operationCount: number;
  readonly keyCount: number;
  readonly eventCount: number;
  /** Visited, over all keys: the measure of how hard the history was. */
  readonly configurationCount: number;
}

export type Verdict = CheckFigures &
  (
    | { readonly result: 'linearizable' }
    /**
     * `violations` has one for each key that is not linearizable, the earliest first; that one ends the shortest
     * non-linearizable prefix of the whole history, unless an undecided key has an earlier one.
     */
    | {
        readonly result: 'notLinearizable';
        readonly violations: readonly [Violation, ...Violation[]];
        readonly undecidedKeys: readonly Key[];
      }
    /** No violation found, but these keys could not be checked within `maxConfigurations`. */
    | { readonly result: 'unknown'; readonly undecidedKeys: readonly Key[] }
  );

export type KeyResult =
  | { readonly type: 'linearizable' | 'undecided' }
  | { readonly type: 'violated'; readonly violation: Violation };

/** `known` has the results of some keys, and gets those of the others by `checkKey`. */
export const verdictOfKeys = (
  history: History,
  known: Map<Key, KeyResult>,
  { maxConfigurations }: CheckOptions,
  checkKey: (operations: readonly Operation[], budget: Budget) => KeyResult,
): Verdict => {
  const budget = new Budget(maxConfigurations);
  const violations: Violation[] = [];
  const undecidedKeys: Key[] = [];
  const byKey = Map.groupBy(history.operations, ({ key }) => key);
  for (const [key, operations] of byKey) {
    let result = known.get(key);
    if (result === undefined || result.type === 'undecided') {
      result = checkKey(operations, budget);
      known.set(key, result);
    }
    if (result.type === 'undecided') undecidedKeys.push(key);
    if (result.type === 'violated') violations.push(result.violation);
  }
  const figures: CheckFigures = {
    operationCount: history.operations.length,
    keyCount: byKey.size,
    eventCount: history.eventCount,
    configurationCount: budget.visited,
  };
  const [first, ...others] = violations.sort((a, b) => a.position - b.position);
  if (first !== undefined) {
    return { ...figures, result: 'notLinearizable', violations: [first, ...others], undecidedKeys };
  }
  if (undecidedKeys.length > 0) return { ...figures, result: 'unknown', undecidedKeys };
  return { ...figures, result: 'linearizable' };
};
