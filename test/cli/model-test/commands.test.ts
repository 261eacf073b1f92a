import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { parseXml } from '../../statechart/draw/xml-tree.ts';
import { removeProjects } from '../machine/module-folder.ts';
import { raftchart } from '../run-raftchart.ts';
import { doorProject, wornDoor } from './door-project.ts';

removeProjects();

const project = doorProject({ right: {}, worn: { model: wornDoor } });
const folder = join(project, 'right');
const wrong = join(project, 'worn');
const door = join(folder, 'door.mjs');
const model = ['--model', join(folder, 'door.model.mjs')];
const events = ['--events', join(folder, 'door.events.mjs')];

/** A file of the project. */
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const misspelt = file('misspelt.mjs', 'export default { events: { entr: () => {} } };');
/** Its guard has nothing to fall back on. */
const lamp = file(
  'lamp.mjs',
  `import { createMachine } from 'xstate';
export const lamp = createMachine({
  id: 'lamp',
  initial: 'dark',
  states: { dark: { on: { press: { guard: ({ event }) => event.hard === true, target: 'lit' } } }, lit: {} },
});
`,
);
const presses = file('presses.mjs', 'export const events = { press: [{ hard: true }, {}] };');
const still = file(
  'still.mjs',
  "import { createMachine } from 'xstate'; export default createMachine({ id: 'still' });",
);

const bell = file(
  'bell.mjs',
  `import { createMachine } from 'xstate';
export const bell = createMachine({
  id: 'bell',
  initial: 'quiet',
  states: { quiet: { on: { ring: { guard: ({ event }) => event.loud === true, actions: () => {} }, wait: {} } } },
});
`,
);

describe('raftchart paths FILE', () => {
  it('writes paths as lines of JSON, and says what is not reached and why', async () => {
    const { code, stdout, stderr } = await raftchart('paths', door);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('enter without a payload made it throw: guard isRight:');
    expect(stderr).toMatch(/\n {2}samples of what events carry: --events MODULE, or a model .*\n$/);
    const sampled = await raftchart('paths', door, ...events);
    const [head, ...paths] = sampled.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(head).toMatchObject({ format: 'raftchart-model-paths', machine: 'door', states: 5, limit: null });
    expect(paths).toHaveLength(3);
    expect(sampled.stderr).toBe('3 paths for transitions; states visited: 5, which are all\n');
  });

  it('writes a document', async () => {
    const { stdout } = await raftchart('paths', door, ...model, '--format', 'markdown', '--kind', 'simple');
    expect(stdout).toContain('# Paths through door');
    expect(stdout).toContain('1. **enter (code: "1234")** → `open`');
  });

  it.each([
    [['--format', 'vitest'], /^there is no path to test in door: /],
    [['--nodes', '3'], /^--nodes is for the chart of Raft/],
    [['--events', 'nowhere.mjs'], /^there is no file nowhere.mjs/],
    [['--events', door], /exports no events/],
    [[...events, ...model], /leave --events out/],
    [['--events', folder], /is a directory: name a file in it$/],
    [['--model', join(folder, 'door.events.mjs')], /does nothing to the system: give an event a run/],
    [['--model', misspelt], /door takes no event called entr; its events: enter, close$/],
  ])('refuses %s in one line', async (flags, line) => {
    const { code, stderr } = await raftchart('paths', door, ...flags);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr.trim()).toMatch(line);
  });

  it.each([[[]], [['raft']]])(
    'of the chart of Raft (%s) refuses what only other machines have',
    async (raft) => {
      const kind = await raftchart('paths', ...raft, '--kind', 'simple');
      expect(kind).toMatchObject({ code: 2 });
      expect(kind.stderr).toContain('--kind is for machines of your own: name a file');
      expect((await raftchart('paths', ...raft, '--format', 'jest')).stderr).toContain(
        'for machines of your own',
      );
    },
  );

  it('takes a chart of raftchart by its name, as its file', async () => {
    const module = join(packageRoot(), 'machines/log-writer.machine.ts');
    const named = await raftchart('paths', 'log-writer');
    expect(named).toMatchObject({ code: 0 });
    expect(named).toEqual(await raftchart('paths', module));
    const appended = file('appended.mjs', 'export const events = { Appended: [{ sequence: 1 }] };');
    const test = join(folder, 'log-writer.test.mjs');
    const flags = ['--events', appended, '--format', 'node', '-o', test];
    expect(await raftchart('paths', 'log-writer', ...flags)).toMatchObject({ code: 0 });
    const [, imported] = /import \{ logWriterMachine \} from '(.*)';/.exec(readFileSync(test, 'utf8'))!;
    expect(join(folder, imported!)).toBe(module);
    for (const wrong of [['log-writr'], ['log-writer', '--export', 'x']]) {
      const { code, stderr } = await raftchart('paths', ...wrong);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /no chart and no file called log-writr; charts: raft, |log-writer is a chart of raftchart/,
      );
    }
  });
});

