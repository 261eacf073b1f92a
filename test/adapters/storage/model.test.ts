import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openJson } from '../../../src/adapters/storage/json/open-json.ts';
import { createMemoryDisk, openMemory } from '../../../src/adapters/storage/memory.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import type { Entry, HardState } from '../../../src/raft/types.ts';
import { FakeDisk } from './fake-disk.ts';
import { closed, contentsText, synced } from './writes.ts';

/** One thing that a node does to its storage; numbers are reduced to what is allowed at that point. */
type Step =
  | {
      readonly do: 'append';
      readonly newTerm: boolean;
      readonly vote: number;
      readonly back: number;
      readonly sizes: readonly number[];
    }
  | { readonly do: 'sync' }
  | { readonly do: 'reopen' }
  | { readonly do: 'compact'; readonly at: number; readonly behind: number; readonly reset: boolean }
  | { readonly do: 'read'; readonly from: number; readonly count: number; readonly maxBytes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      newTerm: fc.boolean(),
      vote: fc.nat(3),
      back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(6)),
      sizes: fc.array(fc.oneof(fc.nat(40), fc.nat(3000)), { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('sync' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('compact' as const),
      at: fc.nat(),
      behind: fc.nat(4),
      reset: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      from: fc.nat(),
      count: fc.nat(12),
      maxBytes: fc.nat(4000),
    }),
  },
);

/** An array, and nothing else: what each storage must amount to. `log[0]` is entry `base` + 1. */
interface Model {
  hardState: HardState;
  base: number;
  baseTerm: number;
  log: Entry[];
}

const runSteps = async (steps: readonly Step[], open: () => Promise<Storage>): Promise<void> => {
  const model: Model = { hardState: { currentTerm: 0, votedFor: null }, base: 0, baseTerm: 0, log: [] };
  let storage = await open();
  for (const [n, each] of steps.entries()) {
    if (each.do === 'append') {
      const { hardState, base, log } = model;
      const currentTerm = hardState.currentTerm + (each.newTerm || hardState.currentTerm === 0 ? 1 : 0);
      const kept = currentTerm === hardState.currentTerm ? hardState.votedFor : null;
      const votedFor = kept ?? (each.vote === 0 ? null : each.vote);
      // What a snapshot covers is committed, so nobody replaces it. Raft paper §5.4.3, Leader Completeness.
      const covered = storage.snapshots.latest?.index ?? 0;
      const firstIndex = Math.max(base + 1, covered + 1, base + log.length + 1 - each.back);
      const entries = each.sizes.map(
        (size, i): Entry => ({
          term: currentTerm,
          kind: size === 0 ? 'noop' : size % 3 === 1 ? 'configuration' : 'command',
          payload: Buffer.alloc(size, `${n}.${i};`),
        }),
      );
      model.hardState = { currentTerm, votedFor };
      if (entries.length > 0) model.log = [...log.slice(0, firstIndex - base - 1), ...entries];
      storage.append({
        hardState: model.hardState,
        firstIndex: entries.length === 0 ? 0 : firstIndex,
        entries,
      });
    } else if (each.do === 'sync') {
      expect(await synced(storage)).toBeNull();
    } else if (each.do === 'reopen') {
      expect(await synced(storage)).toBeNull();
      await closed(storage);
      storage = await open();
      // What was dropped may be there again.
      const { baseIndex, baseTerm, lastIndex } = storage.recovered;
      expect([baseIndex <= model.base, lastIndex]).toEqual([true, model.base + model.log.length]);
      expect(model.baseTerm).toBeGreaterThanOrEqual(baseTerm);
      storage.compact(model.base, model.baseTerm);
      const { base, log } = model;
      const read = log.length === 0 ? [] : storage.read(base + 1, base + log.length, Number.MAX_SAFE_INTEGER);
      expect(contentsText(storage.recovered.hardState, read)).toBe(contentsText(model.hardState, log));
    } else if (each.do === 'compact') {
      const { hardState, base, baseTerm, log } = model;
      const isReset = each.reset && hardState.currentTerm > 0;
      const index = isReset ? base + log.length + 1 + (each.at % 5) : base + (each.at % (log.length + 1));
      const term = isReset ? hardState.currentTerm : (log[index - base - 1]?.term ?? baseTerm);
      if (index <= (storage.snapshots.latest?.index ?? 0)) continue;
      await storage.snapshots.save(
        { index, term, configuration: Buffer.from('c') },
        Buffer.from(`state ${index}`),
      );
      const from = isReset ? index : Math.max(base, index - each.behind);
      const fromTerm = from === index ? term : (log[from - base - 1]?.term ?? baseTerm);
      storage.compact(from, fromTerm);
      Object.assign(model, { base: from, baseTerm: fromTerm, log: log.slice(from - base) });
    } else if (model.log.length > 0) {
      const { base } = model;
      const first = base + 1 + (each.from % model.log.length);
      const last = Math.min(base + model.log.length, first + each.count);
      const expected: Entry[] = [];
      let bytes = 0;
      for (const entry of model.log.slice(first - base - 1, last - base)) {
        bytes += entry.payload.length;
        if (expected.length > 0 && bytes > each.maxBytes) break;
        expected.push(entry);
      }
      expect(contentsText(model.hardState, storage.read(first, last, each.maxBytes))).toBe(
        contentsText(model.hardState, expected),
      );
    }
    const shape: [number, number, number, boolean][] = [];
    storage.visitEntries((...entry) => shape.push(entry));
    expect(shape).toEqual(
      model.log.map(({ kind, term, payload }, i) => [
        model.base + i + 1,
        term,
        payload.length,
        kind === 'configuration',
      ]),
    );
  }
  await closed(storage);
};

describe('a storage does what an array does', () => {
  const options = {
    directory: '/data',
    nodeId: 1,
    clusterId: 'test',
    segmentSizeBytes: 16384,
    log: silentLog,
  };

  test('the write-ahead log, with caches from none to ample', async () => {
    const cache = fc.constantFrom(0, 2000, 1_000_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), cache, async (steps, cacheBytes) => {
        const disk = new FakeDisk();
        await runSteps(steps, () => openWal({ ...options, cacheBytes }, disk));
        expect(disk.openFileCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  }, 20_000);

  test('the state of a node as JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const disk = new FakeDisk();
        await runSteps(steps, () => openJson(options, disk));
        expect(disk.openFileCount).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test('the storage in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const disk = createMemoryDisk();
        await runSteps(steps, async () => openMemory(disk));
      }),
      { numRuns: 100 },
    );
  });
});
