import { expect, test } from 'vitest';
import { cacheDirectory } from '../../../src/cli/kept/cache-directory.ts';

const home = () => '/home/ann';
const homeless = () => {
  throw new Error('no such user');
};

test.each([
  ['on Linux', 'linux', {}, '/home/ann/.cache/raftchart'],
  ['on macOS', 'darwin', {}, '/home/ann/Library/Caches/raftchart'],
  ['on Windows', 'win32', { LOCALAPPDATA: '/users/ann/local' }, '/users/ann/local/raftchart/Cache'],
  ['on Windows without LOCALAPPDATA', 'win32', {}, '/home/ann/AppData/Local/raftchart/Cache'],
  ['on Linux beside programs of Windows', 'linux', { LOCALAPPDATA: '/mnt/c' }, '/home/ann/.cache/raftchart'],
  ['with XDG_CACHE_HOME', 'linux', { XDG_CACHE_HOME: '/var/kept' }, '/var/kept/raftchart'],
  ['with XDG_CACHE_HOME on macOS', 'darwin', { XDG_CACHE_HOME: '/var/kept' }, '/var/kept/raftchart'],
  ['with an XDG_CACHE_HOME that is empty', 'linux', { XDG_CACHE_HOME: '' }, '/home/ann/.cache/raftchart'],
  ['with a relative XDG_CACHE_HOME', 'linux', { XDG_CACHE_HOME: 'kept' }, '/home/ann/.cache/raftchart'],
] as const)('the cache directory %s is where that system has it', (_, platform, env, expected) => {
  expect(cacheDirectory({ platform, env, home })).toBe(expected);
});

test('there is no cache directory for a user without a home', () => {
  expect(cacheDirectory({ platform: 'linux', env: {}, home: homeless })).toBeNull();
  expect(cacheDirectory({ platform: 'linux', env: {}, home: () => '' })).toBeNull();
  const env = { XDG_CACHE_HOME: '/var/kept' };
  expect(cacheDirectory({ platform: 'linux', env, home: homeless })).toBe('/var/kept/raftchart');
});
