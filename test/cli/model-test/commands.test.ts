import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { parseXml } from '../../statechart/draw/xml-tree.ts';
import { removeProjects } from '../machine/module-folder.ts';
import { raftchart } from '../run-raftchart.ts';
import { doorProject, wornDoor } from './door-project.ts';

removeProjects();

const folder = doorProject();
const wrong = doorProject({ model: wornDoor });
const door = join(folder, 'door.mjs');
const model = ['--model', join(folder, 'door.model.mjs')];
const events = ['--events', join(folder, 'door.events.mjs')];

describe('raftchart paths FILE', () => {
  it('writes paths as lines of JSON, and says what is not reached and why', async () => {
    const { code, stdout, stderr } = await raftchart('paths', door);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('enter without a payload made it throw: guard isRight:');
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
  ])('refuses %s in one line', async (flags, line) => {
    const { code, stderr } = await raftchart('paths', door, ...flags);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr.replace(/^.*?: (?=there|--)/, '')).toMatch(line);
  });

  it('without FILE refuses what only other machines have', async () => {
    expect(await raftchart('paths', '--kind', 'simple')).toMatchObject({ code: 2 });
    expect((await raftchart('paths', '--format', 'jest')).stderr).toContain('for machines of your own');
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
    expect(part.stdout).toContain('Not reached, and why:');
    expect((await raftchart('coverage', door, ...events, '--require-pairs', '90')).code).toBe(1);
  });

  it('tells what recorded events walk', async () => {
    const file = join(folder, 'sequences.ndjson');
    writeFileSync(
      file,
      '[{"type":"enter","code":"1234"},{"type":"xstate.after.5000.door.open"}]\n{"events":[{"type":"enter","code":"0"}]}\n',
    );
    const { code, stdout } = await raftchart('coverage', door, '--sequences', file, '--format', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rows.at(-1).transitions).toMatchObject({ walked: 3, reachable: 6 });
    writeFileSync(file, '[{"kind":"enter"}]\n');
    const bad = await raftchart('coverage', door, '--sequences', file);
    expect(bad).toMatchObject({ code: 2 });
    expect(bad.stderr).toContain('sequences.ndjson:1: expected an array of events');
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
});
