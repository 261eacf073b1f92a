import { expect, it } from 'vitest';
import { createMemoryDisk, openMemory } from '../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../src/adapters/transport/memory.ts';
import type { RaftNode } from '../../src/node/node.ts';
import { startNode } from '../../src/node/start-node.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { SnapshotStore } from '../../src/ports/snapshot-store.ts';
import type { SnapshotPieces } from '../../src/ports/state-machine.ts';
import { VirtualClock } from '../../src/simulate/virtual-clock.ts';
import { encodePut } from '../../src/store/kv/commands.ts';
import { type KvResult, KvStateMachine } from '../../src/store/kv/kv-state-machine.ts';

const clockOf = (virtual: VirtualClock): Clock => ({
  now: () => virtual.nowUs / 1000,
  setTimeout: (fn, delayMs) => virtual.schedule(delayMs * 1000, fn),
  clearTimeout: (id) => virtual.cancel(id as ReturnType<VirtualClock['schedule']>),
  defer: (fn) => {
    virtual.schedule(0, fn);
  },
});

const valueBytes = 100_000;
const valueAt = (at: number) => new Uint8Array(valueBytes).fill(at % 251);

/** What node `id` does instead with its snapshots. */
type Instead = (id: number, snapshots: SnapshotStore) => Partial<SnapshotStore>;

/** Three nodes in memory that take a snapshot every 20 entries, of about a megabyte. */
const startCluster = (instead: Instead = () => ({})) => {
  const virtual = new VirtualClock();
  const clock = clockOf(virtual);
  const network = new MemoryNetwork({ clock });
  const ids = [1, 2, 3];
  const disks = new Map(ids.map((id) => [id, createMemoryDisk()]));
  const stores = new Map<number, KvStateMachine>();
  const running = new Map<number, RaftNode<KvResult>>();
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const log = { ...silent, info: write, warn: write, error: write } as Log;
  const start = (id: number): void => {
    let seed = id;
    const kv = new KvStateMachine();
    const storage = openMemory(disks.get(id)!, clock.defer);
    const { snapshots } = storage;
    const replaced = instead(id, snapshots);
    stores.set(id, kv);
    running.set(
      id,
      startNode({
        id,
        peers: ids.filter((peer) => peer !== id),
        storage: {
          ...storage,
          snapshots: {
            get latest() {
              return snapshots.latest;
            },
            get receiving() {
              return snapshots.receiving;
            },
            read: () => snapshots.read(),
            save: (position, data) => snapshots.save(position, data),
            receive: (info, chunk) => snapshots.receive(info, chunk),
            install: (info) => snapshots.install(info),
            ...replaced,
          },
        },
        transport: network.transport(id),
        stateMachine: kv,
        clock,
        random: { uint32: () => (seed = Math.imul(seed + 1, 0x9e3779b1) >>> 0) },
        log,
        clusterId: 'snapshots',
        incarnation: `run-of-${id}-at-${virtual.nowUs}`,
        clientEndpoint: null,
        settings: { trailingEntries: 5 },
        limits: { snapshotEntries: 20 },
      }),
    );
  };
  for (const id of ids) start(id);
  /** Promises settle between two steps. */
  const until = async (isDone: () => boolean): Promise<void> => {
    const limitUs = virtual.nowUs + 60_000_000;
    while (!isDone() && virtual.runNext(limitUs)) await new Promise((resolve) => setImmediate(resolve));
    expect(isDone()).toBe(true);
  };
  const leader = () => [...running.values()].find((node) => node.status().role === 'leader');
  const put = async (from: number, to: number): Promise<void> => {
    await until(() => leader() !== undefined);
    let done = 0;
    for (let at = from; at < to; at++) {
      leader()!.submit(encodePut(`k${at % 10}`, valueAt(at)), ({ type }) => {
        expect(type).toBe('applied');
        done += 1;
      });
    }
    await until(() => done === to - from);
  };
  const stop = async (id: number): Promise<void> => {
    let isStopped = false;
    void running
      .get(id)!
      .stop()
      .then(() => {
        isStopped = true;
      });
    await until(() => isStopped);
    running.delete(id);
  };
  const follower = () => [...running.keys()].find((id) => running.get(id) !== leader())!;
  const statusOf = (id: number) => running.get(id)!.status();
  return {
    start,
    stop,
    put,
    until,
    follower,
    statusOf,
    leader,
    lines,
    disks,
    stores,
    count: () => running.size,
  };
};

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Stops a follower, compacts past it, starts it, and waits until it has all. */
const catchUp = async (cluster: ReturnType<typeof startCluster>): Promise<number> => {
  const { put, start, stop, until, follower, statusOf, leader, stores } = cluster;
  await put(0, 5);
  const late = follower();
  await stop(late);
  await put(5, 60);
  await until(() => leader()!.status().firstLogIndex > 10);
  start(late);
  await until(() => statusOf(late).lastApplied === leader()!.status().commitIndex);
  for (let at = 50; at < 60; at++) expect(stores.get(late)!.get(`k${at % 10}`)).toEqual(valueAt(at));
  return late;
};

