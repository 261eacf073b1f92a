import { joined } from '../../adapters/codec/joined.ts';
import { LaterFormat } from '../../ports/state-machine.ts';
import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { type LogTime, logStart } from '../log-time.ts';
import type { Lease } from './leases.ts';
import { OrderedMap } from './ordered-map.ts';
import {
  firstRevision,
  type KeyValue,
  RevisionedStore,
  type StoreState,
  type Written,
} from './revisioned-store.ts';

/*
 * The bytes of a snapshot of the key-value store. Integers are big-endian.
 *
 * Before revisions begin:
 *
 *   u8 version, 1   u32 keys   then for each key: u16 keyBytes  u32 valueBytes  key  value
 *
 * After that:
 *
 *   u8 version, 2   u56 revision  u56 compactRevision  u56 nowMs  u8 hasStamp  u48 lastStampMs
 *
 *   u32 keys      for each, as it was before the changes that follow:
 *                 u16 keyBytes  u32 valueBytes  u56 create  u56 mod  u56 version  u64 lease  key  value
 *   u32 changes   for each: u32 events, and for each of these:
 *                 u8 isPut  u16 keyBytes  u32 valueBytes  u64 lease  key  value
 *   u32 leases    for each: u64 id  u56 ttlSeconds  u56 endsMs
 *
 * In the order of the keys, of time and of the ids: equal stores give equal bytes. The revision is that before the changes.
 */
const withoutRevisions = 1;
const withRevisions = 2;

/** How many bytes are written between two turns of the event loop; a larger value is a piece of its own. */
const pieceBytes = 64 * 1024;

/** All that a key-value store holds. */
export interface KvState {
  readonly isBegun: boolean;
  readonly state: StoreState;
  readonly time: LogTime;
  readonly leases: OrderedMap<Lease>;
}

/** The state as bytes. */
export function* writeKvSnapshot({ isBegun, state, time, leases }: KvState): Generator<Uint8Array, void> {
  let to = new ByteWriter(pieceBytes);
  /** What was written, if another `bytes` would be too many for one piece. */
  const full = (bytes: number): readonly Uint8Array[] => {
    if (to.length === 0 || to.length + bytes <= pieceBytes) return [];
    const { written } = to;
    to = new ByteWriter(pieceBytes);
    return [written];
  };
  to.u8(isBegun ? withRevisions : withoutRevisions);
  if (isBegun) {
    to.u56(state.revision - state.changes.length)
      .u56(state.compactRevision)
      .u56(time.nowMs)
      .u8(time.lastStampMs === null ? 0 : 1)
      .u48(time.lastStampMs ?? 0);
  }
  to.u32(state.oldest.size);
  for (const [, pair] of state.oldest.pairs()) {
    yield* full(pairHeadBytes + pair.key.length + pair.value.length);
    to.u16(pair.key.length).u32(pair.value.length);
    if (isBegun) to.u56(pair.createRevision).u56(pair.modRevision).u56(pair.version).u64(pair.lease);
    to.text(pair.key).rest(pair.value);
  }
  if (isBegun) {
    to.u32(state.changes.length);
    for (const { events } of state.changes) {
      yield* full(4);
      to.u32(events.length);
      for (const { key, now } of events) {
        const value = now?.value ?? noBytes;
        yield* full(eventHeadBytes + key.length + value.length);
        to.u8(now === null ? 0 : 1)
          .u16(key.length)
          .u32(value.length)
          .u64(now?.lease ?? 0n)
          .text(key)
          .rest(value);
      }
    }
    to.u32(leases.size);
    for (const [, { id, ttlSeconds, endsMs }] of leases.pairs()) {
      yield* full(leaseBytes);
      to.u64(id).u56(ttlSeconds).u56(endsMs);
    }
  }
  yield to.written;
}

const noBytes = new Uint8Array();
const countBytes = 4;
const revisionHeadBytes = 28;
const oldPairHeadBytes = 6;
const pairHeadBytes = 35;
const eventHeadBytes = 15;
const leaseBytes = 22;

/** What a snapshot holds. */
export interface ReadKvSnapshot {
  readonly store: RevisionedStore;
  readonly time: LogTime;
  readonly leases: readonly Lease[];
}

