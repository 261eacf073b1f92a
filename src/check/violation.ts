import { Budget } from './budget.ts';
import type { Key, Operation, Value } from './history.ts';
import { linearize } from './linearize.ts';
import { type Step, stepsOf } from './steps.ts';

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
   * though `isComplete`: the others cannot be explained without it.
   */
  readonly possibleValues: { readonly values: readonly Value[]; readonly isComplete: boolean };
}

/** `operations` are those of one key; `position` as found by `shortestPrefix`. */
export const violationAt = (operations: readonly Operation[], position: number): Violation => {
  const operation = operations.find(({ completedAt }) => completedAt === position)!;
  const others = operations.filter((other) => other !== operation && other.invokedAt < position);
  const concurrent = others.filter(
    (other) =>
      (other.completedAt > operation.invokedAt || other.outcome === 'info') &&
      // A failed operation counts while it was open, where nobody could know.
      (other.outcome !== 'fail' || other.completedAt > position || other.f === 'cas') &&
      (other.outcome !== 'info' || other.f !== 'read'),
  );
  return {
    key: operation.key,
    position,
    operation,
    concurrent,
    possibleValues: possibleValues(others, operation, position),
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
): Violation['possibleValues'] => {
  const steps = stepsOf(others, position);
  const budget = new Budget(maxConfigurations);
  const candidates = candidateValues(others, operation, position);
  const values: Value[] = [];
  for (const value of candidates.slice(0, maxCandidates)) {
    const read: Step = {
      operation,
      effect: { kind: 'is', value },
      invokedAt: operation.invokedAt,
      returnsAt: position,
    };
    const result = linearize([...steps, read], budget);
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
): readonly Value[] => {
  // A write that was invoked after the end of another, and ended before the operation, hides that other.
  let hidingInvocation = 0;
  for (const { f, outcome, invokedAt, completedAt } of others) {
    const hides = outcome === 'ok' && (f === 'write' || f === 'delete') && completedAt < operation.invokedAt;
    if (hides && invokedAt > hidingInvocation) hidingInvocation = invokedAt;
  }
  const values = new Set<Value>(hidingInvocation === 0 ? [null] : []);
  const hasAppends = others.some(({ f }) => f === 'append');
  for (const other of others) {
    const isHidden = other.completedAt < hidingInvocation && other.outcome !== 'info';
    const isVoid = other.outcome === 'fail' && other.completedAt < position;
    if (isHidden || isVoid) continue;
    if (other.f === 'write') values.add(other.value);
    else if (other.f === 'delete') values.add(null);
    else if (other.f === 'cas') values.add(other.to);
  }
  if (hasAppends) addAppended(values, others, operation);
  return [...values].reverse();
};

/** With appends only what was read around the operation comes into question, and what was being appended to it. */
const addAppended = (values: Set<Value>, others: readonly Operation[], operation: Operation): void => {
  const read = others.flatMap(({ f, outcome, value }) => (f === 'read' && outcome === 'ok' ? [value] : []));
  const recent = read.slice(-4);
  const appended = others.filter(({ f, completedAt }) => f === 'append' && completedAt > operation.invokedAt);
  for (const value of recent) {
    values.add(value);
    for (const { value: suffix } of appended.slice(-4)) values.add(`${value ?? ''}${suffix}`);
  }
};
