import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { traced } from '../../verify/validate/traced-runs.ts';
import { raftchart } from '../run-raftchart.ts';

const folder = mkdtempSync(join(tmpdir(), 'raftchart-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = await traced({ seed: 3, durationMs: 1500 });
const file = (name: string, content: readonly unknown[] | string): string => {
  const path = join(folder, name);
  writeFileSync(
    path,
    typeof content === 'string' ? content : content.map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  return path;
};

const longest = 64 * 1024 * 1024;
const good = file('good.ndjson', lines);
const at = lines.findIndex(
  ({ type, before, after }) => type === 'chart' && after.commitIndex > before.commitIndex,
);
const bad = file(
  'bad.ndjson',
  lines.with(at, { ...lines[at], after: { ...lines[at]!.after, commitIndex: 77 } }),
);

it('raftchart validate accepts what a simulated cluster has done: exit code 0', async () => {
  const { code, stdout } = await raftchart('validate', good);
  expect(code).toBe(0);
  expect(stdout).toBe(
    `accepted: ${lines.length} events, ${lines.filter(({ type }) => ['chart', 'interrupted'].includes(type)).length} steps of charts replayed in ${lines.filter(({ type }) => type === 'started').length} runs\n`,
  );
});

it('raftchart validate names the line, the fields, the rule and what led there: exit code 1', async () => {
  const { code, stdout } = await raftchart('validate', bad);
  expect(code).toBe(1);
  const { node, step, atMs } = lines[at]!;
  expect(stdout).toContain(`rejected: ${bad}:${at + 1}, node${node}, step ${step}, at ${atMs} ms\n`);
  expect(stdout).toMatch(
    / no rule allows that:\n {4}commitIndex after it: \d+ by the rules, 77 in the trace\n {2}the nearest rule: raft\.\w+\/\w+\/\d\n {4}.*\[Raft paper §/,
  );
  expect(stdout).toMatch(/\nThe last that happened:\n +\d+ ms {2}node\d/);
});

it.each([
  ['svg', /^<svg[\s\S]*no rule allows this/],
  ['mmd', /^sequenceDiagram[\s\S]*✗ no rule allows this/],
])('raftchart validate --draw draws the last steps as .%s', async (ending, picture) => {
  const path = join(folder, `picture.${ending}`);
  expect((await raftchart('validate', bad, '--draw', path)).code).toBe(1);
  expect(readFileSync(path, 'utf8')).toMatch(picture);
});

it.each<[string, () => readonly string[], number]>([
  [
    'of a trace',
    () => ['validate', file('long.ndjson', `${JSON.stringify(lines[0])}\n${' '.repeat(longest + 1)}`)],
    2,
  ],
  ['of a history', () => ['check', file('long', `{"a":"${' '.repeat(longest)}"}\n`), '--from', 'ndjson'], 1],
  ['of a log', () => ['check', file('log', `\nx${' '.repeat(longest + 1)}`), '--from', 'porcupine'], 2],
  ['of operations', () => ['check', file('ops', `{}${' '.repeat(longest)}`), '--from', 'operations'], 1],
])('a line %s that is longer than any is refused by its number: exit code 2', async (_, words, line) => {
  const { code, stderr } = await raftchart(...words());
  expect(stderr).toMatch(
    new RegExp(`^\\S+:( line )?${line}: longer than ${longest} characters, the most that a line may have\n$`),
  );
  expect(code).toBe(2);
});

it('raftchart validate --partial accepts the second half of a trace', async () => {
  const half = file('half.ndjson', lines.slice(lines.length / 2));
  expect(await raftchart('validate', half)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('--partial accepts that'),
  });
  const { code, stdout } = await raftchart('validate', '--partial', half);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^accepted: \d+ events, 0 steps .*\nnot replayed: \d+ steps of runs that the traces do not show from their start on\n$/,
  );
});

it('raftchart validate --export leaves the traces that it reads as they are', async () => {
  const own = file('own.ndjson', lines);
  const before = readFileSync(own, 'utf8');
  const { code, stderr } = await raftchart('validate', own, '--export', own);
  expect(stderr).toMatch(/^--export names .*own\.ndjson, which is one of the traces\n$/);
  expect(code).toBe(2);
  expect(readFileSync(own, 'utf8')).toBe(before);
});

it.each<[string, () => readonly string[], RegExp]>([
  ['no file', () => ['validate'], /missing required argument 'traces'/],
  [
    'a file that is not there',
    () => ['validate', join(folder, 'nowhere')],
    /^cannot read .*nowhere: ENOENT.*\n$/,
  ],
  ['a folder', () => ['validate', folder], /^cannot read .*: EISDIR.*\n$/],
  ['an empty file', () => ['validate', file('empty', '')], /^.*empty holds no event\n$/],
  [
    'what is no JSON',
    () => ['validate', file('text', 'hello\n')],
    /^.*text is not a complete trace: line 1 is not JSON\n$/,
  ],
  [
    'what is no event',
    () => ['validate', file('other', '{}\n{"a":1}\n')],
    /^.*other is not a trace: line 2 is not an event.*\n$/,
  ],
  [
    'an event of an unknown kind',
    () => ['validate', file('kind', [...lines.slice(0, 5), { atMs: 1e9, type: 'leftx', node: 1 }])],
    /^.*kind is not a trace: line 6 is not an event.*\n$/,
  ],
  [
    'a node that is none',
    () => ['validate', file('node', [...lines.slice(0, 5), { atMs: 1e9, type: 'crashed', node: -3 }])],
    /^.*node is not a trace: line 6 is not an event.*\n$/,
  ],
  [
    'a command larger than any',
    () => [
      'validate',
      file('large', [
        ...lines.slice(0, 5),
        {
          atMs: 1e9,
          type: 'chart',
          node: 1,
          step: 1,
          input: { type: 'Proposed', proposals: [{ id: 1, payload: 1e9 }] },
          after: { state: 'leader' },
          transitions: [],
        },
      ]),
    ],
    /^.*large is not a trace: line 6 is not an event.*\n$/,
  ],
  [
    'a pipe',
    () => ['validate', '/dev/null'],
    /^\/dev\/null is not a regular file, and a trace is read twice: .*\n$/,
  ],
  [
    'an event that lacks its fields',
    () => ['validate', file('short', [...lines.slice(0, 40), { atMs: 1e9, type: 'interrupted', node: 1 }])],
    /^.*short is not a trace: line 41 is not an event.*\n$/,
  ],
  ['two files of one node', () => ['validate', good, good], /are both of node\d; give one trace a node\n$/],
])('raftchart validate refuses %s in one line: exit code 2', async (_, words, message) => {
  const { code, stderr } = await raftchart(...words());
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