it('a follower that was down long is sent the snapshot, and restarts from it (paper §7)', async () => {
  const cluster = startCluster();
  const late = await catchUp(cluster);
  const { index } = cluster.statusOf(late).snapshot!;
  expect(cluster.statusOf(late).firstLogIndex).toBeGreaterThan(10);
  expect(index).toBeGreaterThan(20);
  // What the chart has dropped goes from the disk with the next sync.
  await cluster.put(60, 61);
  for (const [id, disk] of cluster.disks) expect(disk.baseIndex).toBe(cluster.statusOf(id).firstLogIndex - 1);
  for (const id of cluster.disks.keys()) await cluster.stop(id);
  cluster.start(late);
  // What the snapshot stands for is committed, whoever else runs; the state machine has yet to take it.
  expect(cluster.statusOf(late)).toMatchObject({
    commitIndex: cluster.statusOf(late).snapshot!.index,
    lastApplied: 0,
  });
  await cluster.until(() => cluster.statusOf(late).lastApplied === cluster.statusOf(late).commitIndex);
  for (const id of cluster.disks.keys()) if (id !== late) cluster.start(id);
  await cluster.put(61, 62);
  await cluster.until(() => cluster.statusOf(late).lastApplied === cluster.leader()!.status().commitIndex);
  expect(cluster.stores.get(late)!.get('k9')).toEqual(valueAt(59));
});

it('a snapshot is let go of once it is sent, and when the node that sends it stops', async () => {
  const open = new Map([1, 2, 3].map((id) => [id, 0]));
  const count = (id: number, by: number) => open.set(id, open.get(id)! + by);
  const cluster = startCluster((id, snapshots) => ({
    read: () => {
      const reader = snapshots.read()!;
      count(id, 1);
      const release = () => {
        reader.release();
        count(id, -1);
      };
      return { ...reader, release };
    },
  }));
  const late = await catchUp(cluster);
  await cluster.until(() => [...open.values()].every((readers) => readers === 0));
  await cluster.stop(late);
  await cluster.put(60, 120);
  cluster.start(late);
  const { id } = cluster.leader()!.status();
  await cluster.until(() => open.get(id) === 1);
  await cluster.stop(id);
  expect(open.get(id)).toBe(0);
});

it('a chunk that is damaged on the way begins the snapshot again', async () => {
  let damaged = 0;
  const cluster = startCluster((_, snapshots) => ({
    receive: (info, chunk) => {
      const isLast = chunk.offset + chunk.bytes.length === info.sizeBytes;
      if (!isLast || damaged > 0) return snapshots.receive(info, chunk);
      damaged += 1;
      const bytes = Uint8Array.from(chunk.bytes);
      bytes[0]! ^= 1;
      return snapshots.receive(info, { ...chunk, bytes });
    },
  }));
  await catchUp(cluster);
  expect(damaged).toBe(1);
  expect(cluster.lines).toContain('a snapshot could not be received; it begins again');
});

it('a disk that is full stops no node: a snapshot that finds no room is received, and taken, later', async () => {
  let refused = 0;
  let unsaved = 0;
  const noRoom = 'ENOSPC: no space left on device';
  async function* untilFull(data: SnapshotPieces): AsyncGenerator<Uint8Array> {
    for await (const piece of data) {
      yield piece;
      throw new Error(noRoom);
    }
  }
  const cluster = startCluster((_, snapshots) => ({
    receive: (info, chunk) =>
      refused++ < 3 ? Promise.reject(new Error(noRoom)) : snapshots.receive(info, chunk),
    save: (position, data) =>
      snapshots.save(position, unsaved++ < 3 ? untilFull(data as SnapshotPieces) : data),
  }));
  await catchUp(cluster);
  expect(refused).toBeGreaterThan(3);
  expect(cluster.count()).toBe(3);
  expect(cluster.lines).not.toContain('the node stops');
  expect(cluster.lines).toContain(
    'a snapshot could not be saved; the log grows until one is, and it is tried again',
  );
});
