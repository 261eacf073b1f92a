import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  parseCrashes,
  parseMilliseconds,
  parsePartitions,
  parseProfile,
  parseSeeds,
  parseShard,
} from '../../../src/cli/simulate/grammar.ts';
import { calmPlan } from '../../../src/simulate/plan.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-simulate-'));
afterAll(() => rmSync(directory, { recursive: true }));

const program = new URL('../../simulate/simulate-program.ts', import.meta.url).pathname;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const raftchart = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: directory }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code as number), stdout, stderr }),
    );
  });

describe('grammars of raftchart simulate', () => {
  it('partitions: groups, one way, several', () => {
    const window = { fromMs: 10_000, toMs: 20_000 };
    expect(parsePartitions('1,2|3,4,5@10s-20s;1>2,3@0s-500ms')).toEqual([
      {
        kind: 'partition',
        groups: [
          [1, 2],
          [3, 4, 5],
        ],
        oneWay: false,
        ...window,
      },
      { kind: 'partition', groups: [[1], [2, 3]], oneWay: true, fromMs: 0, toMs: 500 },
    ]);
    for (const text of ['1,2@1s-2s', '1|2', '1>1@1s-2s', '1|2@2s-1s', '1>2>3@1s-2s', '', '1|x@1s-2s']) {
      expect(() => parsePartitions(text), text).toThrow(/^[^\n]+$/);
    }
  });

  it('crashes: one node, several at once, after some effects', () => {
    expect(parseCrashes('2@5s-7s;1,2,3@9s-10s;2+4@20s-21s')).toEqual([
      { kind: 'crash', nodes: [2], effects: 0, fromMs: 5000, toMs: 7000 },
      { kind: 'crash', nodes: [1, 2, 3], effects: 0, fromMs: 9000, toMs: 10_000 },
      { kind: 'crash', nodes: [2], effects: 4, fromMs: 20_000, toMs: 21_000 },
    ]);
    expect(() => parseCrashes('leader@1s-2s')).toThrow('expected nodes such as 2');
  });

  it('delays, seeds, shards, profiles', () => {
    expect(parseMilliseconds('1-30ms')).toEqual({ min: 1, max: 30 });
    expect(parseMilliseconds('5')).toEqual({ min: 5, max: 5 });
    expect(parseSeeds('1..1000')).toEqual({ from: 1, to: 1000 });
    expect(parseShard('2/8')).toEqual({ part: 2, of: 8 });
    expect(parseProfile('crash=10s')).toMatchObject({ crash: 10, partition: 0 });
    for (const parse of [() => parseSeeds('5..1'), () => parseShard('9/8'), () => parseProfile('flood=1s')]) {
      expect(parse).toThrow(/^expected /);
    }
  });
});

describe('raftchart simulate', () => {
  it('runs a range of seeds in shards, and merge puts their reports together', async () => {
    const shard = (part: number) =>
      raftchart(
        'simulate',
        '--seeds',
        '1..4',
        '--duration',
        '2s',
        '--shard',
        `${part}/2`,
        '--report',
        `${part}.json`,
      );
    const ended = [await shard(1), await shard(2)];
    expect(ended.map(({ code, stderr }) => [code, stderr.includes('of 2 seeds')])).toEqual([
      [0, true],
      [0, true],
    ]);
    const merged = await raftchart('merge', '1.json', '2.json');
    expect(merged.code).toBe(0);
    expect(merged.stdout).toMatch(/^4 seeds, 0 violations\n/);
  }, 60_000);

  it('writes every event of a run as a trace, with the rule of each transition', async () => {
    const { code } = await raftchart(
      'simulate',
      '--duration',
      '1s',
      '--nodes',
      '3',
      '--trace',
      'trace.ndjson',
    );
    expect(code).toBe(0);
    const events = readFileSync(join(directory, 'trace.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const elected = events.find(({ type, after }) => type === 'chart' && after.state.startsWith('leader'));
    expect(elected.before.state).toBe('candidate');
    expect(elected.transitions.map(({ rule }: { rule: string }) => rule)).toContain(
      'Raft paper §5.2; Figure 2, Candidates',
    );
    expect(elected.effects[0]).toMatchObject({ type: 'persist', entries: [{ kind: 'noop' }] });
    expect(new Set(events.map(({ type }) => type))).toContain('delivered');
  }, 60_000);

  it('a violation: exit code 1, both facts, a replay that fails again, a smaller plan, a trace and a diagram', async () => {
    // Nobody may speak to anybody and the run ends so early that no bound could hold: here the bound is what is wrong.
    const plan = {
      ...calmPlan,
      durationMs: 500,
      settings: { electionTimeoutMinMs: 2, electionTimeoutMaxMs: 3, heartbeatIntervalMs: 1 },
      network: { ...calmPlan.network, minDelayMs: 40, maxDelayMs: 40 },
    };
    writeFileSync(join(directory, 'plan.json'), JSON.stringify(plan));
    const ended = await raftchart('simulate', '--lease-reads', '--plan', 'plan.json', '--out', 'failures');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /violated: Recovery\nseed: {5}1\noptions: {2}--lease-reads --plan plan.json\ncommit: .*\nreplay: {3}npx raftchart simulate --lease-reads --plan plan.json\n/,
    );
    expect(ended.stdout).toMatch(/every fault ended at 500 ms; but no write was acknowledged within 90 ms/);
    const replay = await raftchart('simulate', '--no-shrink', '--plan', 'failures/seed-1/plan.json');
    expect([replay.code, replay.stdout.includes('violated: Recovery')]).toEqual([1, true]);
    expect(readFileSync(join(directory, 'failures/seed-1/sequence.mmd'), 'utf8')).toMatch(
      /^sequenceDiagram\n/,
    );
    const unwritten = await raftchart('simulate', '--no-shrink', '--plan', 'plan.json', '--out', '/dev/null');
    expect(unwritten.stdout).toMatch(/\ncannot write \/dev\/null\/seed-1: EEXIST: .*\n$/);
    expect([unwritten.code, unwritten.stderr]).toEqual([1, '']);
  }, 120_000);

  it.each([
    [['--delay', 'slow'], /--delay.*expected milliseconds such as 1-30ms, got "slow"/],
    [['--partitions', '1|9@1s-2s'], /faults.0: there is no node 9 of 7/],
    [['--seeds', '1..3', '--trace', 'x'], /--trace is for one run/],
    [['--jobs', '0'], /expected at least 1 thread, got 0/],
    [['--shard', '1/2'], /--shard is a part of --seeds, which is missing/],
    [['--plan', 'nowhere.json'], /ENOENT/],
    [['--nodes', '0'], /nodes: expected 1 to 99, got 0/],
  ])('unusable input: exit code 2 and one line, for %j', async (args, line) => {
    const { code, stderr } = await raftchart('simulate', ...args);
    expect(code).toBe(2);
    expect(stderr.trim()).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

it('raftchart simulate --plan of no file says so in one line', async () => {
  const { code, stderr } = await raftchart('simulate', '--plan', 'nowhere.json');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^(?:error: )?cannot read nowhere\.json: ENOENT[^\n]*\n$/),
  });
});
