import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDirectory } from '../../../src/adapters/storage/make-directory.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-make-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('a directory is made with those above it, and nothing is made of one that is there', () => {
  const deep = join(directory, 'a', 'b', 'c');
  expect(makeDirectory(deep)).toBe(join(directory, 'a'));
  expect(statSync(deep).isDirectory()).toBe(true);
  expect(makeDirectory(deep)).toBeUndefined();
  expect(makeDirectory(join(deep, 'd'))).toBe(join(deep, 'd'));
});

it('a directory below a file, or of the name of one, is refused', () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  expect(() => makeDirectory(file)).toThrow('EEXIST');
  expect(() => makeDirectory(join(file, 'below', 'it'))).toThrow('EEXIST');
});

// In processes of their own, which can be ended where they hang.
it.runIf(process.platform === 'linux').each([
  ['raftchart.ts', ['diagram', '-o', '/proc/none/such/raft.svg'], 2, 'cannot write /proc/none/such/raft.svg'],
  [
    'raftchart.ts',
    ['cluster', '--data-dir', '/proc/none/such'],
    2,
    '--data-dir: cannot make /proc/none/such',
  ],
  ['raft-node.ts', ['--id', '1', '--peers', 'none', '--data-dir', '/proc/none/such'], 1, '/proc/none'],
])(
  '%s %j ends at once, with one line',
  (program, flags, code, line) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`src/cli/${program}`, ...flags], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(`${stdout}${stderr}`).toContain(line);
    expect(`${stdout}${stderr}`).not.toContain('    at ');
    expect(status).toBe(code);
  },
  30_000,
);
