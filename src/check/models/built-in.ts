import { checkHistory } from '../check-history.ts';
import type { History } from '../history.ts';
import type { Key, Operation, Value } from '../operation.ts';
import { pairsOf } from '../pairs.ts';
import type { Recording } from '../recording.ts';
import type { CheckOptions, Verdict } from '../verdict-of-keys.ts';
import { canHaveGrown } from './growing-set.ts';
import { keyValueHistory, registerHistory } from './key-value.ts';
import { txnHistory } from './kv-txn.ts';
import { listAppendHistory, listText } from './list-append.ts';
import { lockHistory } from './lock.ts';
import type { Model } from './model.ts';
import { operationOnElement, setModelOf, setPairs } from './set.ts';
import { checkStepped, type Decide, type SteppedOperation, steppedOperations } from './stepped.ts';

/** A history that a model has given a meaning. */
export type Modelled =
  /** Each key holds one value, and each operation has an effect on it. */
  | {
      readonly kind: 'values';
      readonly history: History;
      readonly initial: Value;
      readonly describeState: (state: Value) => string;
    }
  /** A model is asked, step by step. */
  | {
      readonly kind: 'steps';
      readonly operations: readonly SteppedOperation[];
      readonly eventCount: number;
      readonly model: Model;
      readonly decide?: Decide;
    };

export type ModelName = 'kv' | 'register' | 'set' | 'list-append' | 'lock' | 'kv-txn';

type Meaning = (recording: Recording, initial: Value) => Modelled;

const ofValues =
  (historyOf: (recording: Recording) => History, describeState: (state: Value) => string): Meaning =>
  (recording, initial) => ({ kind: 'values', history: historyOf(recording), initial, describeState });

const asJson = (state: Value): string => JSON.stringify(state);

const setMeaning: Meaning = (recording) => {
  const pairs = setPairs(recording);
  const eventCount = recording.events.length;
  if (pairs.some(({ input }) => input.f === 'read')) {
    const model = setModelOf(pairs) as Model;
    const canShrink = pairs.some(({ input }) => input.f === 'remove');
    const decide: Decide = (operations, end) => ({
      type: canHaveGrown(operations, end) ? 'possible' : 'impossible',
      position: null,
    });
    const operations = steppedOperations(pairs, model);
    return { kind: 'steps', operations, eventCount, model, ...(canShrink ? {} : { decide }) };
  }
  const history = { operations: pairs.map(operationOnElement), eventCount };
  return {
    kind: 'values',
    history,
    initial: null,
    describeState: (state) => (state === true ? 'in' : 'out'),
  };
};

const txnMeaning: Meaning = (recording) => {
  const { operations, model, decide } = txnHistory(recording);
  return { kind: 'steps', operations, eventCount: recording.events.length, model: model as Model, decide };
};

const meanings: Readonly<Record<ModelName, Meaning>> = {
  kv: ofValues(keyValueHistory, asJson),
  register: ofValues(registerHistory, asJson),
  set: setMeaning,
  'list-append': (recording) => ofValues(listAppendHistory, listText)(recording, ''),
  lock: ofValues(lockHistory, (state) => (state === null ? 'free' : 'held')),
  'kv-txn': txnMeaning,
};

export const modelNames = Object.keys(meanings) as readonly ModelName[];

/** What a recording means by a model. Throws `UnreadableHistory`, or `UnusableModel`. */
export const modelled = (
  recording: Recording,
  model: ModelName | Model,
  initial: Value = recording.initial ?? null,
): Modelled => {
  if (typeof model === 'string') return meanings[model](recording, initial);
  const operations = steppedOperations(pairsOf(recording.events), model);
  return { kind: 'steps', operations, eventCount: recording.events.length, model };
};

/** Throws `UnusableModel`. */
export const checkModelled = (meant: Modelled, options: Omit<CheckOptions, 'initial'> = {}): Verdict =>
  meant.kind === 'values'
    ? checkHistory(meant.history, { ...options, initial: meant.initial })
    : checkStepped(meant.operations, meant.eventCount, meant.model, options, meant.decide);

export const operationsOf = (meant: Modelled, key: Key): readonly Operation[] =>
  (meant.kind === 'values' ? meant.history.operations : meant.operations).filter((each) => each.key === key);
