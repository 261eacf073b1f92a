import { assert } from '../../raft/assert.ts';
import { isIn, type KeyRange } from './key-range.ts';
import { OrderedMap } from './ordered-map.ts';

/** A number that each change of the store raises by one: all changes of one transaction have the same. The empty store has 1, as etcd's has. */
export type Revision = number;

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
  /** In log time. */
  readonly atMs: number;
  readonly events: readonly KeyEvent[];
}

/** How much of the past is kept. Each must be the same on every node. */
export interface HistoryLimits {
  /** Revisions that are kept, however old they are. */
  readonly revisions: number;
  /** Younger ones than this are kept as well, however many there are. */
  readonly ageMs: number;
  /** Bytes of keys and values in what is kept, at most: it goes before both. */
  readonly maxBytes: number;
}

export const defaultHistoryLimits: HistoryLimits = {
  revisions: 10_000,
  ageMs: 5 * 60_000,
  maxBytes: 64 * 1024 * 1024,
};

/** Which part of the past can be asked for. */
export type AtRevision =
  | { readonly type: 'found'; readonly map: OrderedMap<KeyValue> }
  /** It is kept no more. */
  | { readonly type: 'compacted' }
  /** It has not come yet. */
  | { readonly type: 'future' };

interface Kept {
  readonly change: Change;
  readonly map: OrderedMap<KeyValue>;
  readonly bytes: number;
}

/** What a store is made of, apart from its past. */
export interface StoreState {
  readonly map: OrderedMap<KeyValue>;
  readonly revision: Revision;
  readonly compactRevision: Revision;
}

/**
 * Keys and values with their revisions, and a part of the past: what the store was at each revision that is kept, and what happened there. A function of the
 * transactions that were made, so the same on every node.
 */
export class RevisionedStore {
  readonly #limits: HistoryLimits;
  #map = OrderedMap.empty<KeyValue>();
  #revision: Revision = 1;
  /** The past before this is forgotten because somebody asked for that. */
  #compactRevision: Revision = 0;
  /** By revision, one after the other without a gap, up to the present one; those before `#first` are forgotten. */
  #history: (Kept | undefined)[] = [];
  #first = 0;
  #historyBytes = 0;
  /** Before the oldest change that is kept. */
  #oldest = this.#map;

  constructor(limits: HistoryLimits = defaultHistoryLimits) {
    this.#limits = limits;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get compactRevision(): Revision {
    return this.#compactRevision;
  }

  get size(): number {
    return this.#map.size;
  }

  /** As of now. It stays as it is. */
  get map(): OrderedMap<KeyValue> {
    return this.#map;
  }

  /** Bytes of keys and values in the past that is kept. */
  get historyBytes(): number {
    return this.#historyBytes;
  }

