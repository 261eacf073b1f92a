import { describe, expect, test } from 'vitest';
import { saltOf } from '../../../src/adapters/storage/wal/format.ts';
import {
  decodeFields,
  encodeRecord,
  RecordType,
  soundRecordBytes,
} from '../../../src/adapters/storage/wal/record.ts';

const salt = saltOf({ logId: '00'.repeat(16), number: 1 });
const fields = { type: RecordType.command, flags: 3, index: 2 ** 40 + 1, term: 2 ** 33 + 5 };

const encoded = (offset: number, text: string, seed = salt): Buffer => {
  const bytes = Buffer.alloc(64, 0xaa);
  return bytes.subarray(0, encodeRecord(bytes, 0, offset, seed, fields, Buffer.from(text)));
};

describe('a record of the write-ahead log', () => {
  test('has 40 bytes more than its payload, padded to a multiple of 8', () => {
    expect(['', 'a', '12345678', '123456789'].map((text) => encoded(512, text).length)).toEqual([
      40, 48, 48, 56,
    ]);
  });

  test('keeps indexes and terms beyond 32 bits', () => {
    expect(decodeFields(encoded(512, 'a'), 0)).toEqual(fields);
  });

  test('is sound at its own place only', () => {
    const record = encoded(512, 'abc');
    expect(soundRecordBytes(record, 0, 512, salt)).toBe(record.length);
    expect(soundRecordBytes(record, 0, 520, salt)).toBe(0);
    expect(soundRecordBytes(record, 0, 512, saltOf({ logId: '00'.repeat(16), number: 2 }))).toBe(0);
  });

  test('is not sound with the body of another record of its size', () => {
    const mixed = Buffer.concat([encoded(512, 'abc').subarray(0, 8), encoded(560, 'xyz').subarray(8)]);
    expect(soundRecordBytes(mixed, 0, 512, salt)).toBe(0);
  });

  test('is not sound with any bit of it flipped', () => {
    const record = encoded(512, 'abcdef');
    for (let bit = 0; bit < record.length * 8; bit += 1) {
      const flipped = Buffer.from(record);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(soundRecordBytes(flipped, 0, 512, salt), `bit ${bit}`).toBe(0);
    }
  });
});
