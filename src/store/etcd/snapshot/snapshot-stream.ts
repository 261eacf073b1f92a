import { createHash } from 'node:crypto';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { EtcdStore } from '../etcd-store.ts';
import { OpenStream } from '../open-stream.ts';
import type { Header, Int64 } from '../wire-types.ts';
import { boltFile, boltFileBytes } from './bolt-file.ts';
import { bucketsOf, byRevision } from './stored-entries.ts';

interface SnapshotResponse {
  readonly header: Header;
  readonly remaining_bytes: Int64;
  readonly blob: Uint8Array;
}

/** A message holds about so much. */
const blobBytes = 32 * 1024;
const digestBytes = 32;

/** Sends the store of this node as a database of etcd: its keys and leases as of now, without their past, and then its SHA-256. No faster than its client reads. */
export const snapshotStream = async (
  call: ServerWritableStream<unknown, SnapshotResponse>,
  store: EtcdStore,
): Promise<void> => {
  await store.readable(true);
  const { kv, node } = store;
  const header = store.header();
  // As of now: neither map changes any more.
  const { map, revision } = kv.store;
  const leases = [...kv.leases.all];
  const index = node.status().lastApplied;
  const stream = new OpenStream(call as ServerWritableStream<never, SnapshotResponse>);
  const pairs = await inTurns(byRevision(map.pairs()));
  const digest = createHash('sha256');
  let left: number | null = null;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const send = async (): Promise<void> => {
    const blob = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    left! -= blob.length;
    await stream.write({ header, remaining_bytes: left!, blob });
    await turn();
  };
  for (const page of boltFile(bucketsOf({ pairs, leases, revision, index }))) {
    if (stream.closed.aborted) return;
    if (page.length === 0) {
      await turn();
      continue;
    }
    left ??= boltFileBytes(page) + digestBytes;
    digest.update(page);
    waiting.push(page);
    waitingBytes += page.length;
    if (waitingBytes >= blobBytes) await send();
  }
  waiting.push(digest.digest());
  await send();
};

const inTurns = async <Result>(steps: Generator<void, Result>): Promise<Result> => {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await turn();
  }
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
