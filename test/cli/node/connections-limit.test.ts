import { expect, it } from 'vitest';
import { clientConnectionsWithin, openFilesIn } from '../../../src/cli/node/connections-limit.ts';

const limits = (soft: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             63432                63432                processes ',
    `Max open files            ${soft.padEnd(20)} 524288               files     `,
    '',
  ].join('\n');

it('the soft limit on open files is read from /proc/self/limits; where there is none it is the usual one', () => {
  expect(openFilesIn(limits('64'))).toBe(64);
  expect(openFilesIn(limits('unlimited'))).toBe(Number.POSITIVE_INFINITY);
  expect(openFilesIn(null)).toBe(1024);
});

it('client connections leave at least half of the descriptors to others, whatever the limit', () => {
  expect(clientConnectionsWithin(64)).toBe(12);
  expect(clientConnectionsWithin(1024)).toBe(492);
  expect(clientConnectionsWithin(524_288)).toBe(10_000);
  expect(clientConnectionsWithin(Number.POSITIVE_INFINITY)).toBe(10_000);
  expect(clientConnectionsWithin(30)).toBe(4);
});
