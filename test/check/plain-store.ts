import type { Fields } from './small-recordings.ts';

interface Pair {
  readonly value: number | string;
  readonly modRevision: number;
  readonly version: number;
}
export interface Store {
  readonly revision: number;
  readonly pairs: Readonly<Record<string, Pair>>;
}

export type Shown = readonly ('value' | 'modRevision' | 'version')[];

/** The store said a second time, as plainly as it can be: what each operation does by itself. */
export const performed = (store: Store, input: Fields, shown: Shown): { state: Store; result: Fields } => {
  const key = String(input.key);
  const keys =
    input.prefix === undefined
      ? [key]
      : Object.keys(store.pairs).filter((each) => each.startsWith(String(input.prefix)));
  const now = store.pairs[key];
  const revision = store.revision + 1;
  switch (input.f) {
    case 'range':
      return { state: store, result: { pairs: shownPairs(store, keys, shown) } };
    case 'put': {
      const pair = {
        value: input.value as Pair['value'],
        modRevision: revision,
        version: (now?.version ?? 0) + 1,
      };
      return { state: { revision, pairs: { ...store.pairs, [key]: pair } }, result: {} };
    }
    case 'delete': {
      const left = Object.entries(store.pairs).filter(([each]) => !keys.includes(each));
      const deleted = Object.keys(store.pairs).length - left.length;
      const state = deleted === 0 ? store : { revision, pairs: Object.fromEntries(left) };
      return { state, result: { deleted } };
    }
    default: {
      const succeeded = (input.compare as readonly Fields[]).every((compare) => isMet(store, compare));
      const parts = (succeeded ? input.success : input.failure) as readonly Fields[];
      let state = store;
      const results = parts.map((part) => {
        const done = performed(state, part, shown);
        // All that is written together has one revision.
        state = { ...done.state, revision: store.revision };
        return done.result;
      });
      const isChanged = state.pairs !== store.pairs;
      return { state: isChanged ? { ...state, revision } : store, result: { succeeded, results } };
    }
  }
};

const shownPairs = ({ pairs }: Store, keys: readonly string[], shown: Shown): readonly Fields[] =>
  keys.toSorted().flatMap((key) => {
    const pair = pairs[key];
    if (pair === undefined) return [];
    return [{ key, ...Object.fromEntries(shown.map((field) => [field, pair[field]])) }];
  });

const isMet = ({ pairs }: Store, compare: Fields): boolean => {
  const pair = pairs[String(compare.key)];
  if (compare.exists !== undefined) return (pair !== undefined) === compare.exists;
  if (compare.version !== undefined) return (pair?.version ?? 0) === compare.version;
  if (compare.modRevision !== undefined) return (pair?.modRevision ?? 0) < Number(compare.modRevision);
  return pair?.value === compare.value;
};
