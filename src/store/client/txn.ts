import type { Fields } from './answers.ts';
import { base64Of } from './base64.ts';
import { type Keys, type KeyValuePair, pairIn } from './key-value.ts';

/** What must hold of a key, or of each key of a range. An absent key has 0 for all numbers, and its value equals nothing. `is` defaults to `equal`. */
export type Condition = Keys &
  (
    | { readonly version: number }
    | { readonly createRevision: number }
    | { readonly modRevision: number }
    | { readonly value: string | Uint8Array }
  ) & { readonly is?: 'equal' | 'not_equal' | 'greater' | 'less' };

/** A step of a transaction. Keys that are put end with `lease`. `limit`: pairs at most, from 1 to 1000. */
export type TxnStep =
  | { readonly put: string; readonly value: string | Uint8Array; readonly lease?: string }
  | { readonly delete: Keys }
  | { readonly range: Keys; readonly limit?: number; readonly keysOnly?: boolean };

/** Does `do` where all of `when` hold, and `else` otherwise, step by step; each step sees what those before it wrote. At most 128 steps and 128 conditions. docs/http-api-v2.md, Transactions */
export interface Txn {
  readonly when?: readonly Condition[];
  readonly do?: readonly TxnStep[];
  readonly else?: readonly TxnStep[];
}

/** What a step did. */
export type TxnStepResult =
  | { readonly type: 'put' }
  | { readonly type: 'delete'; readonly deleted: number }
  | {
      readonly type: 'range';
      readonly pairs: readonly KeyValuePair[];
      readonly count: number;
      readonly more: boolean;
    };

export interface TxnResult {
  /** Whether all of `when` held. */
  readonly succeeded: boolean;
  /** Of the steps that were taken, in order. */
  readonly results: readonly TxnStepResult[];
  /** The store's revision after it. */
  readonly revision: number;
}

/** The body of a request for it. */
export const txnBody = ({ when = [], do: steps = [], else: otherwise = [] }: Txn): string =>
  JSON.stringify({
    compare: when.map(conditionBody),
    success: steps.map(stepBody),
    failure: otherwise.map(stepBody),
  });

const valueBody = (value: string | Uint8Array): object =>
  typeof value === 'string' ? { value_text: value } : { value: base64Of(value) };

const conditionBody = (condition: Condition): object => {
  const { is: result = 'equal' } = condition;
  const keys = keysBody(condition);
  if ('value' in condition) return { ...keys, target: 'value', result, ...valueBody(condition.value) };
  if ('version' in condition) return { ...keys, target: 'version', result, number: condition.version };
  if ('createRevision' in condition)
    return { ...keys, target: 'create', result, number: condition.createRevision };
  return { ...keys, target: 'mod', result, number: condition.modRevision };
};

const stepBody = (step: TxnStep): object => {
  if ('put' in step)
    return {
      type: 'put',
      key: step.put,
      ...valueBody(step.value),
      ...(step.lease === undefined ? {} : { lease: step.lease }),
    };
  if ('delete' in step) return { type: 'delete', ...keysBody(step.delete) };
  const { limit, keysOnly } = step;
  return {
    type: 'range',
    ...keysBody(step.range),
    ...(limit === undefined ? {} : { limit }),
    ...(keysOnly === undefined ? {} : { keys_only: keysOnly }),
  };
};

const keysBody = (keys: Keys): object => {
  if ('key' in keys) return { key: keys.key };
  if ('prefix' in keys) return { prefix: keys.prefix };
  return { from: keys.from, ...(keys.to === undefined ? {} : { to: keys.to }) };
};

export const txnResultIn = (body: Fields): TxnResult => ({
  succeeded: body.succeeded === true,
  results: (body.results as readonly Fields[]).map(stepResultIn),
  revision: Number(body.revision),
});

const stepResultIn = (fields: Fields): TxnStepResult => {
  switch (fields.type) {
    case 'put':
      return { type: 'put' };
    case 'delete':
      return { type: 'delete', deleted: Number(fields.deleted) };
    default: {
      const pairs = (fields.kvs as readonly Fields[]).map(pairIn);
      return { type: 'range', pairs, count: Number(fields.count), more: fields.more === true };
    }
  }
};
