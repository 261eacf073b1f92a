import { type Entry, entriesIn, type Told, type TxnOperation } from './txn-operation.ts';
import { partsOf } from './txn-state.ts';

interface Performed {
  readonly operation: TxnOperation;
  readonly told: Told | undefined;
}

/**
 * The operations, told also the revision that others have found at what they wrote. Only one operation can have written a value that no other one writes under that
 * key: then it was that one, and it happened. This spares trying every order of writes whose clients were not told their revisions.
 */
export const withSeenRevisions = <Item extends Performed>(items: readonly Item[]): readonly Item[] => {
  const seen = new Map<string, number>();
  for (const { told } of items) {
    for (const { key, value, modRevision } of entriesIn(told)) {
      if (value !== undefined && modRevision !== undefined) seen.set(nameOf({ key, value }), modRevision);
    }
  }
  const writers = new Map<string, number>();
  for (const item of items) for (const name of namesOf(item)) writers.set(name, (writers.get(name) ?? 0) + 1);
  return items.map((item) => {
    const name = namesOf(item).find((each) => writers.get(each) === 1 && seen.has(each));
    if (name === undefined || item.told?.revision !== undefined) return item;
    return { ...item, told: { ...item.told, revision: seen.get(name)! } };
  });
};

/** What it may have written. */
const namesOf = ({ operation, told }: Performed): readonly string[] => [
  ...new Set(partsOf(operation, told).flatMap(({ part }) => (part.f === 'put' ? [nameOf(part)] : []))),
];

const nameOf = ({ key, value }: Required<Pick<Entry, 'key' | 'value'>>): string =>
  JSON.stringify([key, value]);
