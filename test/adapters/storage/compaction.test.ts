import { describe, expect, test } from 'vitest';
import { segmentNumberOf } from '../../../src/adapters/storage/wal/format.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { snapshotFileName } from '../../../src/adapters/storage/wal/snapshot-format.ts';
import { type Log, silentLog } from '../../../src/ports/log.ts';
import type { Storage, Write } from '../../../src/ports/storage.ts';
import type { Entry, HardState } from '../../../src/raft/types.ts';
import { type DiskImage, FakeDisk, imageAfterPowerLoss, lossModes, systemError } from './fake-disk.ts';
import { draws } from './script.ts';
import { closed, command, entryText, synced, visited } from './writes.ts';

const options = {
  directory: '/data',
  nodeId: 1,
  clusterId: 'test',
  segmentSizeBytes: 8192,
  cacheBytes: 1000,
  log: silentLog,
};
const configuration = Uint8Array.from([1, 2, 3]);
const segmentsOf = (disk: FakeDisk): readonly number[] =>
  [...disk.names.keys()]
    .map((path) => segmentNumberOf(path.slice('/data/'.length)))
    .filter((number) => number !== null)
    .sort((a, b) => a - b);

const filler = (index: number) => `entry ${index} `.padEnd(700, '.');
const appendUpTo = async (storage: Storage, from: number, to: number, term = 1) => {
  for (let index = from; index <= to; index++) {
    storage.append({
      hardState: { currentTerm: term, votedFor: 1 },
      firstIndex: index,
      entries: [command(term, filler(index))],
    });
    expect(await synced(storage)).toBeNull();
  }
};
/** Lets what goes on in the background be done. */
const settled = async () => {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
};

/** A log as it should be: `entries[0]` is the one after `base`. */
interface State {
  readonly hardState: HardState;
  readonly base: number;
  readonly baseTerm: number;
  readonly entries: readonly Entry[];
}

const termIn = ({ base, baseTerm, entries }: State, index: number): number =>
  index === base ? baseTerm : (entries[index - base - 1]?.term ?? 0);

const written = (state: State, { hardState, firstIndex, entries }: Write): State => ({
  ...state,
  hardState,
  entries:
    entries.length === 0
      ? state.entries
      : [...state.entries.slice(0, firstIndex - state.base - 1), ...entries],
});

const compacted = (state: State, index: number, term: number): State => {
  if (index <= state.base) return state;
  const entries = termIn(state, index) === term ? state.entries.slice(index - state.base) : [];
  return { ...state, base: index, baseTerm: term, entries };
};

const textOf = ({ hardState, base, baseTerm, entries }: State): string =>
  [`${JSON.stringify(hardState)} after ${base} (${baseTerm})`, ...entries.map(entryText)].join('\n');

