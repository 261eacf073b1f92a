import { expect, it } from 'vitest';
import { createMemoryDisk, openMemory } from '../../src/adapters/storage/memory.ts';
import { Applier, defaultSliceLimits } from '../../src/node/applier.ts';
import { WaitingCommands } from '../../src/node/waiting-commands.ts';
import type { LogIndex } from '../../src/raft/types.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

const kibibyte = 1024;

/** An applier over commands of these sizes, each of which takes the state machine `applyMs`, and what it does. */
const applying = (sizes: readonly number[], applyMs = 0) => {
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
        clock.advance(applyMs);
      },
    },
    new WaitingCommands<void>(clock, limits, () => {}),
    clock,
    defaultSliceLimits,
    (index) => reported.push(index),
  );
  const run = () =>
    applier.run((error) => {
      throw error;
    });
  return { clock, applier, applied, reported, run };
};

/** Small ones before a large one, as many as two reads bring. */
const small = Array.from({ length: 300 }, () => 1);

it.each([
  ['in one read', [1, 2, 3, 4], [4]],
  ['each as large as a slice', [1024, 1024, 1024].map((size) => size * kibibyte), [1, 2, 3]],
  ['more than a read brings', [700, 700, 700, 700, 700].map((size) => size * kibibyte), [2, 4, 5]],
  ['small ones between large ones', [1, 2000, 1, 1, 900, 200, 1].map((size) => size * kibibyte), [2, 6, 7]],
  ['more of them than a read brings', [...small, 2000 * kibibyte, ...small], [301, 601]],
])('entries are applied once each and in order, in slices of 1 MiB: %s', (_, sizes, ends) => {
  const { clock, applier, applied, reported, run } = applying(sizes);
  applier.commit(sizes.length);
  run();
  clock.advance(0);
  expect(applied).toEqual(sizes.map((size, at) => ({ index: at + 1, first: (at + 1) % 256, size })));
  expect(applier.lastApplied).toBe(sizes.length);
  expect(reported).toEqual(ends);
});

it('a slice ends after 10 ms, however small its entries are: a slow state machine holds up no heartbeat', () => {
  const { clock, applier, reported, run } = applying([1, 1, 1, 1, 1, 1, 1], 4);
  applier.commit(7);
  run();
  expect(reported).toEqual([3]);
  clock.advance(100);
  expect(reported).toEqual([3, 6, 7]);
});

it('no entry is applied that is not committed', () => {
  const { clock, applier, applied, run } = applying([1, 1, 1, 1]);
  applier.commit(2);
  run();
  clock.advance(10);
  expect(applied.map(({ index }) => index)).toEqual([1, 2]);
  // What was said before stays so.
  applier.commit(1);
  run();
  expect(applied).toHaveLength(2);
});
