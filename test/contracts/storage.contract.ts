import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Storage, Write } from '../../src/ports/storage.ts';
import type { Entry, HardState } from '../../src/raft/types.ts';
import { closed, command, noop, synced, visited } from '../adapters/storage/writes.ts';

/** Something that a storage can be opened on again and again. */
export interface Medium {
  open(): Promise<Storage>;
  dispose(): Promise<void>;
}

const hardState = (currentTerm: number, votedFor: number | null = null): HardState => ({
  currentTerm,
  votedFor,
});
const write = (state: HardState, firstIndex = 0, entries: readonly Entry[] = []): Write => ({
  hardState: state,
  firstIndex,
  entries,
});

/** What src/ports/storage.ts promises, whatever the adapter. */
export const storageContract = (name: string, createMedium: () => Promise<Medium>): void => {
  describe(`${name} keeps the contract of Storage`, () => {
    let medium: Medium;
    let storage: Storage;
    beforeEach(async () => {
      medium = await createMedium();
      storage = await medium.open();
    });
    afterEach(async () => {
      await closed(storage);
      await medium.dispose();
    });
    const reopen = async () => {
      await closed(storage);
      storage = await medium.open();
    };
    const append = async (...writes: readonly Write[]) => {
      for (const each of writes) storage.append(each);
      expect(await synced(storage)).toBeNull();
    };

    const expectRecovered = (state: HardState, baseIndex: number, baseTerm: number, lastIndex: number) =>
      expect(storage.recovered).toEqual({ hardState: state, baseIndex, baseTerm, lastIndex });

    test('a new storage is empty: term 0, no vote, no entry', () => {
      expectRecovered(hardState(0), 0, 0, 0);
      expect(visited(storage)).toEqual([]);
    });

    test('what was synced is there when it is opened again', async () => {
      await append(write(hardState(1, 2), 1, [noop(1), command(1, 'a')]), write(hardState(3, 1)));
      await reopen();
      expectRecovered(hardState(3, 1), 0, 0, 2);
      expect(visited(storage)).toEqual([
        [1, 1, 0],
        [2, 1, 1],
      ]);
      expect(storage.read(1, 2, 100)).toEqual([noop(1), command(1, 'a')]);
    });

    test('a vote alone is durable (known bug 1: the vote was durable before the reply)', async () => {
      await append(write(hardState(7)));
      await append(write(hardState(7, 3)));
      await reopen();
      expect(storage.recovered.hardState).toEqual(hardState(7, 3));
    });

    test('an entry replaces whatever stood at its index and after it', async () => {
      await append(
        write(hardState(1), 1, [command(1, 'a'), command(1, 'b'), command(1, 'c'), command(1, 'd')]),
      );
      await append(write(hardState(2), 2, [command(2, 'B')]));
      expect(storage.read(1, 2, 100)).toEqual([command(1, 'a'), command(2, 'B')]);
      expect(() => storage.read(1, 3, 100)).toThrow(/present/);
      await reopen();
      expect(visited(storage)).toEqual([
        [1, 1, 1],
        [2, 2, 1],
      ]);
      expect(storage.read(1, 2, 100)).toEqual([command(1, 'a'), command(2, 'B')]);
    });

    test('an appended entry is read before it is synced', async () => {
      storage.append(write(hardState(1), 1, [command(1, 'a')]));
      expect(storage.read(1, 1, 100)).toEqual([command(1, 'a')]);
      expect(visited(storage)).toEqual([[1, 1, 1]]);
    });

    test('read stops before maxBytes of payload would be passed, but gives at least one entry', async () => {
      await append(write(hardState(1), 1, [command(1, 'aaa'), command(1, 'bbb'), command(1, 'ccc')]));
      for (const _ of ['from memory', 'read back']) {
        expect(storage.read(1, 3, 9)).toHaveLength(3);
        expect(storage.read(1, 3, 8)).toHaveLength(2);
        expect(storage.read(1, 3, 6)).toHaveLength(2);
        expect(storage.read(1, 3, 0)).toEqual([command(1, 'aaa')]);
        expect(storage.read(2, 2, 100)).toEqual([command(1, 'bbb')]);
        await reopen();
      }
    });

    test('done is not called inside sync, and a sync of nothing is answered', async () => {
      let answered = 0;
      const answer = new Promise<void>((resolve) => {
        storage.sync((failure) => {
          expect(failure).toBeNull();
          answered += 1;
          resolve();
        });
      });
      expect(answered).toBe(0);
      await answer;
      expect(answered).toBe(1);
    });

    test('writes appended during a sync go with the next one', async () => {
      storage.append(write(hardState(1), 1, [command(1, 'a')]));
      const first = synced(storage);
      storage.append(write(hardState(1), 2, [command(1, 'b')]));
      expect(await first).toBeNull();
      expect(await synced(storage)).toBeNull();
      await reopen();
      expect(storage.read(1, 2, 100)).toEqual([command(1, 'a'), command(1, 'b')]);
    });

    test('our own bugs are named with both values', async () => {
      await append(write(hardState(2, 1), 1, [command(1, 'a'), command(2, 'b')]));
      const broken: readonly [Write, RegExp][] = [
        [write(hardState(1)), /currentTerm never decreases; found 1 against 2/],
        [write(hardState(2, 3)), /a vote stays for its term; found 3 against 1/],
        [write(hardState(2, null)), /a vote stays for its term; found null against 1/],
        [write(hardState(2, 1), 4, [command(2, 'd')]), /no gap before firstIndex; found 4 against 2/],
        [write(hardState(2, 1), 0, [command(2, 'd')]), /no gap before firstIndex; found 0 against 2/],
        [
          write(hardState(2, 1), 3, [command(1, 'd')]),
          /terms do not decrease along the log; found 1 against 2/,
        ],
        [
          write(hardState(2, 1), 3, [command(3, 'd')]),
          /no entry is of a later term than currentTerm; found 3 against 2/,
        ],
        [write(hardState(2, 1), 3), /firstIndex 0 without entries; found 3 against 0/],
      ];
      for (const [bad, message] of broken) expect(() => storage.append(bad)).toThrow(message);
      expect(() => storage.read(0, 1, 1)).toThrow(/present/);
      expect(() => storage.read(2, 1, 1)).toThrow(/present/);
      const first = synced(storage);
      expect(() => storage.sync(() => {})).toThrow(/one sync at a time/);
      expect(await first).toBeNull();
    });

    const five = [1, 1, 2, 2, 3].map((term, at) => command(term, `entry ${at + 1}`));
    const snapshot = (index: number, term: number) =>
      storage.snapshots.save({ index, term, configuration: Uint8Array.from([7]) }, Buffer.from('state'));

    test('a log is compacted up to an entry that a snapshot covers, and keeps what follows it (camunda#6092)', async () => {
      await append(write(hardState(3), 1, five));
      await snapshot(4, 2);
      storage.compact(3, 2);
      for (const _ of ['compacted', 'opened again']) {
        expect(visited(storage)).toEqual([
          [4, 2, 7],
          [5, 3, 7],
        ]);
        expect(storage.read(4, 5, 100)).toEqual(five.slice(3));
        expect(() => storage.read(3, 5, 100)).toThrow(
          expect.objectContaining({
            name: 'EntriesCompacted',
            message:
              'entry 3 is not in the log any more: a snapshot covers it, and the log begins after entry 3',
          }),
        );
        expect(() => storage.append(write(hardState(3), 3, [command(3, 'x')]))).toThrow(
          /nothing that a snapshot covers is replaced/,
        );
        expect(await synced(storage)).toBeNull();
        await reopen();
        // What was dropped may be there again: that was not made durable. It is dropped once more.
        expect(storage.recovered).toMatchObject({ hardState: hardState(3), lastIndex: 5 });
        expect(storage.recovered.baseIndex).toBeLessThanOrEqual(3);
        storage.compact(3, 2);
      }
      await append(write(hardState(4), 5, [command(4, 'five'), command(4, 'six')]));
      await reopen();
      expect(storage.read(4, 6, 100)).toEqual([five[3], command(4, 'five'), command(4, 'six')]);
    });

    test('compacting to where it begins already, or before, changes nothing', async () => {
      await append(write(hardState(3), 1, five));
      await snapshot(4, 2);
      storage.compact(4, 2);
      storage.compact(4, 2);
      storage.compact(2, 1);
      storage.compact(0, 0);
      expect(visited(storage)).toEqual([[5, 3, 7]]);
    });

    test('only what a durable snapshot covers is compacted', async () => {
      await append(write(hardState(3), 1, five));
      expect(() => storage.compact(1, 1)).toThrow(
        /a durable snapshot covers what is compacted; found 1 against 0/,
      );
      await snapshot(3, 2);
      expect(() => storage.compact(4, 2)).toThrow(
        /a durable snapshot covers what is compacted; found 4 against 3/,
      );
    });

    test("a snapshot of more than the log has, or of another term, takes the place of the log; the last index is the snapshot's (hashicorp/raft#697)", async () => {
      await append(write(hardState(9, 2), 1, five));
      for (const [index, term, next] of [
        [5, 4, 5],
        [20, 5, 9],
      ] as const) {
        await snapshot(index, term);
        storage.compact(index, term);
        expect(visited(storage)).toEqual([]);
        await append(write(hardState(9, 2), index + 1, [command(next, 'next')]));
        await reopen();
        expectRecovered(hardState(9, 2), index, term, index + 1);
        expect(storage.read(index + 1, index + 1, 100)).toEqual([command(next, 'next')]);
      }
    });

    test('a crash between a snapshot and the log that it replaces: the log begins after the snapshot', async () => {
      await append(write(hardState(3, 1), 1, five));
      await snapshot(9, 3);
      await reopen();
      expectRecovered(hardState(3, 1), 9, 3, 9);
      await append(write(hardState(3, 1), 10, [command(3, 'ten')]));
      await reopen();
      expect(storage.read(10, 10, 100)).toEqual([command(3, 'ten')]);
    });

    test('a crash between a snapshot and the log that it continues: what follows it stays', async () => {
      await append(write(hardState(3, 1), 1, five));
      await snapshot(4, 2);
      await reopen();
      expect(storage.recovered).toMatchObject({ hardState: hardState(3, 1), lastIndex: 5 });
      expect(storage.read(5, 5, 100)).toEqual([five[4]]);
    });

    test('entries that conflict with a snapshot are discarded with all that follow (Raft paper §7)', async () => {
      await append(write(hardState(3), 1, five));
      await snapshot(4, 3);
      await reopen();
      expect(storage.recovered).toMatchObject({ baseIndex: 4, baseTerm: 3, lastIndex: 4 });
      expect(visited(storage)).toEqual([]);
    });

    test('a snapshot of a later term than any that was written is of the current term; nobody has its vote', async () => {
      await append(write(hardState(3, 1), 1, five));
      await snapshot(9, 6);
      await reopen();
      expect(storage.recovered.hardState).toEqual(hardState(6));
      await append(write(hardState(6, 2)));
      await reopen();
      expect(storage.recovered).toMatchObject({ hardState: hardState(6, 2), baseIndex: 9, lastIndex: 9 });
    });

    test('a log that is compacted to its end is empty, and goes on', async () => {
      await append(write(hardState(3), 1, five));
      await snapshot(5, 3);
      storage.compact(5, 3);
      expect(visited(storage)).toEqual([]);
      await append(write(hardState(3), 6, [command(3, 'six')]));
      expect(storage.read(6, 6, 100)).toEqual([command(3, 'six')]);
      await reopen();
      expect(storage.recovered.lastIndex).toBe(6);
      expect(storage.read(6, 6, 100)).toEqual([command(3, 'six')]);
    });

    test('each opening counts one start of the same disk, and advanceStart one more, durably', async () => {
      const { logId } = storage.disk;
      expect(storage.disk).toMatchObject({ logId: expect.stringMatching(/^[0-9a-f]{32}$/), start: 1 });
      const advanced = new Promise((resolve) => storage.disk.advanceStart(resolve));
      expect(storage.disk.start).toBe(1);
      expect(await advanced).toBeNull();
      expect(storage.disk.start).toBe(2);
      const [first] = storage.disk.runs;
      expect(storage.disk.runs).toEqual([{ start: 1, tag: expect.stringMatching(/^[0-9a-f]{8}$/) }]);
      await reopen();
      expect(storage.disk).toMatchObject({ logId, start: 3 });
      expect(storage.disk.runs).toEqual([first, { start: 3, tag: expect.any(String) }]);
      expect(storage.disk.runs[1]!.tag).not.toBe(first!.tag);
    });

    test('what was remembered of a peer is known at once, and after it is opened again', async () => {
      const known = { logId: 'a'.repeat(32), start: 4, run: '00000004' };
      expect(storage.disk.knownOf(2)).toBeNull();
      const later = { ...known, start: 5 };
      for (const next of [
        known,
        { ...known, run: 'ffffffff' },
        { ...known, logId: 'b'.repeat(32) },
        later,
        later,
      ]) {
        const remembered = new Promise((resolve) => storage.disk.remember(2, next, resolve));
        expect(storage.disk.knownOf(2)).toEqual(next);
        expect(await remembered).toBeNull();
        await reopen();
        expect(storage.disk.knownOf(2)).toEqual(next);
      }
      expect(storage.disk.knownOf(3)).toBeNull();
    });

    test('close is answered once, also in the middle of a sync, which is answered as well', async () => {
      const answers: string[] = [];
      storage.append(write(hardState(1), 1, [command(1, 'a')]));
      storage.sync((failure) => answers.push(`sync ${failure}`));
      await new Promise<void>((resolve) => {
        storage.close(() => {
          answers.push('close');
          resolve();
        });
      });
      expect(answers).toEqual(['sync null', 'close']);
      storage = await medium.open();
      expect(storage.recovered.lastIndex).toBe(1);
    });
  });
};
