import { assert } from '../../raft/assert.ts';
import { isIn, type KeyRange, rangeOfKey } from './key-range.ts';
import { OrderedMap } from './ordered-map.ts';
import { PastView, type SortedPairs } from './past-view.ts';

/** A number that each change of the store raises by one: all changes of one transaction have the same. The empty store has 1, as etcd's has. */
export type Revision = number;

/** Of a store in which nothing has happened yet. */
export const firstRevision: Revision = 1;

/** What stands under a key. It belongs to the store and never changes. */
export interface KeyValue {
  /** The key's bytes, one character each; see `decodeCommand`. */
  readonly key: string;
  readonly value: Uint8Array;
  /** At which the key last came into being. */
  readonly createRevision: Revision;
  /** At which it was last written. */
  readonly modRevision: Revision;
  /** Writes since it came into being, from 1 on. */
  readonly version: number;
  /** The lease that it ends with; 0: none. */
  readonly lease: bigint;
}

/** What happened to a key. */
export interface KeyEvent {
  readonly key: string;
  /** Null: it was deleted. */
  readonly now: KeyValue | null;
  /** Null: there was none. */
  readonly before: KeyValue | null;
}

/** All that happened at one revision, in order; a key may be among it more than once. */
export interface Change {
  readonly revision: Revision;
  readonly events: readonly KeyEvent[];
}

/** Bytes that the past takes at most, about. The same on every node: a transaction may ask for the past. */
export const maxHistoryBytes = 32 * 1024 * 1024;

/** Which part of the past can be asked for. */
export type AtRevision =
  | { readonly type: 'found'; readonly map: SortedPairs<KeyValue> }
  /** It is kept no more. */
  | { readonly type: 'compacted' }
  /** It has not come yet. */
  | { readonly type: 'future' };

/** What was written to a key: a value, or null where it was deleted. */
export interface Written {
  readonly key: string;
  readonly now: Pick<KeyValue, 'value' | 'lease'> | null;
}

/** All that a store holds: what it was before the oldest change that is kept, and the changes since. */
export interface StoreState {
  readonly oldest: SortedPairs<KeyValue>;
  readonly changes: readonly Change[];
  /** After these changes. */
  readonly revision: Revision;
  readonly compactRevision: Revision;
}

/**
 * Keys and values with their revisions, and a part of the past: what the store was at each revision that is kept, and what happened there. A function of the
 * transactions that were made, so the same on every node. Revisions do not rise, and nothing of the past is kept, until they are begun.
 */
export class RevisionedStore {
  readonly #maxHistoryBytes: number;
  #map = OrderedMap.empty<KeyValue>();
  #isBegun = false;
  #revision = firstRevision;
  /** The past before this is forgotten because somebody asked for that. */
  #compactRevision: Revision = 0;
  /** By revision, one after the other without a gap, up to the present one; those before `#first` are forgotten. */
  #history: (Change | undefined)[] = [];
  #first = 0;
  #historyBytes = 0;
  /** Nothing is known of what was before revisions began; but there was nothing in an empty store. */
  #wasEmpty = true;

  /** What was asked for last, as long as it may be: what it was stays true, and the pages of a list ask again and again. */
  #past: { readonly revision: Revision; readonly view: PastView<KeyValue> } | null = null;

  constructor(historyBytes = maxHistoryBytes) {
    this.#maxHistoryBytes = historyBytes;
  }

  /** One whose revisions are not begun. */
  static before(map: OrderedMap<KeyValue>): RevisionedStore {
    const store = new RevisionedStore();
    store.#map = map;
    return store;
  }

