import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { runCheck } from '../../src/check/check-command.ts';
import { events } from './history-events.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-check-'));
afterAll(() => rmSync(directory, { recursive: true }));

const stale = events(
  ...['1 invoke write a', '1 ok write', '2 invoke write b', '3 invoke write c', '3 info write', '2 ok write'],
  ...['4 invoke read', '4 ok read a'],
);

const textOf = (list: readonly object[]): string =>
  list.map((event) => `${JSON.stringify(event)}\n`).join('');

const run = async (
  text: string,
  options: { format?: 'json'; maxConfigurations?: number; stdin?: boolean } = {},
) => {
  const file = join(directory, 'history.ndjson');
  writeFileSync(file, text);
  let stdout = '';
  let stderr = '';
  const code = await runCheck(options.stdin ? '-' : file, {
    stdin: Readable.from([text]),
    stdout: { write: (written: string) => (stdout += written) },
    stderr: { write: (written: string) => (stderr += written) },
    format: options.format ?? 'human',
    ...(options.maxConfigurations === undefined ? {} : { maxConfigurations: options.maxConfigurations }),
  });
  return { code, stdout, stderr: stderr.replace(file, 'FILE') };
};

test('check exits with 0 when linearizable', async () => {
  expect(await run(textOf(stale.slice(0, 6)))).toEqual({
    code: 0,
    stdout: 'linearizable: 3 operations on 1 key\n',
    stderr: '',
  });
});

test('check exits with 1 when not, and explains', async () => {
  const { code, stdout } = await run(textOf(stale), { stdin: true });
  expect(code).toBe(1);
  expect(stdout).toBe(
    [
      'not linearizable: 4 operations on 1 key',
      '',
      'The first 8 lines cannot be explained; one line less can.',
      '  key "x": process 4 read "a", lines 7-8, ok',
      '  The key can only have held "c", "b" meanwhile.',
      '  Concurrent with it:',
      '    process 3 write "c", line 4, info in line 5',
      '',
    ].join('\n'),
  );
});

test('check says of a delete whether it found a value', async () => {
  const found = events('1 invoke delete', '2 invoke delete', '1 ok delete nothing', '2 ok delete found');
  expect((await run(textOf(found))).stdout).toBe(
    [
      'not linearizable: 2 operations on 1 key',
      '',
      'The first 4 lines cannot be explained; one line less can.',
      '  key "x": process 2 delete of a value, lines 2-4, ok',
      '  The key can only have held null meanwhile.',
      '  Concurrent with it:',
      '    process 1 delete of nothing, lines 1-3, ok',
      '',
    ].join('\n'),
  );
});

test('check prints one line of JSON with the format json', async () => {
  const { code, stdout } = await run(textOf(stale), { format: 'json' });
  expect(code).toBe(1);
  expect(stdout.trimEnd()).not.toContain('\n');
  expect(JSON.parse(stdout)).toMatchObject({
    result: 'notLinearizable',
    violations: [{ key: 'x', position: 8 }],
  });
});

test('check exits with 2 when the history is unreadable, or undecided within bounds', async () => {
  expect(await run('{}')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'FILE: line 1: process is missing (a number or a string)\n',
  });
  expect(await run(textOf(stale), { maxConfigurations: 1 })).toMatchObject({ code: 2, stderr: '' });
});

test('check exits with 2 when a file has no history in it, since an empty one proves nothing', async () => {
  expect(await run(' \n')).toEqual({ code: 2, stdout: '', stderr: 'FILE: line 1: an empty history\n' });
  const nemesis = JSON.stringify({ process: 'nemesis', type: 'info', f: 'kill' });
  expect((await run(nemesis)).stderr).toBe('FILE: line 1: no operation of any client in it\n');
  expect((await run('\0\u0001')).stderr).toBe('FILE: line 1: not a text: it has bytes that are zero\n');
});

test('check exits with 2 when there is no such file', async () => {
  let stderr = '';
  const code = await runCheck(join(directory, 'absent'), {
    stdout: { write: () => expect.unreachable() },
    stderr: { write: (text: string) => (stderr += text) },
    format: 'human',
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(/absent: no such file\n$/);
});
