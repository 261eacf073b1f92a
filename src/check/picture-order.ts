import { Budget } from './budget.ts';
import { excerpt } from './excerpt.ts';
import { findOrder, type Interval } from './find-order.ts';
import { type Modelled, operationsOf } from './models/built-in.ts';
import { asked } from './models/model-of-module.ts';
import { orderAt } from './models/stepped.ts';
import type { Key, Operation, Value } from './operation.ts';
import { type Step, stepsOf } from './steps.ts';

export interface OrderedOperation {
  readonly operation: Operation;
  /** The state before and after it, in words. */
  readonly before: string;
  readonly after: string;
}

export interface PictureOrder {
  readonly operations: readonly Operation[];
  readonly order: readonly OrderedOperation[];
  /** False where `order` is the longest that was found before `maxConfigurations`, not one of all operations. */
  readonly isWhole: boolean;
}

/** Nobody waits for a picture for more than some seconds. */
const maxConfigurations = 1_000_000;

/** One order of the operations of a key in the history that ends with position `end`, with the states between them. */
export const pictureOrder = (meant: Modelled, key: Key, end: number): PictureOrder => {
  const operations = operationsOf(meant, key).filter(({ invokedAt }) => invokedAt <= end);
  const budget = new Budget(maxConfigurations);
  if (meant.kind === 'values') {
    const found = findOrder<Value, Step & Interval>(
      stepsOf(operations, end).map((step) => ({ ...step, doing: JSON.stringify(step.effect) })),
      {
        initial: meant.initial,
        apply: (state, { effect }) => applied(state, effect),
        isEqual: Object.is,
        isReadOnly: ({ effect }) => effect.kind === 'is' || effect.kind === 'isNot',
      },
      budget,
    );
    return {
      operations,
      order: found.order.map(({ item, before, after }) => ({
        operation: item.operation,
        before: meant.describeState(before),
        after: meant.describeState(after),
      })),
      isWhole: found.type === 'possible',
    };
  }
  const { model } = meant;
  const stepped = meant.operations.filter((each) => each.key === key);
  const found = orderAt(stepped, end, model, budget);
  const described = (state: unknown): string =>
    model.describeState === undefined
      ? excerpt(state, 120)
      : String(asked('describeState', () => model.describeState!(state)));
  return {
    operations,
    order: found.order.map(({ item, before, after }) => ({
      operation: item.operation,
      before: described(before),
      after: described(after),
    })),
    isWhole: found.type === 'possible',
  };
};

const applied = (state: Value, effect: Step['effect']): { readonly state: Value } | null => {
  switch (effect.kind) {
    case 'is':
      return state === effect.value ? { state } : null;
    case 'isNot':
      return state === effect.value ? null : { state };
    case 'set':
      return { state: effect.to };
    case 'remove':
      return state === null ? null : { state: null };
    case 'swap':
      return state === effect.from ? { state: effect.to } : null;
    case 'append':
      return { state: `${state ?? ''}${effect.suffix}` };
  }
};
