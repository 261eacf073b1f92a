import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryDisk, openMemory } from '../../../src/adapters/storage/memory.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import type { Entry, HardState } from '../../../src/raft/types.ts';
import { FakeDisk } from './fake-disk.ts';
import { closed, contentsOf, contentsText, synced } from './writes.ts';

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
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      from: fc.nat(),
      count: fc.nat(12),
      maxBytes: fc.nat(4000),
    }),
  },
);

/** An array, and nothing else: what each storage must amount to. */
interface Model {
  hardState: HardState;
  log: Entry[];
}

const runSteps = async (steps: readonly Step[], open: () => Promise<Storage>): Promise<void> => {
  const model: Model = { hardState: { currentTerm: 0, votedFor: null }, log: [] };
  let storage = await open();
  for (const [n, each] of steps.entries()) {
    if (each.do === 'append') {
      const { hardState, log } = model;
      const currentTerm = hardState.currentTerm + (each.newTerm || hardState.currentTerm === 0 ? 1 : 0);
      const kept = currentTerm === hardState.currentTerm ? hardState.votedFor : null;
      const votedFor = kept ?? (each.vote === 0 ? null : each.vote);
      const firstIndex = Math.max(1, log.length + 1 - each.back);
      const entries = each.sizes.map(
        (size, i): Entry => ({
          term: currentTerm,
          kind: size === 0 ? 'noop' : 'command',
          payload: Buffer.alloc(size, `${n}.${i};`),
        }),
      );
      model.hardState = { currentTerm, votedFor };
      if (entries.length > 0) model.log = [...log.slice(0, firstIndex - 1), ...entries];
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
      expect(contentsOf(storage)).toBe(contentsText(model.hardState, model.log));
    } else if (model.log.length > 0) {
      const first = 1 + (each.from % model.log.length);
      const last = Math.min(model.log.length, first + each.count);
      const expected: Entry[] = [];
      let bytes = 0;
      for (const entry of model.log.slice(first - 1, last)) {
        bytes += entry.payload.length;
        if (expected.length > 0 && bytes > each.maxBytes) break;
        expected.push(entry);
      }
      expect(contentsText(model.hardState, storage.read(first, last, each.maxBytes))).toBe(
        contentsText(model.hardState, expected),
      );
    }
    const shape: [number, number, number][] = [];
    storage.visitEntries((index, term, payloadBytes) => shape.push([index, term, payloadBytes]));
    expect(shape).toEqual(model.log.map(({ term, payload }, i) => [i + 1, term, payload.length]));
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
