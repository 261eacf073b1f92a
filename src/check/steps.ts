import type { Effect, Operation } from './operation.ts';

/** An operation as the checker sees it: one effect, at one moment of an interval. */
export interface Step {
  readonly operation: Operation;
  readonly effect: Effect;
  readonly invokedAt: number;
  /** By then it must have taken effect; Infinity if it never must (its outcome is not known). */
  readonly returnsAt: number;
}

/**
 * The steps of the history that ends with position `end`: what completes later is open, hence free to take effect
 * or not. Operations without any consequence are left out: failed ones (except a cas) and reads without a result.
 */
export const stepsOf = (operations: readonly Operation[], end: number): readonly Step[] => {
  const steps: Step[] = [];
  for (const operation of operations) {
    if (operation.invokedAt > end) break;
    const effect = effectAt(operation, end);
    if (effect === null) continue;
    const returnsAt = isOpenAt(operation, end) ? Number.POSITIVE_INFINITY : operation.completedAt;
    steps.push({ operation, effect, invokedAt: operation.invokedAt, returnsAt });
  }
  return steps;
};

const isOpenAt = ({ outcome, completedAt }: Operation, end: number): boolean =>
  outcome === 'info' || completedAt > end;

/** What is known at position `end` of what it did; null: nothing of any consequence. */
export const effectAt = (operation: Operation, end: number): Effect | null => {
  const { open, ended } = effectsOf(operation);
  return isOpenAt(operation, end) ? open : ended;
};

/** Those of an operation on a key that holds one value, unless they were told. */
export const effectsOf = (
  operation: Operation,
): { readonly open: Effect | null; readonly ended: Effect | null } =>
  operation.effects ?? { open: openEffect(operation), ended: effectOf(operation) };

const effectOf = (operation: Operation): Effect | null => {
  if (operation.existed !== null) return operation.existed ? { kind: 'remove' } : { kind: 'is', value: null };
  if (operation.outcome === 'ok') return successOf(operation);
  return operation.f === 'cas' ? { kind: 'isNot', value: operation.from } : null;
};

/** Whether a delete that is open here found anything, nobody knows yet. What need not happen and changes nothing may be left out. */
const openEffect = (operation: Operation): Effect | null => {
  if (operation.f === 'read') return null;
  const effect = successOf(operation);
  return effect.kind === 'is' ? null : effect;
};

const successOf = ({ f, value, from, to }: Operation): Effect => {
  switch (f) {
    case 'read':
      return { kind: 'is', value };
    case 'write':
      return { kind: 'set', to: value };
    case 'delete':
      return { kind: 'set', to: null };
    case 'append':
      return { kind: 'append', suffix: String(value) };
    case 'cas':
      return from === to ? { kind: 'is', value: from } : { kind: 'swap', from, to };
    default:
      throw new Error(`expected an operation on a key, not ${f}`);
  }
};
