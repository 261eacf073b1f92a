import { OrderedMap } from './ordered-map.ts';

/** Keys that are deleted together, once nobody has said for a while that they are to stay. */
export interface Lease {
  /** Above 0, and below 2^63. */
  readonly id: bigint;
  readonly ttlSeconds: number;
  /** In log time: from then on it may be ended. */
  readonly endsMs: number;
}

/**
 * The leases of a store, on the log's time: a function of what was granted, renewed and revoked, so the same on every node. A lease that has come to its end stays until
 * it is revoked, which deletes its keys; `due` names those that are to be.
 */
export class Leases {
  #byId = OrderedMap.empty<Lease>();
  /** In the order in which they end. */
  #byEnd = OrderedMap.empty<bigint>();
  /** By lease, the keys that it has. A key has one lease at most. */
  readonly #keys = new Map<bigint, Set<string>>();

  get size(): number {
    return this.#byId.size;
  }

  has(id: bigint): boolean {
    return this.get(id) !== null;
  }

  get(id: bigint): Lease | null {
    return this.#byId.get(idKey(id)) ?? null;
  }

  /** In the order of their ids. */
  get all(): Iterable<Lease> {
    return valuesOf(this.#byId.pairs());
  }

  /** As of now, for a snapshot: it stays as it is. */
  get map(): OrderedMap<Lease> {
    return this.#byId;
  }

  /** In the order of the keys. */
  keysOf(id: bigint): readonly string[] {
    return [...(this.#keys.get(id) ?? [])].toSorted();
  }

  /** False: there is one with this id. */
  grant(id: bigint, ttlSeconds: number, nowMs: number): boolean {
    if (this.has(id)) return false;
    this.#put({ id, ttlSeconds, endsMs: nowMs + ttlSeconds * 1000 });
    return true;
  }

  /** Its time begins anew. False: there is no such lease. */
  renew(id: bigint, nowMs: number): boolean {
    const lease = this.get(id);
    if (lease === null) return false;
    this.#byEnd = this.#byEnd.without(endKey(lease));
    this.#put({ ...lease, endsMs: nowMs + lease.ttlSeconds * 1000 });
    return true;
  }

  /** Its keys, which are to be deleted now, in order; null: there is no such lease. */
  revoke(id: bigint): readonly string[] | null {
    const lease = this.get(id);
    if (lease === null) return null;
    const keys = this.keysOf(id);
    this.#byId = this.#byId.without(idKey(id));
    this.#byEnd = this.#byEnd.without(endKey(lease));
    this.#keys.delete(id);
    return keys;
  }

  /** A key belongs to the lease `to` now and not to `from`; 0: to none. */
  move(key: string, from: bigint, to: bigint): void {
    if (from === to) return;
    const left = this.#keys.get(from);
    left?.delete(key);
    if (left?.size === 0) this.#keys.delete(from);
    if (to === 0n) return;
    const keys = this.#keys.get(to);
    if (keys === undefined) this.#keys.set(to, new Set([key]));
    else keys.add(key);
  }

  /** Those whose time is over at `nowMs`, at most so many, the one that ended first before the others. */
  due(nowMs: number, most: number): readonly bigint[] {
    const ids: bigint[] = [];
    for (const [, id] of this.#byEnd.pairs('', fixed(nowMs + 1, msDigits))) {
      if (ids.length === most) break;
      ids.push(id);
    }
    return ids;
  }

  /** When the next one ends, in log time; null: there is none. */
  get nextEndMs(): number | null {
    for (const [, id] of this.#byEnd.pairs()) return this.get(id)!.endsMs;
    return null;
  }

  /** Takes over these, and which of these keys they have. */
  replace(leases: Iterable<Lease>, keys: Iterable<readonly [string, { readonly lease: bigint }]>): void {
    this.#byId = OrderedMap.empty();
    this.#byEnd = OrderedMap.empty();
    this.#keys.clear();
    for (const lease of leases) this.#put(lease);
    for (const [key, { lease }] of keys) this.move(key, 0n, lease);
  }

  #put(lease: Lease): void {
    this.#byId = this.#byId.with(idKey(lease.id), lease);
    this.#byEnd = this.#byEnd.with(endKey(lease), lease.id);
  }
}

/** Digits of base 16, so many that the order of texts is the order of numbers. */
const fixed = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0');

const idDigits = 16;
/** For 2^53 − 1. */
const msDigits = 14;

const idKey = (id: bigint): string => fixed(id, idDigits);
const endKey = ({ id, endsMs }: Lease): string => `${fixed(endsMs, msDigits)}${idKey(id)}`;

function* valuesOf<Value>(pairs: Iterable<readonly [string, Value]>): Iterable<Value> {
  for (const [, value] of pairs) yield value;
}
