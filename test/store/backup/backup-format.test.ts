import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { firstConfiguration } from '../../../src/raft/configuration.ts';
import {
  type BackupHeader,
  BackupRefused,
  backupPieces,
  openBackup,
} from '../../../src/store/backup/backup-format.ts';

const headerFor = (sizeBytes: number): BackupHeader => ({
  clusterId: 'test',
  node: 2,
  consistency: 'linearizable',
  index: 12,
  term: 3,
  configuration: firstConfiguration([1, 2, 3]),
  takenAt: '2026-01-02T03:04:05.678Z',
  program: '0.1.0',
  sizeBytes,
});

const backupOf = (...chunks: readonly string[]): Buffer => {
  const made = chunks.map((text) => Buffer.from(text)).map((bytes) => ({ bytes, checksum: crc32(bytes) }));
  return Buffer.concat([...backupPieces(headerFor(chunks.join('').length), made)]);
};

/** In pieces of this many bytes, as a network may cut them. */
async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const read = async (bytes: Uint8Array, pieceBytes = bytes.length || 1) => {
  const backup = await openBackup(cut(bytes, pieceBytes));
  const chunks: string[] = [];
  for await (const chunk of backup.data()) chunks.push(Buffer.from(chunk).toString());
  return { header: backup.header, data: chunks.join('') };
};

const refusalOf = async (bytes: Uint8Array): Promise<string> => {
  try {
    await read(bytes);
  } catch (error) {
    if (error instanceof BackupRefused) return error.message;
    throw error;
  }
  return 'nothing';
};

describe('a backup', () => {
  it.each([1, 7, 4096])('comes back as it was, in pieces of %i bytes', async (pieceBytes) => {
    const text = 'some replicated state';
    const backup = backupOf(text, ' and more of it');
    expect(await read(backup, pieceBytes)).toEqual({
      header: headerFor(text.length + 15),
      data: `${text} and more of it`,
    });
  });

  it('may be of nothing', async () => {
    expect(await read(backupOf())).toEqual({ header: headerFor(0), data: '' });
    expect(await read(backupOf(''))).toEqual({ header: headerFor(0), data: '' });
  });

  it('of which a byte has changed is refused, whichever it is', async () => {
    const backup = backupOf('some replicated state', 'more of it');
    for (let at = 0; at < backup.length; at++) {
      for (const bit of [0, 7]) {
        const changed = Buffer.from(backup);
        changed[at]! ^= 1 << bit;
        expect(await refusalOf(changed), `byte ${at}, bit ${bit}`).not.toBe('nothing');
      }
    }
  });

  it('that was cut off is refused where it ends, wherever that is', async () => {
    const backup = backupOf('some replicated state', 'more of it');
    for (let size = 1; size < backup.length; size++) {
      expect(await refusalOf(backup.subarray(0, size))).toBe(`damaged at offset ${size}: it ends here`);
    }
    expect(await refusalOf(backup.subarray(0, 0))).toBe('this is no backup of raftchart');
  });

  it('whose chunks are each sound, but not those that were written, is refused', async () => {
    const swapped = backupOf('bbbb', 'aaaa');
    const backup = backupOf('aaaa', 'bbbb');
    // The end of the one behind the chunks of the other.
    const end = 4 + 8 + 32 + 8;
    const mixed = Buffer.concat([swapped.subarray(0, -end), backup.subarray(-end)]);
    expect(await refusalOf(mixed)).toMatch(/the whole does not match its SHA-256$/);
  });

  it('with something behind its end is refused', async () => {
    const backup = backupOf('state');
    const message = `damaged at offset ${backup.length}: something follows the end`;
    expect(await refusalOf(Buffer.concat([backup, Buffer.from('x')]))).toBe(message);
  });

  it('says where a chunk is damaged', async () => {
    const backup = backupOf('some replicated state');
    const at = backup.indexOf('some replicated');
    backup[at]! ^= 1;
    expect(await refusalOf(backup)).toBe(
      `damaged at offset ${at - 8}: the chunk does not match its checksum`,
    );
  });

  it('of a later format is refused by name', async () => {
    const backup = backupOf('state');
    backup.writeUInt32LE(2, 8);
    expect(await refusalOf(backup)).toMatch(
      /has format 2, this program reads formats up to 1: a newer raftchart/,
    );
  });
});
