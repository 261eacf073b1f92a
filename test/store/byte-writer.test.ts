import { expect, it } from 'vitest';
import { ByteWriter } from '../../src/store/byte-writer.ts';

it.each<readonly [string, (to: ByteWriter) => unknown, readonly number[]]>([
  ['a byte', (to) => to.u8(7), [7]],
  ['two bytes', (to) => to.u16(0x0102), [1, 2]],
  ['four bytes', (to) => to.u32(0x01020304), [1, 2, 3, 4]],
  ['six bytes', (to) => to.u48(0x010203040506), [1, 2, 3, 4, 5, 6]],
  ['seven bytes', (to) => to.u56(0x01020304050607), [1, 2, 3, 4, 5, 6, 7]],
  ['eight bytes', (to) => to.u64(0x0102030405060708n), [1, 2, 3, 4, 5, 6, 7, 8]],
  ['text', (to) => to.text('ab'), [97, 98]],
  ['the rest', (to) => to.rest(Uint8Array.of(5, 6)), [5, 6]],
])('bytes grow where %s does not fit, and keep what was written before', (_, write, bytes) => {
  const to = new ByteWriter(1).u8(9);
  write(to);
  expect([...to.written]).toEqual([9, ...bytes]);
});
