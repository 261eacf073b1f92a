import { describe, expect, test } from 'vitest';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { type DiskImage, FakeDisk, imageAfterPowerLoss, lossModes } from './fake-disk.ts';
import { createScript, draws, type Mark, markAt, runScript, writesIn } from './script.ts';
import { type Contents, closed, command, contentsOf, entryText, synced } from './writes.ts';

const directory = '/data';
const options = {
  directory,
  nodeId: 1,
  clusterId: 'test',
  segmentSizeBytes: 8192,
  cacheBytes: 1000,
  log: silentLog,
};
const blank: DiskImage = { names: new Map(), contents: new Map() };

describe('the write-ahead log after a power loss at every disk operation', () => {
  for (const { seed, writes, maxPayloadBytes } of [
    { seed: 1, writes: 220, maxPayloadBytes: 300 },
    { seed: 2, writes: 220, maxPayloadBytes: 100 },
    { seed: 3, writes: 60, maxPayloadBytes: 2300 },
  ]) {
    test(`keeps a prefix of the writes with all that was acknowledged, seed ${seed}`, async () => {
      const script = createScript(writes, seed, maxPayloadBytes);
      const disk = new FakeDisk();
      const marks: Mark[] = [];
      const storage = await openWal(options, disk);
      await runScript(storage, script, seed, (appended, acknowledged) =>
        marks.push({ operations: disk.operations.length, appended, acknowledged }),
      );
      await closed(storage);
      expect(disk.openFileCount).toBe(0);
      expect(disk.operations.filter(({ kind }) => kind === 'rename').length).toBeGreaterThan(2);

      const draw = draws(seed);
      for (let count = 0; count <= disk.operations.length; count += 1) {
        // What is appended between two operations is known by the time of the later one.
        const appended = markAt(marks, count + 1).appended;
        const bounds = { ...markAt(marks, count), appended };
        for (const mode of lossModes) {
          const where = `seed ${seed}, power lost after operation ${count}, ${mode}`;
          const image = imageAfterPowerLoss(blank, disk.operations, count, mode, draw);
          const first = new FakeDisk(image);
          const kept = await recoverAndCheck(first, where, script.contents, bounds);

          // Recovery loses power as well, at any of its operations; what it had found stays.
          const again = Math.floor(draw() * (first.operations.length + 1));
          const other = imageAfterPowerLoss(image, first.operations, again, mode, draw);
          const second = new FakeDisk(other);
          const atLeast = { ...bounds, acknowledged: Math.min(kept, bounds.acknowledged) };
          const keptTwice = await recoverAndCheck(
            second,
            `${where}, then after ${again} of recovery`,
            script.contents,
            atLeast,
          );

          // And the log goes on from there.
          const reopened = await openWal(options, second);
          for (const write of script.writes.slice(keptTwice, keptTwice + 3)) reopened.append(write);
          expect(await synced(reopened), where).toBeNull();
          await closed(reopened);
          const written = Math.min(keptTwice + 3, script.writes.length);
          const { operations } = second;
          // Every other time the power goes again before that was acknowledged.
          const until = draw() < 0.5 ? operations.length : Math.floor(draw() * operations.length);
          const acknowledged =
            until === operations.length ? written : Math.min(keptTwice, bounds.acknowledged);
          const third = new FakeDisk(imageAfterPowerLoss(other, operations, until, mode, draw));
          await recoverAndCheck(third, `${where}, after going on until ${until}`, script.contents, {
            operations: 0,
            acknowledged,
            appended: written,
          });
        }
      }
    }, 30_000);
  }
});

test('a torn first sync of a segment does not come back after recovery, power lost again', async () => {
  const script = createScript(120, 8, 900);
  const disk = new FakeDisk();
  const storage = await openWal(options, disk);
  const marks: Mark[] = [];
  await runScript(storage, script, 8, (appended, acknowledged) =>
    marks.push({ operations: disk.operations.length, appended, acknowledged }),
  );
  await closed(storage);
  const draw = draws(8);
  const firstSyncs = [...disk.operations.keys()].filter((i) => {
    const operation = disk.operations[i]!;
    return operation.kind === 'write' && operation.position === 512;
  });
  expect(firstSyncs.length).toBeGreaterThan(3);
  for (const i of firstSyncs) {
    const bounds = { ...markAt(marks, i), appended: markAt(marks, i + 1).appended };
    for (let trial = 0; trial < 60; trial += 1) {
      const where = `first sync at operation ${i}, trial ${trial}`;
      const image = imageAfterPowerLoss(blank, disk.operations, i + 1, 'someSectors', draw);
      const recovering = new FakeDisk(image);
      const kept = await recoverAndCheck(recovering, where, script.contents, bounds);
      const reopened = await openWal(options, recovering);
      const { operations } = recovering;
      const until = operations.length + 1;
      // Small enough for what is left of the segment before, which is torn now.
      const { hardState, lastIndex } = reopened.recovered;
      const entries = [command(hardState.currentTerm, 'x'.repeat(700))];
      reopened.append({ hardState, firstIndex: lastIndex + 1, entries });
      expect(await synced(reopened)).toBeNull();
      await closed(reopened);
      const again = new FakeDisk(imageAfterPowerLoss(image, operations, until, 'someSectors', draw));
      const whole = `${script.contents[kept]}\n${entryText(entries[0]!)}`;
      const mark = { operations: 0, acknowledged: 0, appended: 1 };
      await recoverAndCheck(again, `${where}, then in the next sync`, [script.contents[kept]!, whole], mark);
    }
  }
}, 30_000);

async function recoverAndCheck(
  disk: FakeDisk,
  where: string,
  contents: readonly Contents[],
  bounds: Mark,
): Promise<number> {
  let storage: Awaited<ReturnType<typeof openWal>>;
  try {
    storage = await openWal(options, disk);
  } catch (error) {
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  }
  const writes = writesIn(contents, contentsOf(storage), bounds, where);
  await closed(storage);
  return writes;
}