  /** One that was `map` at `revision`, without what happened before. */
  static startingAt(
    map: OrderedMap<KeyValue>,
    { revision, compactRevision }: Pick<StoreState, 'revision' | 'compactRevision'>,
  ): RevisionedStore {
    const store = RevisionedStore.before(map);
    store.begin();
    store.#revision = revision;
    store.#compactRevision = compactRevision;
    return store;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get compactRevision(): Revision {
    return this.#compactRevision;
  }

  /** The oldest revision of which it is known what happened there: the next one, if nothing is. */
  get firstKept(): Revision {
    return this.#revision - (this.#history.length - this.#first) + 1;
  }

  get size(): number {
    return this.#map.size;
  }

  /** As of now. It stays as it is. */
  get map(): OrderedMap<KeyValue> {
    return this.#map;
  }

  /** Bytes of keys and values in the past that is kept, about. */
  get historyBytes(): number {
    return this.#historyBytes;
  }

  /** As of now, without what changes later. */
  get state(): StoreState {
    const changes = this.#history.slice(this.#first) as Change[];
    return {
      oldest: new PastView(this.#map, beforeAll(changes)),
      changes,
      revision: this.#revision,
      compactRevision: this.#compactRevision,
    };
  }

  /** Looks through all changes since, unless it was asked for this revision last. */
  at(revision: Revision): AtRevision {
    if (revision > this.#revision) return { type: 'future' };
    if (revision === this.#revision) return { type: 'found', map: this.#map };
    const { firstKept } = this;
    if (revision < firstKept - 1 || revision < this.#compactRevision) return { type: 'compacted' };
    if (this.#past?.revision !== revision) {
      const since = this.#history.slice(this.#first + revision + 1 - firstKept) as Change[];
      this.#past = { revision, view: new PastView(this.#map, beforeAll(since)) };
    }
    return { type: 'found', map: this.#past.view };
  }

  /** What happened from `revision` on, at most at `most` revisions; null: some of it is kept no more. */
  changesFrom(revision: Revision, most = Number.POSITIVE_INFINITY): readonly Change[] | null {
    // At the first revision, nothing happened to a store that was empty then.
    const from = Math.max(
      revision,
      this.#wasEmpty && this.firstKept === firstRevision + 1 ? this.firstKept : 0,
    );
    if (from > this.#revision) return [];
    if (revision < this.#compactRevision || from < this.firstKept) return null;
    const end = Math.min(this.#revision, from + most - 1);
    const changes: Change[] = [];
    for (let at = from; at <= end; at++) changes.push(this.#keptAt(at));
    return changes;
  }

  /** From now on revisions rise, and the past is kept. */
  begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#wasEmpty = this.#map.size === 0;
  }

  /** Makes one transaction. A `change` of null: it has changed nothing, or revisions are not begun, and there is no new revision. */
  transact<Result>(act: (transaction: Transaction) => Result): {
    readonly result: Result;
    readonly change: Change | null;
  } {
    const transaction = new Transaction(this.#map, this.#isBegun ? this.#revision + 1 : null);
    const result = act(transaction);
    const { events, map } = transaction;
    if (!this.#isBegun) this.#map = map;
    if (!this.#isBegun || events.length === 0) return { result, change: null };
    const change = { revision: this.#revision + 1, events };
    this.#add(change, map);
    return { result, change };
  }

  /** Makes a transaction again that is known by what it wrote. */
  replay(written: readonly Written[]): void {
    this.transact((transaction) => {
      for (const { key, now } of written) {
        if (now === null) transaction.deleteRange(rangeOfKey(key));
        else transaction.put(key, now.value, now.lease);
      }
    });
  }

  /** Forgets what was before `revision`. False: that is forgotten already, or has not come yet. */
  compact(revision: Revision): boolean {
    if (revision <= this.#compactRevision || revision > this.#revision) return false;
    this.#compactRevision = revision;
    while (this.firstKept < revision) this.#forgetOldest();
    if (this.#past !== null && this.#past.revision < revision) this.#past = null;
    return true;
  }

  /** Takes over all that `other` holds; `other` must not be used after that. */
  replace(other: RevisionedStore): void {
    this.#map = other.#map;
    this.#isBegun = other.#isBegun;
    this.#revision = other.#revision;
    this.#compactRevision = other.#compactRevision;
    this.#history = other.#history;
    this.#first = other.#first;
    this.#historyBytes = other.#historyBytes;
    this.#wasEmpty = other.#wasEmpty;
    this.#past = null;
  }

  #add(change: Change, map: OrderedMap<KeyValue>): void {
    this.#map = map;
    this.#revision = change.revision;
    this.#history.push(change);
    this.#historyBytes += bytesOf(change);
    // The last one stays, however large: who is up to date is told of it.
    while (this.#historyBytes > this.#maxHistoryBytes && this.#first < this.#history.length - 1)
      this.#forgetOldest();
  }

  #keptAt(revision: Revision): Change {
    const kept = this.#history[this.#first + revision - this.firstKept];
    assert(kept?.revision === revision, 'the past has no gap', kept?.revision, revision);
    return kept;
  }

  #forgetOldest(): void {
    this.#historyBytes -= bytesOf(this.#history[this.#first]!);
    this.#history[this.#first] = undefined;
    this.#first++;
    if (this.#past !== null && this.#past.revision < this.firstKept - 1) this.#past = null;
    // Now and then, so that forgetting takes a constant time.
    if (this.#first < 1024 || this.#first * 2 < this.#history.length) return;
    this.#history = this.#history.slice(this.#first);
    this.#first = 0;
  }
}

/** What stood under the keys before these changes, the first of each. */
const beforeAll = (changes: readonly Change[]): ReadonlyMap<string, KeyValue | null> => {
  const all = new Map<string, KeyValue | null>();
  for (const { events } of changes) {
    for (const { key, before } of events) if (!all.has(key)) all.set(key, before);
  }
  return all;
};

/** Reads what is written before. */
export class Transaction {
  readonly #revision: Revision | null;
  readonly #events: KeyEvent[] = [];
  readonly #before: OrderedMap<KeyValue>;
  #map: OrderedMap<KeyValue>;

  /** `revision`: null before revisions begin. Every key has come into being at the first one then, by one write: how often it was written before is not known to a node that has read an old snapshot. */
  constructor(map: OrderedMap<KeyValue>, revision: Revision | null) {
    this.#map = map;
    this.#before = map;
    this.#revision = revision;
  }

  get map(): OrderedMap<KeyValue> {
    return this.#map;
  }

  get events(): readonly KeyEvent[] {
    return this.#events;
  }

  /** Undoes all that it has done. */
  drop(): void {
    this.#map = this.#before;
    this.#events.length = 0;
  }

  /** `value` must not be a view into something larger that it would keep. Returns what was there. */
  put(key: string, value: Uint8Array, lease: bigint): KeyValue | null {
    const before = this.#map.get(key) ?? null;
    const now: KeyValue = {
      key,
      value,
      createRevision: before?.createRevision ?? this.#revision ?? firstRevision,
      modRevision: this.#revision ?? firstRevision,
      version: this.#revision === null ? 1 : (before?.version ?? 0) + 1,
      lease,
    };
    this.#map = this.#map.with(key, now);
    this.#events.push({ key, now, before });
    return before;
  }

  /** Returns what was there, in order. */
  deleteRange({ from, to }: KeyRange): readonly KeyValue[] {
    const found = [...this.#map.pairs(from, to)].map(([, kept]) => kept);
    for (const before of found) {
      this.#map = this.#map.without(before.key);
      this.#events.push({ key: before.key, now: null, before });
    }
    return found;
  }
}

/** The events of a change that are about keys in a range. */
export const eventsIn = ({ events }: Change, range: KeyRange): readonly KeyEvent[] =>
  events.filter(({ key }) => isIn(range, key));

/** What an engine takes for the objects of an event, about. */
export const eventBytes = 500;

/** What it keeps from being forgotten: what it has put there is in the store, or is what another event has replaced. */
const bytesOf = ({ events }: Change): number =>
  events.reduce((sum, { key, before }) => sum + eventBytes + key.length + (before?.value.length ?? 0), 0);
