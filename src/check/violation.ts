import { Budget } from './budget.ts';
import { linearize } from './linearize.ts';
import type { Key, Operation, Value } from './operation.ts';
import { effectAt, type Step, stepsOf } from './steps.ts';

export interface PossibleValues {
  readonly values: readonly Value[];
  readonly isComplete: boolean;
}

/** Why one key's history is not linearizable. */
export interface Violation {
  readonly key: Key;
  /** The history that ends with this event is not linearizable; every shorter one is. 1-based. */
  readonly position: number;
  /** The operation that completes there. */
  readonly operation: Operation;
  /** Those of the key that overlap `operation` in real time and may have taken effect, in order of invocation. */
  readonly concurrent: readonly Operation[];
  /**
   * Values that the key can have had at some moment of `operation`, by all the others up to `position`. None at all,
   * though `isComplete`: the others cannot be explained without it. Null where a model
   * has states in place of values.
   */
  readonly possibleValues: PossibleValues | null;
}

/** `operations` are those of one key; `position` as found by `shortestPrefix`. */
export const violationAt = (
  operations: readonly Operation[],
  position: number,
  initial: Value,
): Violation => {
  const operation = operations.find(({ completedAt }) => completedAt === position)!;
  const others = operations.filter((other) => other !== operation && other.invokedAt < position);
  // A failed operation counts while it was open, where nobody could know.
  const concurrent = others.filter(
    (other) =>
      (other.completedAt > operation.invokedAt || other.outcome === 'info') &&
      effectAt(other, position) !== null,
  );
  return {
    key: operation.key,
    position,
    operation,
    concurrent,
    possibleValues: possibleValues(others, operation, position, initial),
  };
};

/** Nobody would read more, and each of them is a search. */
const maxCandidates = 12;
/** All searches for an explanation together should take no more than about a second. */
const maxConfigurations = 300_000;

/** Tries a read of each value that comes into question in place of the operation. */
const possibleValues = (
  others: readonly Operation[],
  operation: Operation,
  position: number,
  initial: Value,
): PossibleValues => {
  const steps = stepsOf(others, position);
  const budget = new Budget(maxConfigurations);
  const candidates = candidateValues(others, operation, position, initial);
  const values: Value[] = [];
  for (const value of candidates.slice(0, maxCandidates)) {
    const read: Step = {
      operation,
      effect: { kind: 'is', value },
      invokedAt: operation.invokedAt,
      returnsAt: position,
    };
    const result = linearize([...steps, read], budget, initial);
    if (result.type === 'undecided') return { values, isComplete: false };
    if (result.type === 'possible') values.push(value);
  }
  return { values, isComplete: candidates.length <= maxCandidates };
};

/** Whatever was written and not certainly overwritten before the operation began, the latest first. */
const candidateValues = (
  others: readonly Operation[],
  operation: Operation,
  position: number,
  initial: Value,
): readonly Value[] => {
  // A write that was invoked after the end of another, and ended before the operation, hides that other.
  let hidingInvocation = 0;
  for (const other of others) {
    const kind = effectAt(other, position)?.kind;
    const hides = (kind === 'set' || kind === 'remove') && other.completedAt < operation.invokedAt;
    if (hides && other.outcome === 'ok') hidingInvocation = Math.max(hidingInvocation, other.invokedAt);
  }
  const values = new Set<Value>(hidingInvocation === 0 ? [initial] : []);
  const hasAppends = others.some((other) => effectAt(other, position)?.kind === 'append');
  for (const other of others) {
    const isHidden = other.completedAt < hidingInvocation && other.outcome !== 'info';
    const effect = effectAt(other, position);
    if (isHidden || effect === null) continue;
    if ('to' in effect) values.add(effect.to);
    else if (effect.kind === 'remove') values.add(null);
  }
  if (hasAppends) addAppended(values, others, operation, position);
  return [...values].reverse();
};

/** With appends only what was read around the operation comes into question, and what was being appended to it. */
const addAppended = (
  values: Set<Value>,
  others: readonly Operation[],
  operation: Operation,
  position: number,
): void => {
  const read = others.flatMap((other) => {
    const effect = effectAt(other, position);
    return effect?.kind === 'is' ? [effect.value] : [];
  });
  const recent = read.slice(-4);
  const appended = others.flatMap((other) => {
    const effect = effectAt(other, position);
    return effect?.kind === 'append' && other.completedAt > operation.invokedAt ? [effect.suffix] : [];
  });
  for (const value of recent) {
    values.add(value);
    for (const suffix of appended.slice(-4)) values.add(`${value ?? ''}${suffix}`);
  }
};
