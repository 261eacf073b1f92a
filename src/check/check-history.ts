import { Budget } from './budget.ts';
import { type History, HistoryBuilder, type HistoryEvent } from './history.ts';
import type { Key, Operation, Value } from './operation.ts';
import { shortestPrefix } from './shortest-prefix.ts';
import { type Violation, violationAt } from './violation.ts';

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

/**
 * Whether one order of all operations, in agreement with real time, explains all results. Keys are checked one by
 * one: linearizability is local (Herlihy & Wing, "Linearizability" (1990), §3.1). Semantics: docs/histories.md
 */
export const checkHistory = (history: History, options: CheckOptions = {}): Verdict =>
  verdictOf(history, new Map(), options);

/** Checks a history that is still growing. Only keys with new events are checked again. */
export class GrowingHistory {
  readonly #builder = new HistoryBuilder();
  readonly #results = new Map<Key, KeyResult>();
  readonly #keyOfProcess = new Map<HistoryEvent['process'], Key>();

  /** Throws `UnreadableHistory` if `event` cannot follow those before it. */
  add(event: HistoryEvent): void {
    this.#builder.add(event);
    const key = event.key ?? this.#keyOfProcess.get(event.process)!;
    this.#keyOfProcess.set(event.process, key);
    // A violation stays one, at the same event, whatever follows.
    if (this.#results.get(key)?.type !== 'violated') this.#results.delete(key);
  }

  /** The verdict on all events so far. Operations not yet completed are open. */
  check(options: CheckOptions = {}): Verdict {
    return verdictOf(this.#builder.history(), this.#results, options);
  }
}

type KeyResult =
  | { readonly type: 'linearizable' | 'undecided' }
  | { readonly type: 'violated'; readonly violation: Violation };

/** `known` has the results of some keys, and gets those of the others. */
const verdictOf = (
  history: History,
  known: Map<Key, KeyResult>,
  { maxConfigurations, initial = null }: CheckOptions,
): Verdict => {
  const budget = new Budget(maxConfigurations);
  const violations: Violation[] = [];
  const undecidedKeys: Key[] = [];
  const byKey = Map.groupBy(history.operations, ({ key }) => key);
  for (const [key, operations] of byKey) {
    let result = known.get(key);
    if (result === undefined || result.type === 'undecided') {
      result = checkKey(operations, budget, initial);
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

const checkKey = (operations: readonly Operation[], budget: Budget, initial: Value): KeyResult => {
  const found = shortestPrefix(operations, budget, initial);
  if (found.type !== 'notLinearizable') return { type: found.type };
  return { type: 'violated', violation: violationAt(operations, found.position, initial) };
};
