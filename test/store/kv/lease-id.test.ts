import { expect, it } from 'vitest';
import { leaseIdFrom, leaseIdIn } from '../../../src/store/kv/lease-id.ts';

it.each([
  ['1', 1n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['9223372036854775808', null],
  ['0', null],
  ['-1', null],
  ['01', null],
  ['x', null],
])('the id of a lease in %j', (text, id) => {
  expect(leaseIdIn(text)).toBe(id);
});

it.each<[string, readonly number[], bigint]>([
  ['zeros', [0, 0, 0, 0, 0, 0, 0, 0], 1n],
  ['no more than a sign', [128, 0, 0, 0, 0, 0, 0, 0], 1n],
  ['ones', [255, 255, 255, 255, 255, 255, 255, 255], 2n ** 63n - 1n],
  ['more than 8', [0, 0, 0, 0, 0, 0, 1, 2, 3], 258n],
])('bytes make an id of a lease: %s', (_, bytes, id) => {
  expect(leaseIdFrom(Uint8Array.from(bytes))).toBe(id);
});
