import { describe, expect, it } from 'vitest';
import { openWal } from '../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../src/ports/log.ts';
import type { Storage } from '../../src/ports/storage.ts';
import { Dice } from '../../src/simulate/dice.ts';
import { SimulatedDisk } from '../../src/simulate/disk.ts';
import { SimulatedProcess } from '../../src/simulate/process.ts';
import { VirtualClock } from '../../src/simulate/virtual-clock.ts';

const options = { directory: '/node1', nodeId: 1, clusterId: 'test', log: silentLog, segmentSizeBytes: 8192 };
const payload = new Uint8Array(100).fill(7);

const setUp = (seed: number) => {
  const clock = new VirtualClock();
  const disk = new SimulatedDisk(clock, new Dice(seed).stream(1), () => 1000);
  const settled = async () => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (clock.runNext(clock.nowUs + 1_000_000));
  };
  const open = async (): Promise<{ storage: Storage; process: SimulatedProcess }> => {
    const process = new SimulatedProcess(clock, 1, () => disk.losePower());
    const opening = openWal(options, disk.files(process));
    opening.catch(() => {});
    await settled();
    return { storage: await opening, process };
  };
  return { clock, disk, open, settled };
};

const append = (storage: Storage, index: number) =>
  storage.append({
    hardState: { currentTerm: 1, votedFor: null },
    firstIndex: index,
    entries: [{ term: 1, kind: 'command', payload }],
  });

describe('simulated disk under the write-ahead log', () => {
  it('keeps what was synced and a prefix of the rest when the power fails, over many seeds and segments', async () => {
    const kept = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      const { open, settled } = setUp(seed);
      const { storage, process } = await open();
      for (let index = 1; index <= 80; index++) append(storage, index);
      let isSynced = false;
      storage.sync((failure) => {
        isSynced = failure === null;
      });
      await settled();
      expect(isSynced).toBe(true);
      for (let index = 81; index <= 90; index++) append(storage, index);
      storage.sync(() => expect.unreachable());
      process.kill();
      const again = await open();
      const { lastIndex } = again.storage.recovered;
      expect(lastIndex).toBeGreaterThanOrEqual(80);
      expect(lastIndex).toBeLessThanOrEqual(90);
      kept.add(lastIndex);
    }
    expect(kept.size).toBeGreaterThan(2);
  });

  it('a flipped bit is refused, or was of no use, and never served; once repaired the log opens', async () => {
    let refused = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { disk, open, settled } = setUp(seed);
      const { storage, process } = await open();
      for (let index = 1; index <= 20; index++) append(storage, index);
      storage.sync(() => {});
      await settled();
      process.kill();
      disk.flip(seed / 41, seed % 8);
      try {
        const { storage: flipped, process: reader } = await open();
        expect(flipped.recovered.lastIndex).toBe(20);
        expect(
          flipped.read(1, 20, 1e9).map((entry) => Buffer.from(entry.payload).equals(payload)),
        ).not.toContain(false);
        reader.kill();
      } catch (error) {
        expect((error as Error).message).toMatch(/damaged at offset/);
        refused++;
      }
      disk.repair();
      expect((await open()).storage.recovered.lastIndex).toBe(20);
    }
    expect(refused).toBeGreaterThan(30);
  });

  it('a failing sync poisons the log; a full disk shows when a segment is made', async () => {
    const { disk, open, settled } = setUp(1);
    const { storage, process } = await open();
    const failures: (string | null)[] = [];
    disk.isNextSyncFailing = true;
    append(storage, 1);
    storage.sync((failure) => failures.push(failure?.message ?? null));
    await settled();
    storage.sync((failure) => failures.push(failure?.message ?? null));
    await settled();
    expect(failures).toEqual([expect.stringContaining('EIO'), expect.stringContaining('EIO')]);
    process.kill();

    const again = (await open()).storage;
    disk.isFull = true;
    const next = again.recovered.lastIndex + 1;
    for (let index = next; index < next + 100; index++) append(again, index);
    again.sync((failure) => failures.push(failure?.message ?? null));
    await settled();
    expect(failures[2]).toContain('ENOSPC');
  });
});
