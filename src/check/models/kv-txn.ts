import { shortened } from '../excerpt.ts';
import { explain } from '../just-in-time.ts';
import type { Recording } from '../recording.ts';
import type { Model } from './model.ts';
import { type Decide, operationsAt, type SteppedOperation, steppedOperations } from './stepped.ts';
import { footprintOf, heldAt } from './txn-footprint.ts';
import {
  entriesIn,
  entryWords,
  isIn,
  type Keys,
  operationWords,
  ordered,
  type Told,
  type TxnOperation,
} from './txn-operation.ts';
import { type TxnPair, txnPairs } from './txn-reader.ts';
import { withSeenRevisions } from './txn-revisions.ts';
import { comparesOf, emptyStore, partsOf, type StoreState, stateAfter, type Watched } from './txn-state.ts';

export type TxnModel = Model<StoreState, TxnOperation, Told>;

export interface TxnHistory {
  readonly operations: readonly SteppedOperation[];
  readonly model: TxnModel;
  readonly decide: Decide;
}

/**
 * A store of several keys, with ranges and transactions: what it does, as etcd's documentation has it. Keys that some operation has to do with together are
 * one object, and keys that none connects are checked apart. Revisions count the writes of all keys: where anything tells of them, all keys are
 * one object. Throws `UnreadableHistory`.
 */
export const txnHistory = (recording: Recording): TxnHistory => {
  const pairs = txnPairs(recording);
  const universe = [...new Set(pairs.flatMap(keysNamedBy))].sort(ordered);
  const watched = watchedBy(pairs);
  const objects = objectsOf(pairs, universe, watched.revisions);
  const model = modelOf(watched, (input) => objects.nameOf(input));
  return {
    operations: steppedOperations(pairs, model as Model),
    model,
    decide: (operations, end, budget) => {
      const keys = objects.keysOf(operations[0]!.key);
      const items = operationsAt(operations, end).map(
        ({ operation: { input }, output, invokedAt, returnsAt }) => {
          const operation = input as TxnOperation;
          const isOpen = returnsAt === Number.POSITIVE_INFINITY;
          const told = isOpen ? soThatItChanges(operation) : (output as Told);
          return { operation, told, invokedAt, returnsAt };
        },
      );
      const decided = explain(
        watched.revisions ? withSeenRevisions(items) : items,
        {
          initial: emptyStore,
          apply: (state, { operation, told }) => stateAfter(state, operation, told, watched),
          keyOf: nameOfStates(keys),
          heldAt,
          footprintOf: ({ operation, told }) => footprintOf(operation, told, keys, watched),
          areDemandsAll: !watched.versions && !watched.revisions,
          isTooLate: ({ revision }, { told }) => told?.revision !== undefined && revision > told.revision,
          isReadOnly: ({ operation, told }) => changesNothing(operation, told),
        },
        budget,
      );
      if (decided.type !== 'impossible') return decided;
      // What was seen later tells of what happened before, so the shortest prefix may be a longer one.
      return { type: 'impossible', position: watched.revisions ? null : decided.position };
    },
  };
};

const modelOf = (watched: Watched, partition: (input: TxnOperation) => string): TxnModel => ({
  init: emptyStore,
  step: (state, operation, told) => {
    const after = stateAfter(state, operation, told, watched);
    return { ok: after !== null, state: after ?? state };
  },
  partition,
  isReadOnly: changesNothing,
  describe: operationWords,
  describeState: ({ stored }) => {
    const entries = [...stored].map(([key, { value, modRevision }]) =>
      entryWords({ key, value, ...(watched.revisions ? { modRevision } : {}) }),
    );
    return shortened(`{${entries.join(', ')}}`, 200);
  },
});

/** Whatever the state: it only reads, or was told that there was nothing to delete. */
const changesNothing = (operation: TxnOperation, told: Told | undefined): boolean =>
  partsOf(operation, told).every(
    ({ part, told: toldOfPart }) => part.f === 'range' || (part.f === 'delete' && toldOfPart?.deleted === 0),
  );

