import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { isForHere } from '../../../src/cli/view/loopback.ts';

it.each([
  ['localhost:8100', true],
  ['127.0.0.1:8100', true],
  ['127.8.9.1', true],
  ['[::1]:8100', true],
  ['app.localhost:8100', true],
  ['localhost.evil.example', false],
  ['evil.example:8100', false],
  ['127.0.0.1.evil.example', false],
  ['10.0.0.1', false],
  [undefined, false],
])('a request for %s is for this machine: %s', (host, isIt) => {
  expect(isForHere({ headers: { host } } as IncomingMessage)).toBe(isIt);
});