describe('raftchart coverage FILE', () => {
  it('tells what generated paths walk, draws it, and exits with 1 where --require is not met', async () => {
    const whole = await raftchart(
      'coverage',
      door,
      ...events,
      '--require',
      '--diagram',
      join(folder, 'pictures'),
    );
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stdout).toMatch(/^total +6\/6 100 % \(4\) +4\/4 100 %/m);
    expect(existsSync(join(folder, 'pictures/full.light.svg'))).toBe(true);
    const part = await raftchart('coverage', door, '--require');
    expect(part.code).toBe(1);
    expect(part.stdout).toMatch(
      /\nNot reached, and why:\n(.*\n)+ {2}samples of what events carry: --events MODULE/,
    );
    expect((await raftchart('coverage', door, ...events, '--require-pairs', '90')).code).toBe(1);
  });

  it('tells what recorded events walk', async () => {
    const recorded = file(
      'sequences.ndjson',
      '[{"type":"xstate.init"},{"type":"enter","code":"1234"},{"type":"xstate.after.5000.door.open"}]\n{"events":[{"type":"enter","code":"0"}]}\n',
    );
    const { code, stdout } = await raftchart('coverage', door, '--sequences', recorded, '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rows.at(-1).transitions).toMatchObject({ walked: 3, reachable: 6 });
  });

  it.each([
    ['[{"kind":"enter"}]', ':1: expected an array of events'],
    [
      '[{"type":"close"}]\n[{"type":"entr"}]',
      ':2: door takes no event called entr; its events: enter, close\n',
    ],
    ['', ' is empty: expected a JSON array of events on each line'],
  ])('refuses the recorded events %j in one line', async (text, line) => {
    const recorded = file('wrong.ndjson', text);
    const { code, stdout, stderr } = await raftchart('coverage', door, '--sequences', recorded);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${recorded}${line}`);
  });

  it('names --cover guards where --require asks for answers that its paths do not look for', async () => {
    const flags = [lamp, '--events', presses, '--require'];
    const missed = await raftchart('coverage', ...flags);
    expect(missed.code).toBe(1);
    expect(missed.stderr).toMatch(/^--require asks for both answers .*: add --cover guards\n$/);
    expect(await raftchart('coverage', ...flags, '--cover', 'guards')).toMatchObject({ code: 0, stderr: '' });
    const tested = await raftchart('test', ...flags);
    expect(tested).toMatchObject({ code: 1, stderr: missed.stderr });
    const recorded = file('press.ndjson', '[{"type":"press","hard":true}]\n');
    expect(await raftchart('coverage', lamp, '--sequences', recorded, '--require')).toMatchObject({
      code: 1,
      stderr: '',
    });
  });

  it.each([
    [['--sequences', 'x.ndjson'], '--sequences is for machines of your own: name a file'],
    [['raft', '--cover', 'guards'], '--cover is for machines of your own: name a file'],
    [[door, '--seeds', '1..2'], '--seeds is for the chart of Raft, not for'],
    [[door, 'trace.ndjson'], 'goes alone: leave out trace.ndjson'],
    [[door, '--sequences', 'nowhere'], 'there is no file nowhere\n'],
    [[door, '--sequences', folder], 'is a directory: name a file in it'],
  ])('refuses %s in one line', async (operands, line) => {
    const { code, stdout, stderr } = await raftchart('coverage', ...operands);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('takes a chart of raftchart by its name', async () => {
    const { code, stdout } = await raftchart('coverage', 'log-writer');
    expect(code).toBe(0);
    expect(stdout).toContain('Transitions never walked');
  });
});

describe('raftchart test FILE', () => {
  it('passes on a system that does as its machine, with random walks', async () => {
    const { code, stdout, stderr } = await raftchart(
      'test',
      door,
      ...model,
      '--runs',
      '50',
      '--seed',
      '1',
      '--require',
    );
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('4 of 4 tests passed; states visited: 5, which are all');
  });

  it('exits with 1 on one that does otherwise, with the fewest events and how to walk them again', async () => {
    const flags = ['--model', join(wrong, 'door.model.mjs')];
    const failed = await raftchart('test', door, ...flags, '--runs', '100', '--seed', '5');
    expect(failed.code).toBe(1);
    const [, path] = /--seed 5 --path (\S+)/.exec(failed.stdout)!;
    const again = await raftchart('test', door, ...flags, '--seed', '5', '--path', path!);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('0 of 1 tests passed; random walks only');
    expect(again.stdout.match(/^ +\d+\. /gm)).toHaveLength(3);
  });

  it('reports as TAP and as JUnit XML', async () => {
    const flags = ['--model', join(wrong, 'door.model.mjs'), '--report'];
    const points = Parser.parse((await raftchart('test', door, ...flags, 'tap')).stdout);
    expect(points.filter(([kind]) => kind === 'assert')).toHaveLength(3);
    const xml = (await raftchart('test', door, ...flags, 'junit')).stdout;
    expect(() => parseXml(xml)).not.toThrow();
    expect(xml.match(/<failure/g)).toHaveLength(1);
  });

  it('without a model runs the machine itself', async () => {
    expect(await raftchart('test', door, ...events)).toMatchObject({ code: 0 });
    const none = await raftchart('test', door, ...model, '--path', '0:1');
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toContain('give the --seed');
  });

  it('says what no path reaches and why, after the coverage', async () => {
    const { code, stdout } = await raftchart('test', bell);
    expect(code).toBe(0);
    expect(stdout).toContain('1 of 1 tests passed');
    expect(stdout).toMatch(
      /\nNot reached, and why:\n {2}quiet · ring · .*; give samples\n {2}samples of what events carry: .*\n$/,
    );
  });

  it('refuses to test nothing', async () => {
    const { code, stdout, stderr } = await raftchart('test', still);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('there is no path to test in still: it takes no event');
  });
});
