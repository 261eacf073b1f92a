import { deepEqual } from 'fast-equals';
import type { Budget } from '../budget.ts';
import { excerpt } from '../excerpt.ts';
import { type FoundOrder, findOrder, type Interval } from '../find-order.ts';
import type { EndedItem } from '../moments.ts';
import type { Operation } from '../operation.ts';
import type { Pair } from '../pairs.ts';
import { type CheckOptions, type Verdict, verdictOfKeys } from '../verdict-of-keys.ts';
import type { Violation } from '../violation.ts';
import { type Model, UnusableModel } from './model.ts';
import { asked } from './model-of-module.ts';

/** An operation together with what a model is asked about it. */
export interface SteppedOperation extends Operation {
  readonly input: unknown;
  readonly output: unknown;
}

/** The operations of a history as a model sees them. Those that failed never happened, and are left out once they have. */
export const steppedOperations = (pairs: readonly Pair[], model: Model): readonly SteppedOperation[] =>
  pairs.map((pair) => {
    const { process, f, input, output, outcome, invokedAt, completedAt } = pair;
    const key = model.partition === undefined ? 'object' : asked('partition', () => model.partition!(input));
    if (typeof key !== 'string' && typeof key !== 'number') {
      throw new UnusableModel(`partition returned ${excerpt(key)}, not a string or a number`);
    }
    const text =
      model.describe === undefined
        ? `${excerpt(input, 60)}${outcome === 'ok' ? ` → ${excerpt(output, 60)}` : ''}`
        : String(asked('describe', () => model.describe!(input, output)));
    const none = { value: null, from: null, to: null, existed: null };
    return { process, f, key, ...none, outcome, invokedAt, completedAt, text, input, output };
  });

/**
 * Whether there is an order in the history that ends with a position, for a model of which more is known than its steps. It may say after which return there is none
 * any more, given all that is known at `end`.
 */
export type Decide = (operations: readonly SteppedOperation[], end: number, budget: Budget) => Decided;

export type Decided =
  | { readonly type: 'possible' | 'undecided' }
  | { readonly type: 'impossible'; readonly position: number | null };

/** Each is remembered, in some hundred bytes: with more the memory would be full, which ends the process. */
const maxConfigurations = 3_000_000;

/** Whether a model explains a history. Partitions are checked one by one, each by `findOrder`. Throws `UnusableModel`. */
export const checkStepped = (
  operations: readonly SteppedOperation[],
  eventCount: number,
  model: Model,
  options: CheckOptions,
  decide?: Decide,
): Verdict =>
  verdictOfKeys({ operations, eventCount }, new Map(), { maxConfigurations, ...options }, (ofKey, budget) => {
    const all = ofKey as readonly SteppedOperation[];
    const decidedAt = (end: number): Decided =>
      decide === undefined
        ? { type: orderAt(all, end, model, budget).type, position: null }
        : decide(all, end, budget);
    const whole = decidedAt(Number.POSITIVE_INFINITY);
    if (whole.type !== 'impossible')
      return { type: whole.type === 'possible' ? 'linearizable' : 'undecided' };
    // Prefixes of linearizable histories are linearizable, so bisect.
    const ends = possibleEnds(all, whole.position);
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { type } = decidedAt(ends[middle]!);
      if (type === 'undecided') return { type: 'undecided' };
      if (type === 'impossible') high = middle;
      else low = middle + 1;
    }
    return { type: 'violated', violation: violationOf(all, ends[low]!) };
  });

/**
 * Where the shortest prefix without an order may end. If that is `position` once everything is known, then there, or where something has ended
 * that was still open, and unknown, there.
 */
const possibleEnds = (
  operations: readonly SteppedOperation[],
  position: number | null,
): readonly number[] => {
  const ended = operations.filter(({ outcome }) => outcome !== 'info');
  const openThere = ended.filter(
    ({ invokedAt, completedAt }) => position !== null && invokedAt < position && completedAt >= position,
  );
  const last = Math.max(...openThere.map(({ completedAt }) => completedAt));
  const ends = ended.map(({ completedAt }) => completedAt).sort((a, b) => a - b);
  return position === null ? ends : ends.filter((end) => end >= position && end <= last);
};

const violationOf = (operations: readonly SteppedOperation[], position: number): Violation => {
  const operation = operations.find(({ completedAt }) => completedAt === position)!;
  const concurrent = operations.filter(
    (other) =>
      other !== operation &&
      other.invokedAt < position &&
      (other.completedAt > operation.invokedAt || other.outcome === 'info') &&
      (other.outcome !== 'fail' || other.completedAt > position),
  );
  return { key: operation.key, position, operation, concurrent, possibleValues: null };
};

/** An operation as far as it is known at some position. */
export interface KnownOperation extends EndedItem {
  readonly operation: SteppedOperation;
  /** Undefined: it has not returned. */
  readonly output: unknown;
}

/** Those of the history that ends with position `end` that took effect, or may have. */
export const operationsAt = (
  operations: readonly SteppedOperation[],
  end: number,
): readonly KnownOperation[] =>
  operations.flatMap((operation) => {
    const { outcome, invokedAt, completedAt } = operation;
    if (invokedAt > end) return [];
    if (outcome === 'info' || completedAt > end)
      return [{ operation, output: undefined, invokedAt, returnsAt: Number.POSITIVE_INFINITY }];
    if (outcome === 'fail') return [];
    return [{ operation, output: operation.output, invokedAt, returnsAt: completedAt }];
  });

export interface SteppedInterval extends KnownOperation, Interval {}

/** An order of the operations of one partition in the history that ends with position `end`, or the longest beginning of one. */
export const orderAt = (
  operations: readonly SteppedOperation[],
  end: number,
  model: Model,
  budget: Budget,
): FoundOrder<unknown, SteppedInterval> => {
  const intervals = operationsAt(operations, end).map((known) => ({
    ...known,
    doing: doingOf(known.operation.input, known.output),
  }));
  const { equal, isReadOnly } = model;
  return findOrder<unknown, SteppedInterval>(
    intervals,
    {
      initial: asked('init', () =>
        frozen(typeof model.init === 'function' ? (model.init as () => unknown)() : model.init),
      ),
      apply: (state, { operation, output }) => {
        // What it returns may fail as well, where it is looked at.
        return asked('step', () => {
          const next = model.step(state, operation.input, output);
          if (typeof next?.ok !== 'boolean')
            throw new UnusableModel(`step returned ${excerpt(next)}, not { ok, state }`);
          return next.ok ? { state: frozen(next.state) } : null;
        });
      },
      isEqual: (a, b) =>
        a === b || (equal === undefined ? deepEqual(a, b) : asked('equal', () => equal(a, b))),
      isReadOnly: ({ operation, output }) =>
        isReadOnly !== undefined && asked('isReadOnly', () => isReadOnly(operation.input, output)) === true,
    },
    budget,
  );
};

const doingOf = (input: unknown, output: unknown): string => `${exactText(input)} ${exactText(output)}`;

/** Different for different values: JSON has no word for some, and would write others as it writes a text. */
const exactText = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'string') return `"${part}`;
    const isPlain = typeof part !== 'bigint' && (typeof part !== 'number' || Number.isFinite(part));
    return isPlain ? part : `${typeof part} ${part}`;
  });

/** So that a model which changes a state that it was given throws, and does not answer wrongly. */
const frozen = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return ArrayBuffer.isView(value) ? value : Object.freeze(value);
};
