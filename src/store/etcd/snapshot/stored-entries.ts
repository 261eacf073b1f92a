import type { Lease } from '../../kv/leases.ts';
import type { KeyValue, Revision } from '../../kv/revisioned-store.ts';
import type { Bucket, Entry } from './bolt-file.ts';

/*
 * What etcd 3.4 keeps in the buckets of its database: https://github.com/etcd-io/etcd, mvcc/kvstore.go, mvcc/revision.go and lease/lessor.go.
 *
 *   key     u64 revision  '_'  u64 place within it       mvccpb.KeyValue
 *   lease   u64 id                                       leasepb.Lease { int64 ID = 1; int64 TTL = 2; }
 *   meta    consistent_index: u64 index, finishedCompactRev: a revision as above
 *
 * These integers are big-endian.
 */

/** What a snapshot shows, as of one moment. */
export interface Shown {
  /** In the order of their revisions; see `byRevision`. */
  readonly pairs: readonly KeyValue[];
  readonly leases: readonly Lease[];
  readonly revision: Revision;
  readonly index: number;
}

export const bucketsOf = ({ pairs, leases, revision, index }: Shown): readonly Bucket[] =>
  [
    bucketOf('alarm', () => []),
    bucketOf('auth', () => []),
    bucketOf('authRoles', () => []),
    bucketOf('authUsers', () => []),
    bucketOf('cluster', () => []),
    bucketOf('key', () => keyEntries(pairs)),
    bucketOf('lease', () => leases.map(leaseEntry)),
    bucketOf('members', () => []),
    bucketOf('members_removed', () => []),
    bucketOf('meta', () => [
      entryOf(Buffer.from('consistent_index'), u64(index)),
      // What was before is not in it.
      entryOf(Buffer.from('finishedCompactRev'), revisionKey(revision, 0)),
    ]),
  ] as const;

/** Sorted in parts, so that others get their turn between two of what it yields. */
export function* byRevision(
  pairs: Iterable<readonly [string, KeyValue]>,
): Generator<void, readonly KeyValue[]> {
  const runs: KeyValue[][] = [];
  let run: KeyValue[] = [];
  for (const [, pair] of pairs) {
    if (run.push(pair) < runPairs) continue;
    runs.push(run.sort(isEarlier));
    run = [];
    yield;
  }
  runs.push(run.sort(isEarlier));
  while (runs.length > 1) {
    const merged: KeyValue[] = [];
    const [a, b] = runs.splice(0, 2) as [KeyValue[], KeyValue[]];
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      const takesFirst = j >= b.length || (i < a.length && isEarlier(a[i]!, b[j]!) <= 0);
      merged.push(takesFirst ? a[i++]! : b[j++]!);
      if (merged.length % (8 * runPairs) === 0) yield;
    }
    runs.push(merged);
  }
  return runs[0]!;
}

const runPairs = 4096;

/** Keys of one revision in their order: in which order a transaction wrote them is not known any more. */
const isEarlier = (a: KeyValue, b: KeyValue): number =>
  a.modRevision - b.modRevision || (a.key < b.key ? -1 : 1);

const bucketOf = (name: string, entries: () => Iterable<Entry>): Bucket => ({
  name: Buffer.from(name),
  entries,
});

const entryOf = (key: Uint8Array, value: Uint8Array): Entry => ({
  key,
  valueBytes: value.length,
  value: () => value,
});

function* keyEntries(pairs: readonly KeyValue[]): Generator<Entry> {
  let place = 0;
  let last = 0;
  for (const pair of pairs) {
    place = pair.modRevision === last ? place + 1 : 0;
    last = pair.modRevision;
    yield {
      key: revisionKey(pair.modRevision, place),
      valueBytes: pairBytes(pair),
      value: () => encodedPair(pair),
    };
  }
}

const leaseEntry = ({ id, ttlSeconds }: Lease): Entry => {
  const value = Buffer.concat([numberField(1, id), numberField(2, BigInt(ttlSeconds))]);
  return entryOf(u64(id), value);
};

const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

const revisionKey = (revision: Revision, place: number): Uint8Array =>
  Buffer.concat([u64(revision), Buffer.from('_'), u64(place)]);

/** mvccpb.KeyValue { bytes key = 1; int64 create_revision = 2; int64 mod_revision = 3; int64 version = 4; bytes value = 5; int64 lease = 6; } */
const encodedPair = (pair: KeyValue): Uint8Array =>
  Buffer.concat([
    bytesField(1, pair.key.length),
    Buffer.from(pair.key, 'latin1'),
    ...numbersOf(pair),
    ...(pair.value.length === 0 ? [] : [bytesField(5, pair.value.length), pair.value]),
    ...(pair.lease === 0n ? [] : [numberField(6, pair.lease)]),
  ]);

const pairBytes = (pair: KeyValue): number => {
  const { key, value, lease } = pair;
  const numbers = numbersOf(pair).reduce((sum, { length }) => sum + length, 0);
  const valueBytes = value.length === 0 ? 0 : bytesField(5, value.length).length + value.length;
  const leaseBytes = lease === 0n ? 0 : numberField(6, lease).length;
  return bytesField(1, key.length).length + key.length + numbers + valueBytes + leaseBytes;
};

const numbersOf = ({ createRevision, modRevision, version }: KeyValue): readonly Uint8Array[] =>
  [createRevision, modRevision, version].map((number, at) => numberField(at + 2, BigInt(number)));

/** Protocol Buffers, wire types 0 and 2. */
const numberField = (field: number, value: bigint): Uint8Array => Uint8Array.of(field << 3, ...varint(value));
/** Its head; `length` bytes follow. */
const bytesField = (field: number, length: number): Uint8Array =>
  Uint8Array.of((field << 3) | 2, ...varint(BigInt(length)));

const varint = (value: bigint): readonly number[] => {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
};
