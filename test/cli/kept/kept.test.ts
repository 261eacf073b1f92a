import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Keeping, kept } from '../../../src/cli/kept/kept.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'raftchart-kept-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const make = vi.fn(() => ['made']);
beforeEach(() => void make.mockClear());

const ask = (
  options: unknown = { of: 1 },
  keeping: Keeping = { isKept: true, directory },
  { name = 'thing', module = import.meta.url } = {},
) => kept({ name, options, modules: [module], make, write: JSON.stringify, read: JSON.parse }, keeping);

it('what was made once is read from then on', () => {
  expect(ask()).toEqual(['made']);
  expect(ask()).toEqual(['made']);
  expect(make).toHaveBeenCalledTimes(1);
});

it('what is made from other options is made for itself', () => {
  ask();
  ask({ of: 2 });
  expect(make).toHaveBeenCalledTimes(2);
  expect(readdirSync(join(directory, 'generated'))).toHaveLength(2);
});

it('what another program makes, or the same one by another name, is made for itself', () => {
  ask();
  const keeping = { isKept: true, directory };
  ask(undefined, keeping, { module: new URL('./kept-files.test.ts', import.meta.url).href });
  ask(undefined, keeping, { name: 'other' });
  expect(make).toHaveBeenCalledTimes(3);
  expect(readdirSync(join(directory, 'generated'))).toHaveLength(3);
});

it('what must not be kept is made each time, and leaves nothing behind', () => {
  ask(undefined, { isKept: false, directory });
  ask(undefined, { isKept: false, directory });
  ask(undefined, { isKept: true, directory: null });
  expect(make).toHaveBeenCalledTimes(3);
  expect(readdirSync(directory)).toEqual([]);
});

it('what is kept is not read where that must not be', () => {
  ask();
  ask(undefined, { isKept: false, directory });
  expect(make).toHaveBeenCalledTimes(2);
});

it('a torn file is made again, and right again', () => {
  ask();
  const [name] = readdirSync(join(directory, 'generated'));
  const file = join(directory, 'generated', name!);
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.slice(0, -3));
  expect(ask()).toEqual(['made']);
  expect(make).toHaveBeenCalledTimes(2);
  expect(readFileSync(file, 'utf8')).toBe(whole);
});

it('a failure is not kept', () => {
  make.mockImplementationOnce(() => {
    throw new Error('not this time');
  });
  expect(ask).toThrow('not this time');
  expect(ask()).toEqual(['made']);
});