  get state(): StoreState {
    return { map: this.#map, revision: this.#revision, compactRevision: this.#compactRevision };
  }

  at(revision: Revision): AtRevision {
    if (revision > this.#revision) return { type: 'future' };
    if (revision === this.#revision) return { type: 'found', map: this.#map };
    const firstKept = this.#firstKept;
    if (revision < firstKept - 1 || revision < this.#compactRevision) return { type: 'compacted' };
    const map = revision === firstKept - 1 ? this.#oldest : this.#keptAt(revision).map;
    return { type: 'found', map };
  }

  /** What happened from `revision` on; null: some of it is kept no more. */
  changesFrom(revision: Revision): readonly Change[] | null {
    if (revision > this.#revision) return [];
    if (revision < this.#compactRevision || revision < this.#firstKept) return null;
    const changes: Change[] = [];
    for (let at = revision; at <= this.#revision; at++) changes.push(this.#keptAt(at).change);
    return changes;
  }

  /** Makes one transaction, at the log's time `nowMs`. A `change` of null: it has changed nothing, and there is no new revision. */
  transact<Result>(
    nowMs: number,
    act: (transaction: Transaction) => Result,
  ): { readonly result: Result; readonly change: Change | null } {
    const transaction = new Transaction(this.#map, this.#revision + 1);
    const result = act(transaction);
    const { events } = transaction;
    if (events.length === 0) {
      this.#forget(nowMs);
      return { result, change: null };
    }
    const change = { revision: this.#revision + 1, atMs: nowMs, events };
    this.#map = transaction.map;
    this.#revision = change.revision;
    this.#keep({ change, map: this.#map, bytes: bytesOf(events) });
    this.#forget(nowMs);
    return { result, change };
  }

  /** Forgets what was before `revision`. False: that is forgotten already, or has not come yet. */
  compact(revision: Revision): boolean {
    if (revision <= this.#compactRevision || revision > this.#revision) return false;
    this.#compactRevision = revision;
    while (this.#firstKept < revision) this.#forgetOldest();
    return true;
  }

  /** Takes over the state of another store, and `changes` as the latest part of its past. */
  replace({ map, revision, compactRevision }: StoreState, changes: readonly Change[]): void {
    this.#map = map;
    this.#revision = revision;
    this.#compactRevision = compactRevision;
    this.#history = [];
    this.#first = 0;
    this.#historyBytes = 0;
    // Backwards from the present: what each change has left behind is what was before the next.
    let after = map;
    const kept: Kept[] = [];
    for (const change of changes.toReversed()) {
      kept.push({ change, map: after, bytes: bytesOf(change.events) });
      after = undone(after, change);
    }
    this.#oldest = after;
    for (const each of kept.toReversed()) this.#keep(each);
  }

  get #firstKept(): Revision {
    return this.#revision - (this.#history.length - this.#first) + 1;
  }

  #keptAt(revision: Revision): Kept {
    const kept = this.#history[this.#first + revision - this.#firstKept];
    assert(kept?.change.revision === revision, 'the past has no gap', kept?.change.revision, revision);
    return kept;
  }

  #keep(kept: Kept): void {
    this.#history.push(kept);
    this.#historyBytes += kept.bytes;
  }

  #forget(nowMs: number): void {
    const { revisions, ageMs, maxBytes } = this.#limits;
    for (let oldest = this.#history[this.#first]; oldest !== undefined; oldest = this.#history[this.#first]) {
      const isRecent = this.#history.length - this.#first <= revisions || nowMs - oldest.change.atMs < ageMs;
      if (isRecent && this.#historyBytes <= maxBytes) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const { map, bytes } = this.#history[this.#first]!;
    this.#oldest = map;
    this.#historyBytes -= bytes;
    this.#history[this.#first] = undefined;
    this.#first++;
    // Now and then, so that forgetting takes a constant time.
    if (this.#first < 1024 || this.#first * 2 < this.#history.length) return;
    this.#history = this.#history.slice(this.#first);
    this.#first = 0;
  }
}

/** Reads what is written before. */
export class Transaction {
  readonly #revision: Revision;
  readonly #events: KeyEvent[] = [];
  #map: OrderedMap<KeyValue>;

  constructor(map: OrderedMap<KeyValue>, revision: Revision) {
    this.#map = map;
    this.#revision = revision;
  }

  get map(): OrderedMap<KeyValue> {
    return this.#map;
  }

  get events(): readonly KeyEvent[] {
    return this.#events;
  }

  /** `value` must not be a view into something larger that it would keep. Returns what was there. */
  put(key: string, value: Uint8Array, lease: bigint): KeyValue | null {
    const before = this.#map.get(key) ?? null;
    const now: KeyValue = {
      key,
      value,
      createRevision: before?.createRevision ?? this.#revision,
      modRevision: this.#revision,
      version: (before?.version ?? 0) + 1,
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

const undone = (map: OrderedMap<KeyValue>, { events }: Change): OrderedMap<KeyValue> =>
  events.reduceRight(
    (after, { key, before }) => (before === null ? after.without(key) : after.with(key, before)),
    map,
  );

/** For what is replaced, and for what takes its place in the list of changes. */
const eventBytes = 200;

const bytesOf = (events: readonly KeyEvent[]): number =>
  events.reduce(
    (sum, { key, now, before }) =>
      sum + eventBytes + key.length + (now?.value.length ?? 0) + (before?.value.length ?? 0),
    0,
  );
