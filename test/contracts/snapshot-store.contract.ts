import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  SnapshotChunk,
  SnapshotInfo,
  SnapshotPosition,
  SnapshotStore,
} from '../../src/ports/snapshot-store.ts';

/** Something that a snapshot store can be opened on again and again, with chunks of 100 bytes. */
export interface SnapshotMedium {
  open(): Promise<{ readonly store: SnapshotStore; close(): Promise<void> }>;
  dispose(): Promise<void>;
}

export const positionAt = (index: number, term = 1): SnapshotPosition => ({
  index,
  term,
  configuration: Uint8Array.from([index, term, 7]),
});

export const dataOf = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);

/** All chunks of the newest snapshot. */
export const chunksIn = (store: SnapshotStore): readonly SnapshotChunk[] => {
  const reader = store.read()!;
  const chunks: SnapshotChunk[] = [];
  let offset = 0;
  do {
    const chunk = reader.chunkAt(offset);
    chunks.push(chunk);
    offset += chunk.bytes.length;
  } while (offset < reader.info.sizeBytes);
  reader.release();
  return chunks;
};

export const dataIn = (store: SnapshotStore): Buffer =>
  Buffer.concat(chunksIn(store).map(({ bytes }) => bytes));

const infoOf = (position: SnapshotPosition, data: Uint8Array): SnapshotInfo => ({
  ...position,
  sizeBytes: data.length,
  checksum: crc32(data),
});

const chunkOf = (data: Uint8Array, from: number, to: number): SnapshotChunk => {
  const bytes = data.subarray(from, to);
  return { offset: from, bytes, checksum: crc32(bytes) };
};