/** A node's life on its disk: it appends, replaces, saves snapshots and compacts behind them, and is sent snapshots. */
const runLife = async (disk: FakeDisk, seed: number, steps: number) => {
  const draw = draws(seed);
  const upTo = (n: number) => Math.floor(draw() * n);
  const storage = await openWal(options, disk);
  let state: State = { hardState: { currentTerm: 1, votedFor: 1 }, base: 0, baseTerm: 0, entries: [] };
  let committed = 0;
  let resets = 0;
  const states: State[] = [{ ...state, hardState: { currentTerm: 0, votedFor: null } }];
  const marks: { operations: number; states: number; acknowledged: number; snapshot: number }[] = [];
  let acknowledged = 0;
  let snapshot = 0;
  const note = () =>
    marks.push({ operations: disk.operations.length, states: states.length - 1, acknowledged, snapshot });
  const sync = async () => {
    const covered = states.length - 1;
    note();
    expect(await synced(storage)).toBeNull();
    acknowledged = covered;
    note();
  };
  const take = (next: State) => {
    state = next;
    states.push(next);
    note();
  };
  for (let step = 0; step < steps; step++) {
    const { hardState, base, entries } = state;
    const last = base + entries.length;
    const kind = draw();
    if (kind < 0.65) {
      const isNew = draw() < 0.15;
      const currentTerm = hardState.currentTerm + (isNew ? 1 : 0);
      const votedFor = isNew ? (draw() < 0.5 ? 2 : null) : hardState.votedFor;
      // What is committed is never replaced.
      const back = Math.min(upTo(4), last - committed);
      const write = {
        hardState: { currentTerm, votedFor },
        firstIndex: last + 1 - (draw() < 0.3 ? back : 0),
        entries: Array.from({ length: 1 + upTo(3) }, (_, i) =>
          command(currentTerm, `${step}.${i}`.padEnd(4 + upTo(900), '+')),
        ),
      };
      storage.append(write);
      take(written(state, write));
      if (draw() < 0.6) await sync();
    } else if (kind < 0.9) {
      if (last === 0) continue;
      committed = Math.max(committed, base, last - upTo(4));
      if (committed <= snapshot || committed === 0) continue;
      const position = { index: committed, term: termIn(state, committed), configuration };
      note();
      await storage.snapshots.save(position, Buffer.from(`state as of ${committed}`));
      snapshot = committed;
      note();
      const index = Math.max(base, committed - upTo(6));
      const term = termIn(state, index);
      storage.compact(index, term);
      take(compacted(state, index, term));
      if (draw() < 0.5) await sync();
    } else {
      // Another node's snapshot of entries that this one never saw.
      const currentTerm = hardState.currentTerm + 1;
      const write = { hardState: { currentTerm, votedFor: null }, firstIndex: 0, entries: [] };
      storage.append(write);
      take(written(state, write));
      const index = Math.max(last - 1, committed + 1) + upTo(4);
      note();
      await storage.snapshots.save(
        { index, term: currentTerm, configuration },
        Buffer.from(`state as of ${index}`),
      );
      snapshot = index;
      committed = index;
      note();
      storage.compact(index, currentTerm);
      take(compacted(state, index, currentTerm));
      resets += 1;
      if (draw() < 0.5) await sync();
    }
  }
  await sync();
  await closed(storage);
  note();
  return { states, marks, resets };
};