/** What an operation that nobody knows to have happened would tell if it has changed anything, as far as that is certain. */
const soThatItChanges = (operation: TxnOperation): Told | undefined => {
  if (operation.f !== 'txn' || operation.compares.length === 0) return undefined;
  const canChange = (parts: readonly TxnOperation[]) =>
    !parts.every((part) => changesNothing(part, undefined));
  const [whenMet, otherwise] = [canChange(operation.success), canChange(operation.failure)];
  return whenMet === otherwise ? undefined : { succeeded: whenMet };
};

/** A text for each state, the same for those that are equal. */
const nameOfStates = (keys: readonly string[]): ((state: StoreState) => string) => {
  const names = new WeakMap<StoreState, string>();
  return (state) => {
    const known = names.get(state);
    if (known !== undefined) return known;
    const parts = keys.map((key) => {
      const stored = state.stored.get(key);
      if (stored === undefined) return null;
      return [stored.value, stored.version, stored.createRevision, stored.modRevision];
    });
    const name = JSON.stringify([state.revision, parts]);
    names.set(state, name);
    return name;
  };
};

/** The objects of a history, by their keys. */
interface Objects {
  nameOf(input: TxnOperation): string;
  keysOf(name: string | number): readonly string[];
}

const objectsOf = (pairs: readonly TxnPair[], universe: readonly string[], areAllOne: boolean): Objects => {
  /** Each key's way to the first key of its object. */
  const towards = new Map(universe.map((key) => [key, key]));
  const firstOf = (key: string): string => {
    let first = key;
    while (towards.get(first) !== first) first = towards.get(first)!;
    towards.set(key, first);
    return first;
  };
  const join = (keys: readonly string[]): void => {
    for (const key of keys) towards.set(firstOf(key), firstOf(keys[0]!));
  };
  const touched = (input: TxnOperation): readonly string[] => [
    ...new Set(spansOf(input).flatMap((span) => keysIn(span, universe))),
  ];
  if (areAllOne) join(universe);
  for (const pair of pairs) join([...touched(pair.input), ...keysToldIn(pair.output)]);
  const names = new Map<string, string>();
  const keysByName = new Map<string, readonly string[]>();
  for (const [first, keys] of Map.groupBy(universe, firstOf)) {
    let name = nameOf(keys);
    while (keysByName.has(name)) name += ' (another)';
    names.set(first, name);
    keysByName.set(name, keys);
  }
  return {
    nameOf: (input) => {
      const [key] = areAllOne ? universe : touched(input);
      return key === undefined ? 'no key' : names.get(firstOf(key))!;
    },
    keysOf: (name) => keysByName.get(String(name)) ?? [],
  };
};

const nameOf = (keys: readonly string[]): string =>
  keys.length <= 5 ? keys.join(', ') : `${keys.slice(0, 4).join(', ')} and ${keys.length - 4} more`;

const keysIn = (keys: Keys, universe: readonly string[]): readonly string[] =>
  'key' in keys ? [keys.key] : universe.filter((key) => isIn(keys, key));

/** All keys and ranges that an operation names, whichever of its parts are performed. */
const spansOf = (input: TxnOperation): readonly Keys[] => [
  ...comparesOf(input, undefined).map(({ keys }) => keys),
  ...partsOf(input, undefined).map(({ part }) => (part.f === 'put' ? { key: part.key } : part.keys)),
];

const keysNamedBy = ({ input, output }: TxnPair): readonly string[] => [
  ...spansOf(input).flatMap((keys) => ('key' in keys ? [keys.key] : [])),
  ...keysToldIn(output),
];

const keysToldIn = (told: Told | undefined): readonly string[] => entriesIn(told).map(({ key }) => key);

/** What anybody was told of, or compared. */
const watchedBy = (pairs: readonly TxnPair[]): Watched => {
  const entries = pairs.flatMap(({ output }) => entriesIn(output));
  const compares = pairs.flatMap(({ input }) => comparesOf(input, undefined));
  return {
    versions:
      entries.some(({ version }) => version !== undefined) ||
      // Whether there is a key at all shows without counting.
      compares.some(({ field, is, operand }) => field === 'version' && (operand !== 0 || is === '<')),
    revisions:
      pairs.some(({ output }) => output?.revision !== undefined) ||
      entries.some((entry) => entry.createRevision !== undefined || entry.modRevision !== undefined) ||
      compares.some(({ field }) => field === 'createRevision' || field === 'modRevision'),
  };
};