/** Reads a snapshot piece by piece, each in one turn of the event loop. Rejects if it is none. */
export const readKvSnapshot = async (pieces: AsyncIterable<Uint8Array>): Promise<ReadKvSnapshot> => {
  const parts = readParts();
  let wanted = parts.next(noBytes);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    waitingBytes += piece.length;
    if (wanted.done !== true && waitingBytes < wanted.value) continue;
    // Joined only when there is enough of it for the next part.
    const bytes = joined(waiting);
    let at = 0;
    while (wanted.done !== true && at + wanted.value <= bytes.length) {
      const part = bytes.subarray(at, at + wanted.value);
      at += wanted.value;
      wanted = parts.next(part);
    }
    waiting = at < bytes.length ? [bytes.subarray(at)] : [];
    waitingBytes = bytes.length - at;
  }
  if (wanted.done !== true) throw new Error('this is no snapshot of a key-value store: it ends too early');
  if (waitingBytes > 0)
    throw new Error('this is no snapshot of a key-value store: something follows its end');
  return wanted.value;
};

/** Asks for so many bytes, and is given them. */
type Parts<Result> = Generator<number, Result, Uint8Array>;

function* readParts(): Parts<ReadKvSnapshot> {
  const [version = 0] = yield 1;
  if (version === withoutRevisions) return yield* readOldParts();
  if (version > withRevisions)
    throw new LaterFormat(
      `the snapshot of the key-value store has version ${version}, this program reads versions ${withoutRevisions} and ${withRevisions}`,
    );
  if (version !== withRevisions)
    throw new Error(`this is no snapshot of a key-value store: it starts with ${version}`);
  const head = new ByteReader(yield revisionHeadBytes);
  const revision = head.u56();
  const compactRevision = head.u56();
  const nowMs = head.u56();
  const hasStamp = head.u8() === 1;
  const stampMs = head.u48();
  const oldest = yield* readOldest();
  const store = RevisionedStore.startingAt(oldest, { revision, compactRevision });
  for (let changes = yield* readCount(); changes > 0; changes--) {
    store.replay(yield* readEvents());
  }
  const leases: Lease[] = [];
  for (let left = yield* readCount(); left > 0; left--) {
    const from = new ByteReader(yield leaseBytes);
    leases.push({ id: from.u64(), ttlSeconds: from.u56(), endsMs: from.u56() });
  }
  return { store, time: { nowMs, lastStampMs: hasStamp ? stampMs : null }, leases };
}

/** Before revisions began. In the order that the version which wrote it had. */
function* readOldParts(): Parts<ReadKvSnapshot> {
  let map = OrderedMap.empty<KeyValue>();
  const keys = yield* readCount();
  for (let left = keys; left > 0; left--) {
    const head = new ByteReader(yield oldPairHeadBytes);
    const keyBytes = head.u16();
    const valueBytes = head.u32();
    const body = new ByteReader(yield keyBytes + valueBytes);
    const key = body.text(keyBytes);
    const value = body.own(valueBytes);
    map = map.with(key, {
      key,
      value,
      createRevision: firstRevision,
      modRevision: firstRevision,
      version: 1,
      lease: 0n,
    });
  }
  if (map.size !== keys)
    throw new Error(`a snapshot of ${keys} keys of a key-value store has only ${map.size} different ones`);
  return { store: RevisionedStore.before(map), time: logStart, leases: [] };
}

function* readOldest(): Parts<OrderedMap<KeyValue>> {
  const builder = OrderedMap.builder<KeyValue>();
  for (let left = yield* readCount(); left > 0; left--) {
    const head = new ByteReader(yield pairHeadBytes);
    const keyBytes = head.u16();
    const valueBytes = head.u32();
    const createRevision = head.u56();
    const modRevision = head.u56();
    const version = head.u56();
    const lease = head.u64();
    const body = new ByteReader(yield keyBytes + valueBytes);
    const key = body.text(keyBytes);
    builder.add(key, { key, value: body.own(valueBytes), createRevision, modRevision, version, lease });
  }
  return builder.end();
}

function* readEvents(): Parts<readonly Written[]> {
  const events: Written[] = [];
  for (let left = yield* readCount(); left > 0; left--) {
    const head = new ByteReader(yield eventHeadBytes);
    const isPut = head.u8() === 1;
    const keyBytes = head.u16();
    const valueBytes = head.u32();
    const lease = head.u64();
    const body = new ByteReader(yield keyBytes + valueBytes);
    const key = body.text(keyBytes);
    events.push({ key, now: isPut ? { value: body.own(valueBytes), lease } : null });
  }
  return events;
}

function* readCount(): Parts<number> {
  return new ByteReader(yield countBytes).u32();
}
