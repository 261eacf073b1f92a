import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { knownCharts } from '../../../src/cli/machine/known-charts.ts';
import { lint } from '../../../src/statechart/lint/lint.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { raftchart } from '../run-raftchart.ts';

/** In the repository, so that modules find XState. */
const directory = mkdtempSync(join(packageRoot(), 'test', '.lint-'));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const module = (states: string): string =>
  `import { createMachine } from 'xstate';
console.log('noise');
setInterval(() => {}, 1000);
export const machine = createMachine({
  id: 'm',
  initial: 'a',
  states: ${states},
});
`;

const clean = file('clean.ts', module("{ a: { on: { GO: 'b' } }, b: { on: { BACK: 'a' } } }"));
const warned = file('warned.ts', module("{ a: { on: { GO: 'b' } }, b: {} }"));
const faulty = file(
  'faulty.ts',
  module("{\n    a: { on: { GO: 'b' } },\n    b: { on: { BACK: 'a' } },\n    c: {},\n  }"),
);
const broken = file('broken.ts', module("{\n    a: { on: { GO: 'nowhere' } },\n  }"));

describe('the exit code', () => {
  it('is 0 without an error, and nothing of what the module prints is in the output', async () => {
    expect(await raftchart('lint', clean)).toEqual({
      code: 0,
      stdout: 'nothing found in 1 machine\n',
      stderr: '',
    });
    expect((await raftchart('lint', warned)).code).toBe(0);
  });

  it('is 1 with an error, and with more warnings than are allowed', async () => {
    const { code, stdout } = await raftchart('lint', clean, faulty);
    expect(code).toBe(1);
    expect(stdout).toMatch(/error unreachable-state\n.*State c is never entered.*\n.*faulty\.ts:10 /);
    expect(stdout).toContain('1 error in 2 machines');
    expect((await raftchart('lint', warned, '--max-warnings', '0')).code).toBe(1);
    expect((await raftchart('lint', warned, '--max-warnings', '1')).code).toBe(0);
  });

  it('is 1 for a target that is missing, which XState refuses, with the state and the target named', async () => {
    const { code, stdout, stderr } = await raftchart('lint', broken);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/error missing-target\n.*m\.a targets nowhere.*\n.*broken\.ts:8 /);
  });

  it.each([
    ['a file that is not there', ['nowhere.ts'], 'no chart and no file called nowhere.ts'],
    ['a module that throws', [file('throws.ts', "throw new Error('not today');")], 'not today'],
    ['a rule that does not exist', [clean, '--rule', 'dead-and=off'], 'there is no rule dead-and'],
    ['a setting that does not exist', [clean, '--rule', 'dead-end=loud'], 'dead-end cannot be "loud"'],
    ['a rule without a setting', [clean, '--rule', 'dead-end'], 'write NAME=off'],
    ['a configuration that is not there', [clean, '--config', 'no.json'], 'there is no file no.json'],
    [
      'a configuration that is a directory',
      [clean, '--config', directory],
      'is a directory: name a configuration file',
    ],
    ['a configuration that is no JSON', [clean, '--config', file('bad.json', '{')], 'cannot be read'],
    [
      'a configuration of another form',
      [clean, '--config', file('odd.json', '{"dead-end":"off"}')],
      'write { "rules"',
    ],
    ['a number that is none', [clean, '--max-warnings', 'few'], 'expected a whole number'],
    ['one export for several files', [clean, faulty, '--export', 'machine'], 'write FILE#NAME for each'],
  ])('is 2 and one line for %s', async (_, args, line) => {
    const { code, stdout, stderr } = await raftchart('lint', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('settings', () => {
  it('come from the nearest raftchart-lint.json, and --rule is above them', async () => {
    const inner = file('inner/deeper/warned.ts', module("{ a: { on: { GO: 'b' } }, b: {} }"));
    file('inner/raftchart-lint.json', '{ "rules": { "dead-end": "error" } }');
    expect((await raftchart('lint', inner)).code).toBe(1);
    expect((await raftchart('lint', inner, '--rule', 'dead-end=off')).stdout).toBe(
      'nothing found in 1 machine\n',
    );
    expect((await raftchart('lint', warned)).code).toBe(0);
    const config = file('named.json', '{ "rules": { "dead-end": "error" } }');
    expect((await raftchart('lint', warned, '--config', config)).code).toBe(1);
  });
});

describe('a comment in the module', () => {
  it('covers a finding in the next line', async () => {
    const path = file(
      'comment.ts',
      module(`{
    a: { on: { GO: 'b' } },
    // raftchart-lint-disable-next-line dead-end -- the process ends here
    b: {},
  }`),
    );
    expect((await raftchart('lint', path, '--max-warnings', '0')).stdout).toBe(
      'nothing found in 1 machine\n',
    );
  });
});

describe('the output', () => {
  it('is written to a file as SARIF, with paths from the working directory', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'lint-')), 'out.sarif');
    const { code, stdout } = await raftchart('lint', faulty, '--format', 'sarif', '-o', path);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const log = JSON.parse(readFileSync(path, 'utf8'));
    const [{ uri }, region] = [
      log.runs[0].results[0].locations[0].physicalLocation.artifactLocation,
      log.runs[0].results[0].locations[0].physicalLocation.region,
    ];
    expect(uri).toMatch(/^test\/\.lint-\w+\/faulty\.ts$/);
    expect(region).toEqual({ startLine: 10 });
    rmSync(dirname(path), { recursive: true });
  });
});

describe('the charts of this repository', () => {
  it('have no finding', async () => {
    expect(await raftchart('lint')).toEqual({ code: 0, stdout: 'nothing found in 4 machines\n', stderr: '' });
    expect((await raftchart('lint', 'raft')).stdout).toBe('nothing found in 1 machine\n');
  });

  it.each(knownCharts)('have nothing suppressed: $name', ({ machine, path }) => {
    expect(lint(walk(machine))).toEqual([]);
    expect(readFileSync(join(packageRoot(), path), 'utf8')).not.toContain('raftchart-lint-disable');
  });
});
