import type { Demand, Footprint, Place } from '../footprint.ts';
import {
  type Compare,
  type Entry,
  entriesBefore,
  type Held,
  isIn,
  type Keys,
  type Told,
  type TxnOperation,
} from './txn-operation.ts';
import {
  comparesOf,
  isOneBranch,
  isSo,
  type PartTold,
  partsOf,
  type StoreState,
  type Watched,
} from './txn-state.ts';

/** What an operation reads and writes among `universe`, the keys that there are. The place null is the revision of the store. */
export const footprintOf = (
  operation: TxnOperation,
  told: Told | undefined,
  universe: readonly string[],
  watched: Watched,
): Footprint<Held | null> => {
  const footprint = new Footprints(universe, watched, isOneBranch(operation, told));
  for (const { keys } of comparesOf(operation, told)) footprint.read(keys);
  if (operation.f === 'txn') footprint.demandOf(operation.compares, told?.succeeded);
  for (const each of partsOf(operation, told)) footprint.perform(each);
  const { reads, writes } = footprint;
  if (watched.revisions && (writes.size > 0 || told?.revision !== undefined)) {
    reads.add(null);
    if (writes.size > 0) writes.add(null);
  }
  return footprint;
};

/** Grows part by part, in the order in which they are performed. */
class Footprints implements Footprint<Held | null> {
  readonly reads = new Set<Place>();
  readonly writes = new Set<Place>();
  readonly overwrites = new Set<Place>();
  readonly gives = new Map<Place, Set<Held | null>>();
  readonly demands = new Map<Place, Demand<Held | null>>();
  readonly #universe: readonly string[];
  readonly #watched: Watched;
  readonly #isOneBranch: boolean;

  constructor(universe: readonly string[], watched: Watched, isOneBranch: boolean) {
    this.#universe = universe;
    this.#watched = watched;
    this.#isOneBranch = isOneBranch;
  }

  read(keys: Keys): readonly string[] {
    const all = 'key' in keys ? [keys.key] : this.#universe.filter((key) => isIn(keys, key));
    for (const key of all) this.reads.add(key);
    return all;
  }

  /** What the compares of a transaction say of single keys, once it is known whether all of them hold. */
  demandOf(compares: readonly Compare[], succeeded: boolean | undefined): void {
    if (succeeded === undefined || (!succeeded && compares.length > 1)) return;
    for (const { keys, field, is, operand } of compares) {
      if (!('key' in keys)) continue;
      if (field === 'value')
        this.#demand(keys.key, (held) => (held !== null && isSo(held, is, operand)) === succeeded);
      // Whether there is a key shows without its version.
      else if (operand === 0)
        this.#demand(keys.key, (held) => isSo(held === null ? 0 : 1, is, 0) === succeeded);
    }
  }

  perform({ part, told = {} }: PartTold): void {
    switch (part.f) {
      case 'put': {
        const { previous } = told;
        const { versions, revisions } = this.#watched;
        if (previous !== undefined || versions || revisions) this.read({ key: part.key });
        if (previous !== undefined) this.#demandEntries([part.key], entriesBefore(told));
        this.#write(part.key, part.value);
        return;
      }
      case 'delete': {
        const { deleted, previous } = told;
        const keys = this.read(part.keys);
        if (deleted === undefined && previous === undefined && !this.#watched.revisions) {
          for (const key of keys) if (!this.demands.has(key)) this.reads.delete(key);
        }
        if (previous !== undefined) this.#demandEntries(keys, entriesBefore(told));
        if (deleted === 0) for (const key of keys) this.#demand(key, isNothing);
        if (deleted === 1 && keys.length === 1) this.#demand(keys[0]!, isSomething);
        for (const key of keys) this.#write(key, null);
        return;
      }
      case 'range': {
        const { pairs, count } = told;
        if (pairs === undefined && count === undefined) return;
        const keys = this.read(part.keys);
        if (pairs !== undefined && part.limit === null) this.#demandEntries(keys, pairs);
      }
    }
  }

  #write(key: string, value: Held | null): void {
    this.writes.add(key);
    if (this.#isOneBranch) this.overwrites.add(key);
    const given = this.gives.get(key);
    if (given === undefined) this.gives.set(key, new Set([value]));
    else given.add(value);
  }

  #demandEntries(keys: readonly string[], entries: readonly Entry[]): void {
    for (const key of keys) {
      const entry = entries.find((each) => each.key === key);
      if (entry === undefined) this.#demand(key, isNothing);
      else this.#demand(key, (held) => held !== null && (entry.value ?? held) === held);
    }
  }

  #demand(key: string, demand: Demand<Held | null>): void {
    // What it has written itself by then is no matter of the state before it.
    if (this.writes.has(key)) return;
    const other = this.demands.get(key);
    this.demands.set(key, other === undefined ? demand : (held) => other(held) && demand(held));
  }
}

const isNothing = (held: Held | null): boolean => held === null;
const isSomething = (held: Held | null): boolean => held !== null;

/** What a place holds. */
export const heldAt = ({ stored, revision }: StoreState, place: Place): Held | null =>
  place === null ? revision : (stored.get(place)?.value ?? null);