describe('a write-ahead log that is compacted', () => {
  for (const seed of [1, 2, 3]) {
    test(`after a power loss at any disk operation is what was durable, from a snapshot on, seed ${seed}`, async () => {
      const disk = new FakeDisk();
      const { states, marks, resets } = await runLife(disk, seed, 90);
      expect(resets).toBeGreaterThan(2);
      expect(
        disk.operations.filter(
          ({ kind, ...rest }) => kind === 'remove' && JSON.stringify(rest).includes('wal-'),
        ).length,
      ).toBeGreaterThan(3);
      const draw = draws(seed);
      const blank: DiskImage = { names: new Map(), contents: new Map() };
      let kinds = 0;
      for (let count = 0; count <= disk.operations.length; count++) {
        const before = marks.findLast(({ operations }) => operations <= count);
        const after = marks.findLast(({ operations }) => operations <= count + 1);
        const mode = lossModes[count % lossModes.length]!;
        const where = `seed ${seed}, after operation ${count}, ${mode}`;
        const left = new FakeDisk(imageAfterPowerLoss(blank, disk.operations, count, mode, draw));
        const storage = await openWal(options, left).catch((error: unknown) => {
          throw new Error(`${where}: ${String(error)}`, { cause: error });
        });
        const { hardState, baseIndex, baseTerm, lastIndex } = storage.recovered;
        const { latest } = storage.snapshots;
        expect(latest?.index ?? 0, where).toBeGreaterThanOrEqual(before?.snapshot ?? 0);
        expect(baseIndex, where).toBeLessThanOrEqual(latest?.index ?? 0);
        const found: State = {
          hardState,
          base: baseIndex,
          baseTerm,
          entries: lastIndex === baseIndex ? [] : storage.read(baseIndex + 1, lastIndex, 1e9),
        };
        // Whatever could be durable, as it is behind the snapshot that is.
        const possible = states.slice(before?.acknowledged ?? 0, (after?.states ?? 0) + 1).map((state) => {
          if (latest === null) return state;
          const { index, term } = latest;
          const isLater = term > state.hardState.currentTerm;
          const voted = isLater ? { currentTerm: term, votedFor: null } : state.hardState;
          const joined =
            termIn(state, index) === term || index < state.base ? state : compacted(state, index, term);
          return { ...joined, hardState: voted };
        });
        const isFound = possible.some((state) => {
          const from = Math.max(state.base, found.base);
          const fromTerm = from === state.base ? state.baseTerm : found.baseTerm;
          return textOf(compacted(state, from, fromTerm)) === textOf(compacted(found, from, fromTerm));
        });
        if (!isFound)
          throw new Error(
            `${where}: recovered ${textOf(found)}; possible: ${possible.map(textOf).join('\n or ')}`,
          );
        kinds += baseIndex > 0 ? 1 : 0;

        // And it goes on from there, through another restart.
        const term = hardState.currentTerm + 1;
        storage.append({
          hardState: { currentTerm: term, votedFor: 3 },
          firstIndex: lastIndex + 1,
          entries: [command(term, 'on')],
        });
        expect(await synced(storage), where).toBeNull();
        await closed(storage);
        const again = await openWal(options, left);
        expect(again.recovered, where).toMatchObject({
          hardState: { currentTerm: term, votedFor: 3 },
          lastIndex: lastIndex + 1,
        });
        await closed(again);
        expect(left.openFileCount).toBe(0);
      }
      expect(kinds).toBeGreaterThan(50);
    }, 60_000);
  }

  test('gives back the segments that hold nothing else, once it is durable that they are not needed', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    await appendUpTo(storage, 1, 60);
    expect(segmentsOf(disk).length).toBeGreaterThan(6);
    await storage.snapshots.save({ index: 55, term: 1, configuration }, Buffer.from('state'));
    storage.compact(45, 1);
    await settled();
    expect(segmentsOf(disk)[0]).toBeGreaterThan(4);
    expect(storage.read(46, 60, 1e6).map(({ payload }) => String(payload))).toEqual(
      Array.from({ length: 15 }, (_, i) => filler(46 + i)),
    );
    await closed(storage);
    const again = await openWal(options, disk);
    expect(again.recovered).toMatchObject({ baseIndex: 45, baseTerm: 1, lastIndex: 60 });
    expect(visited(again)[0]).toEqual([46, 1, 700]);
    await closed(again);
  });

  test('an overwrite below where it begins leaves no ghost tail, and the vote is right (known bug 24)', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    // Entries 1 to 12 of term 1 fill the first segment; then another leader replaces all from 8 on, in the second.
    await appendUpTo(storage, 1, 12, 1);
    const second = Math.max(...segmentsOf(disk));
    storage.append({
      hardState: { currentTerm: 2, votedFor: 3 },
      firstIndex: 8,
      entries: [command(2, filler(8))],
    });
    expect(await synced(storage)).toBeNull();
    await appendUpTo(storage, 9, 11, 2).catch(() => {});
    await closed(storage);

    const reopened = await openWal(options, disk);
    const { lastIndex } = reopened.recovered;
    for (let index = lastIndex + 1; index <= 30; index++) {
      reopened.append({
        hardState: { currentTerm: 2, votedFor: 3 },
        firstIndex: index,
        entries: [command(2, filler(index))],
      });
      expect(await synced(reopened)).toBeNull();
    }
    await reopened.snapshots.save({ index: 20, term: 2, configuration }, Buffer.from('state'));
    reopened.compact(14, 2);
    await settled();
    expect(segmentsOf(disk)[0]).toBeGreaterThanOrEqual(Math.min(second, 2));
    await closed(reopened);

    const again = await openWal(options, disk);
    expect(again.recovered).toEqual({
      hardState: { currentTerm: 2, votedFor: 3 },
      baseIndex: 14,
      baseTerm: 2,
      lastIndex: 30,
    });
    expect(again.read(15, 30, 1e6).map(({ term, payload }) => `${term} ${payload}`)).toEqual(
      Array.from({ length: 16 }, (_, i) => `2 ${filler(15 + i)}`),
    );
    await closed(again);
  });

  test('a log whose snapshot is gone, or ends before the log begins, is refused and named', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    await appendUpTo(storage, 1, 60);
    await storage.snapshots.save({ index: 20, term: 1, configuration }, Buffer.from('old'));
    const old = disk.names.get(`/data/${snapshotFileName(20)}`)!;
    await storage.snapshots.save({ index: 55, term: 1, configuration }, Buffer.from('state'));
    storage.compact(50, 1);
    await settled();
    await closed(storage);

    const names = new Map(disk.names);
    names.delete(`/data/${snapshotFileName(55)}`);
    await expect(openWal(options, new FakeDisk({ names, contents: disk.contents }))).rejects.toThrow(
      /snapshot-0000000000000050\.snap: damaged at offset 0: the log begins after entry 50, but there is no snapshot: a snapshot is missing/,
    );
    names.set(`/data/${snapshotFileName(20)}`, old);
    await expect(openWal(options, new FakeDisk({ names, contents: disk.contents }))).rejects.toThrow(
      /the log begins after entry 50, but the snapshot ends at 20/,
    );
  });

  test('a segment that is still needed is missed, also when it is the first', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    await appendUpTo(storage, 1, 60);
    await storage.snapshots.save({ index: 55, term: 1, configuration }, Buffer.from('state'));
    storage.compact(40, 1);
    await settled();
    await closed(storage);
    const [first] = segmentsOf(disk);
    const name = [...disk.names.keys()].find(
      (path) => segmentNumberOf(path.slice('/data/'.length)) === first,
    )!;
    const names = new Map(disk.names);
    names.delete(name);
    await expect(openWal(options, new FakeDisk({ names, contents: disk.contents }))).rejects.toThrow(
      /this segment is missing/,
    );
  });

  test('segments that cannot be removed are reported, stop nothing, and go with the next compaction or start', async () => {
    const warnings: string[] = [];
    const log: Log = {
      ...silentLog,
      warn: (fields, message) => warnings.push(`${message}: ${fields.error}`),
    };
    const disk = new FakeDisk();
    const storage = await openWal({ ...options, log }, disk);
    await appendUpTo(storage, 1, 60);
    await storage.snapshots.save({ index: 55, term: 1, configuration }, Buffer.from('state'));
    const remove = disk.remove.bind(disk);
    disk.remove = async (path) =>
      path.includes('wal-') ? Promise.reject(systemError('EIO', 'unlink', path)) : remove(path);
    storage.compact(30, 1);
    await settled();
    expect(warnings).toEqual([expect.stringMatching(/^old segments could not be removed: EIO/)]);
    expect(segmentsOf(disk)[0]).toBe(1);
    await appendUpTo(storage, 61, 61);
    disk.remove = remove;
    storage.compact(30, 1);
    await settled();
    const [first] = segmentsOf(disk);
    expect(first).toBeGreaterThan(1);

    disk.remove = async (path) =>
      path.includes('wal-') ? Promise.reject(systemError('EIO', 'unlink', path)) : remove(path);
    storage.compact(50, 1);
    await settled();
    await closed(storage);
    disk.remove = remove;
    await closed(await openWal(options, disk));
    expect(segmentsOf(disk)[0]).toBeGreaterThan(first!);
  });

  test('holds a bounded part of the index in memory, however long it runs', async () => {
    const disk = new FakeDisk();
    const storage = await openWal({ ...options, segmentSizeBytes: 1024 * 1024 }, disk);
    const entries = Array.from({ length: 10_000 }, () => command(1, 'x'));
    for (let first = 1; first <= 50_000; first += entries.length) {
      storage.append({ hardState: { currentTerm: 1, votedFor: null }, firstIndex: first, entries });
      expect(await synced(storage)).toBeNull();
      const last = first + entries.length - 1;
      await storage.snapshots.save({ index: last, term: 1, configuration }, Buffer.from('state'));
      storage.compact(last - 100, 1);
      expect(visited(storage)).toHaveLength(100);
      expect(storage.read(last - 99, last, 1e6)).toHaveLength(100);
    }
    await settled();
    expect(segmentsOf(disk).length).toBeLessThan(4);
    await closed(storage);
    const again = await openWal({ ...options, segmentSizeBytes: 1024 * 1024 }, disk);
    expect(again.recovered.lastIndex).toBe(50_000);
    await closed(again);
  });
});
