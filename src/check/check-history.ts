import type { Budget } from './budget.ts';
import { type History, HistoryBuilder, type HistoryEvent } from './history.ts';
import type { Key, Operation } from './operation.ts';
import { shortestPrefix } from './shortest-prefix.ts';
import { type CheckOptions, type KeyResult, type Verdict, verdictOfKeys } from './verdict-of-keys.ts';
import { violationAt } from './violation.ts';

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

const verdictOf = (history: History, known: Map<Key, KeyResult>, options: CheckOptions): Verdict =>
  verdictOfKeys(history, known, options, (operations, budget) => checkKey(operations, budget, options));

const checkKey = (
  operations: readonly Operation[],
  budget: Budget,
  { initial = null }: CheckOptions,
): KeyResult => {
  const found = shortestPrefix(operations, budget, initial);
  if (found.type !== 'notLinearizable') return { type: found.type };
  return { type: 'violated', violation: violationAt(operations, found.position, initial) };
};
