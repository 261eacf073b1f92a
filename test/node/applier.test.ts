import { expect, it } from 'vitest';
import { createMemoryDisk, openMemory } from '../../src/adapters/storage/memory.ts';
import { Applier } from '../../src/node/applier.ts';
import { WaitingCommands } from '../../src/node/waiting-commands.ts';
import type { LogIndex } from '../../src/raft/types.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

const kibibyte = 1024;

/** An applier over commands of these sizes, in slices of so many entries, and what it does. */
const applying = (sizes: readonly number[], sliceEntries: number) => {
  const clock = new VirtualClock();
  const entries = sizes.map((size, at) => ({
    term: 1,
    kind: 'command' as const,
    payload: new Uint8Array(size).fill(at + 1),
  }));
  const applied: { index: LogIndex; first: number | undefined; size: number }[] = [];
  const reported: LogIndex[] = [];
  const limits = { maxCommands: 10, maxBytes: 1000, maxCommandBytes: 100, timeoutMs: 5000 };
  const applier = new Applier(
    openMemory({ ...createMemoryDisk(), entries }),
    {
      apply: (command, { index }) => {
        applied.push({ index, first: command[0], size: command.length });
      },
    },
    new WaitingCommands<void>(clock, limits, () => {}),
    clock,
    sliceEntries,
    (index) => reported.push(index),
  );
  const run = () =>
    applier.run((error) => {
      throw error;
    });
  return { clock, applier, applied, reported, run };
};

it.each([
  ['in one read', [1, 2, 3, 4], 10],
  ['of which each fills a read of 1 MiB', [1024, 1024, 1024, 1024].map((size) => size * kibibyte), 10],
  ['more than one read brings', [700, 700, 700, 700, 700].map((size) => size * kibibyte), 10],
  ['small ones between large ones', [1, 2000 * kibibyte, 1, 1, 900 * kibibyte, 200 * kibibyte, 1], 5],
  ['in slices of two', [700, 700, 700, 700, 700].map((size) => size * kibibyte), 2],
])('entries are applied once each and in order: %s', (_, sizes, sliceEntries) => {
  const { clock, applier, applied, reported, run } = applying(sizes, sliceEntries);
  applier.commit(sizes.length);
  run();
  clock.advance(0);
  expect(applied).toEqual(sizes.map((size, at) => ({ index: at + 1, first: at + 1, size })));
  expect(applier.lastApplied).toBe(sizes.length);
  const ends = sizes
    .map((_size, at) => at + 1)
    .filter((end) => end % sliceEntries === 0 || end === sizes.length);
  expect(reported).toEqual(ends);
});

it('no entry is applied that is not committed', () => {
  const { clock, applier, applied, run } = applying([1, 1, 1, 1], 10);
  applier.commit(2);
  run();
  clock.advance(10);
  expect(applied.map(({ index }) => index)).toEqual([1, 2]);
  // What was said before stays so.
  applier.commit(1);
  run();
  expect(applied).toHaveLength(2);
});