/** What src/ports/snapshot-store.ts promises, whatever the adapter. */
export const snapshotStoreContract = (name: string, createMedium: () => Promise<SnapshotMedium>): void => {
  describe(`${name} keeps the contract of SnapshotStore`, () => {
    let medium: SnapshotMedium;
    let store: SnapshotStore;
    let close: () => Promise<void>;
    const open = async () => {
      ({ store, close } = await medium.open());
    };
    const reopen = async () => {
      await close();
      await open();
    };
    beforeEach(async () => {
      medium = await createMedium();
      await open();
    });
    afterEach(async () => {
      await close();
      await medium.dispose();
    });

    test('a new store has no snapshot', () => {
      expect([store.latest, store.read(), store.receiving]).toEqual([null, null, null]);
    });

    test('what was saved is there when it is opened again, in chunks with their checksums', async () => {
      for (const [at, length] of [0, 1, 99, 100, 101, 1234].entries()) {
        const data = dataOf(length);
        const position = positionAt(at + 1);
        const info = await store.save(position, data);
        expect(info).toEqual(infoOf(position, data));
        for (const _ of ['saved', 'opened again']) {
          expect(store.latest).toEqual(info);
          expect(dataIn(store)).toEqual(Buffer.from(data));
          for (const chunk of chunksIn(store)) {
            expect(chunk.bytes.length).toBeLessThanOrEqual(100);
            expect(chunk.checksum).toBe(crc32(chunk.bytes));
          }
          await reopen();
        }
      }
    });

    test('it does not matter how the data is cut, or whether it comes at once', async () => {
      const data = dataOf(1000);
      async function* cut(size: number) {
        yield new Uint8Array(0);
        for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
      }
      for (const [at, size] of [1, 33, 100, 250, 2000].entries()) {
        await store.save(positionAt(at + 1), cut(size));
        expect(dataIn(store)).toEqual(Buffer.from(data));
        expect(chunksIn(store)).toHaveLength(10);
      }
      await store.save(positionAt(9), [data.subarray(0, 500), data.subarray(500)]);
      expect(dataIn(store)).toEqual(Buffer.from(data));
    });

    test('a chunk is read from any offset, up to the end of the chunk that it lies in', async () => {
      const data = dataOf(250);
      await store.save(positionAt(1), data);
      const reader = store.read()!;
      for (const [offset, end] of [
        [0, 100],
        [1, 100],
        [100, 200],
        [199, 200],
        [249, 250],
      ] as const) {
        expect(reader.chunkAt(offset)).toEqual({
          offset,
          bytes: expect.anything(),
          checksum: crc32(data.subarray(offset, end)),
        });
      }
      expect(() => reader.chunkAt(250)).toThrow(/within its snapshot/);
      reader.release();
      reader.release();
    });

    test('a snapshot that is being read stays as it is while newer ones are saved', async () => {
      const old = dataOf(300, 1);
      await store.save(positionAt(1), old);
      const reader = store.read()!;
      const again = store.read()!;
      await store.save(positionAt(2), dataOf(300, 2));
      await store.save(positionAt(3), dataOf(300, 3));
      again.release();
      expect(reader.info.index).toBe(1);
      expect(Buffer.from(reader.chunkAt(200).bytes)).toEqual(Buffer.from(old.subarray(200)));
      reader.release();
      expect(store.latest?.index).toBe(3);
      await reopen();
      expect(store.latest?.index).toBe(3);
    });

    test('an older snapshot never takes the place of a newer one (redpanda#19964)', async () => {
      await store.save(positionAt(5, 2), dataOf(10));
      const older = positionAt(4, 2);
      await expect(store.save(older, dataOf(10))).rejects.toMatchObject({ reason: 'outdated' });
      const info = infoOf(older, dataOf(10));
      await expect(store.receive(info, chunkOf(dataOf(10), 0, 10))).rejects.toMatchObject({
        reason: 'outdated',
      });
      await expect(store.install(info)).rejects.toMatchObject({ reason: 'outdated' });
      expect(store.latest).toMatchObject(positionAt(5, 2));
      await reopen();
      expect(store.latest).toMatchObject(positionAt(5, 2));
    });

    test('pieces that are not wanted are given up, whether or not one was taken', async () => {
      await store.save(positionAt(5), dataOf(10));
      let returned = 0;
      const pieces: AsyncIterableIterator<Uint8Array> = {
        next: async () => ({ done: false, value: dataOf(150) }),
        return: async () => {
          returned += 1;
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
      await expect(store.save(positionAt(5), pieces)).rejects.toMatchObject({ reason: 'outdated' });
      expect(returned).toBe(1);
    });

    test('one that has come while the last piece was waited for stays', async () => {
      const later = dataOf(20);
      const info = infoOf(positionAt(9, 3), later);
      async function* slow() {
        yield dataOf(150);
        await store.receive(info, chunkOf(later, 0, 20));
        await store.install(info);
      }
      await expect(store.save(positionAt(5), slow())).rejects.toMatchObject({ reason: 'outdated' });
      expect(store.latest).toEqual(info);
      await reopen();
      expect(store.latest).toEqual(info);
    });

    test('data that fails to come leaves nothing behind, and the next snapshot is saved', async () => {
      await store.save(positionAt(1), dataOf(10));
      async function* failing() {
        yield dataOf(150);
        throw new Error('the state machine failed');
      }
      await expect(store.save(positionAt(2), failing())).rejects.toThrow('the state machine failed');
      expect(store.latest?.index).toBe(1);
      await store.save(positionAt(2), dataOf(20));
      expect(dataIn(store)).toEqual(Buffer.from(dataOf(20)));
    });

    test('a snapshot is received chunk by chunk, and installed when it is whole', async () => {
      const data = dataOf(250);
      const info = infoOf(positionAt(9, 3), data);
      await store.receive(info, chunkOf(data, 0, 100));
      expect(store.receiving).toEqual({ info, receivedBytes: 100 });
      expect(store.latest).toBeNull();
      await store.receive(info, chunkOf(data, 100, 180));
      await expect(store.install(info)).rejects.toMatchObject({
        reason: 'outOfOrder',
        message: 'snapshot 9 (term 3): only 180 of 250 bytes have been received',
      });
      await store.receive(info, chunkOf(data, 180, 250));
      expect(await store.install(info)).toEqual(info);
      expect([store.latest, store.receiving]).toEqual([info, null]);
      await reopen();
      expect(store.latest).toEqual(info);
      expect(dataIn(store)).toEqual(Buffer.from(data));
    });

    test('an empty snapshot is sent as one empty chunk', async () => {
      const empty = new Uint8Array(0);
      const info = infoOf(positionAt(1), empty);
      await store.receive(info, chunkOf(empty, 0, 0));
      await store.install(info);
      expect(chunksIn(store)).toEqual([{ offset: 0, bytes: expect.anything(), checksum: 0 }]);
    });

    test('chunks that are handed over at once are taken in order', async () => {
      const data = dataOf(300);
      const info = infoOf(positionAt(1), data);
      await Promise.all([
        ...[0, 100, 200].map((at) => store.receive(info, chunkOf(data, at, at + 100))),
        store.install(info),
      ]);
      expect(dataIn(store)).toEqual(Buffer.from(data));
    });

    test('a chunk that was lost, repeated, or is of another snapshot is refused, and the transfer goes on where it was', async () => {
      const data = dataOf(300);
      const info = infoOf(positionAt(4), data);
      const other = infoOf(positionAt(5), dataOf(300, 2));
      const refused = (each: SnapshotInfo, chunk: SnapshotChunk, message: string) =>
        expect(store.receive(each, chunk)).rejects.toMatchObject({ reason: 'outOfOrder', message });
      await refused(info, chunkOf(data, 100, 200), 'snapshot 4 (term 1): a chunk at offset 100, expected 0');
      await store.receive(info, chunkOf(data, 0, 100));
      await store.receive(info, chunkOf(data, 100, 200));
      await refused(
        info,
        chunkOf(data, 100, 200),
        'snapshot 4 (term 1): a chunk at offset 100, expected 200',
      );
      await refused(
        info,
        chunkOf(data, 250, 300),
        'snapshot 4 (term 1): a chunk at offset 250, expected 200',
      );
      await refused(other, chunkOf(data, 200, 300), 'snapshot 5 (term 1): a chunk at offset 200, expected 0');
      await store.receive(info, chunkOf(data, 200, 300));
      await store.install(info);
      expect(dataIn(store)).toEqual(Buffer.from(data));
    });

    test('offset 0 begins again, with the same snapshot or another', async () => {
      const data = dataOf(200);
      const first = infoOf(positionAt(4), data);
      await store.receive(first, chunkOf(data, 0, 100));
      await store.receive(first, chunkOf(data, 0, 50));
      expect(store.receiving?.receivedBytes).toBe(50);
      const newer = dataOf(150, 2);
      const second = infoOf(positionAt(6), newer);
      await store.receive(second, chunkOf(newer, 0, 150));
      await expect(store.install(first)).rejects.toMatchObject({ reason: 'outOfOrder' });
      await store.install(second);
      expect(dataIn(store)).toEqual(Buffer.from(newer));
    });

    test('a damaged chunk is refused by name; a whole that does not match its checksum is never installed', async () => {
      const data = dataOf(200);
      const info = infoOf(positionAt(4), data);
      const flipped = Uint8Array.from(data);
      flipped[50]! ^= 1;
      const refused = (chunk: SnapshotChunk, message: string) =>
        expect(store.receive(info, chunk)).rejects.toMatchObject({ reason: 'damaged', message });
      const name = 'snapshot 4 (term 1): the chunk at offset';
      await refused(
        { ...chunkOf(flipped, 0, 100), checksum: crc32(data.subarray(0, 100)) },
        `${name} 0 does not match its checksum`,
      );
      await store.receive(info, chunkOf(flipped, 0, 100));
      await refused(chunkOf(dataOf(300), 100, 300), `${name} 100 reaches beyond the end at 200`);
      await refused(chunkOf(data, 100, 100), `${name} 100 is empty`);
      const large = dataOf(600_000);
      await expect(
        store.receive(infoOf(positionAt(4), large), chunkOf(large, 0, 600_000)),
      ).rejects.toMatchObject({ message: `${name} 0 has 600000 bytes, more than 524288` });
      await store.receive(info, chunkOf(flipped, 100, 200));
      await expect(store.install(info)).rejects.toMatchObject({
        reason: 'damaged',
        message: 'snapshot 4 (term 1): what was received does not match its checksum',
      });
      expect([store.latest, store.receiving]).toEqual([null, null]);
    });

    test('a restart in the middle of a transfer leaves what was there before, and the transfer begins again (logcabin#174)', async () => {
      await store.save(positionAt(2), dataOf(40, 9));
      const data = dataOf(200);
      const info = infoOf(positionAt(4), data);
      await store.receive(info, chunkOf(data, 0, 100));
      await reopen();
      expect([store.latest?.index, store.receiving]).toEqual([2, null]);
      await expect(store.receive(info, chunkOf(data, 100, 200))).rejects.toThrow(/offset 100, expected 0/);
      await store.receive(info, chunkOf(data, 0, 200));
      await store.install(info);
      expect(dataIn(store)).toEqual(Buffer.from(data));
    });

    test('one that is saved while another is received does not disturb it; the one that reaches further stays', async () => {
      const data = dataOf(200);
      const info = infoOf(positionAt(4), data);
      await store.receive(info, chunkOf(data, 0, 100));
      await store.save(positionAt(3), dataOf(50));
      await store.receive(info, chunkOf(data, 100, 200));
      await store.install(info);
      expect(store.latest).toEqual(info);

      const older = infoOf(positionAt(6), data);
      await store.receive(older, chunkOf(data, 0, 200));
      await store.save(positionAt(7), dataOf(50));
      await expect(store.install(older)).rejects.toMatchObject({ reason: 'outdated' });
      expect(store.latest?.index).toBe(7);
    });
  });
};
