import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeModel, pathSettings } from '../../../src/verify/paths/model-node.ts';
import type { Path, PathEvent, PathMessage } from '../../../src/verify/paths/path.ts';
import { generatedPaths } from '../../verify/generated-paths.ts';
import { makingMs } from '../../verify/made-once.ts';
import { allMutants } from './all-mutants.ts';
import { changesOfChart } from './chart-operators.ts';
import { checkInWorker } from './check-in-worker.ts';
import { explained } from './explained.ts';
import { reportOf } from './report.ts';
import { changesOfRule } from './rule-operators.ts';
import { mutantsOf, mutated, type SourceMutant, unchanged } from './source-mutant.ts';

describe('mutants of a source', () => {
  it('turn comparisons, logic, bounds, steps, booleans and effects, one at a time', () => {
    const text = `const rule = (a) => {
  if (a.x <= 1 && a.y !== 2) return { effects: [], isDone: true };
  return { effects: [send(Math.min(a.x + 1, 3))] };
};`;
    const names = mutantsOf('rule.ts', text, changesOfRule).map(({ name }) => name);
    expect(names.sort()).toEqual([
      "rule.ts:2:11 '<=' → '<'",
      "rule.ts:2:11 '<=' → '>'",
      "rule.ts:2:16 '&&' → '||'",
      "rule.ts:2:23 '!==' → '==='",
      'rule.ts:2:60 true → false',
      "rule.ts:3:22 'send(Math.min(a.x + 1, 3))' dropped",
      "rule.ts:3:32 'min' → 'max'",
      "rule.ts:3:36 '+ 1' dropped",
    ]);
  });

  it('take branches, targets and reenter from a chart', () => {
    const text = `createMachine({ states: { idle: { on: { GO: [{ guard: 'may', target: 'idle', reenter: true }, {}] } } } })`;
    const mutants = mutantsOf('chart.ts', text, changesOfChart);
    expect(mutants.map(({ key }) => key)).toEqual([
      'chart.ts idle GO may removed',
      'chart.ts idle GO may without target',
      'chart.ts idle GO may without reenter',
      'chart.ts idle GO otherwise removed',
    ]);
    expect(mutated(text, mutants[1]!)).toContain(`{ guard: 'may', ...{}, reenter: true }`);
  });

  it('are each named once, and every explanation names one that exists', () => {
    const all = allMutants();
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    expect(reportOf([], all, explained).unknown).toEqual([]);
  });
});

describe('a mutant in a thread of its own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-mutants-'));
  const pathsFile = join(directory, 'paths.json');
  const generatedFile = join(directory, 'generated.json');
  beforeAll(() => {
    writeFileSync(pathsFile, JSON.stringify([election, replication]));
    writeFileSync(generatedFile, JSON.stringify(generatedPaths().paths));
  }, makingMs);
  afterAll(() => rmSync(directory, { recursive: true }));
  const check = (mutant: SourceMutant, limitSeconds = 60, file = pathsFile) =>
    checkInWorker({ mutant, checker: 'paths', pathsFile: file }, limitSeconds);

  it.each([
    'machines/raft/guards.ts isVoteQuorum forced true',
    'machines/raft/raft.machine.ts candidate electionTimeout otherwise removed',
    'src/raft/election.ts startElection: context.currentTerm + 1 → context.currentTerm',
  ])('is found by a path: %s', async (key) => {
    expect(await check(mutantNamed(key))).toMatchObject({ outcome: 'killed' });
  });

  // What no correct peer says, and where messages end, is in few paths: each of these is found by one.
  it.each([
    'src/raft/replication.ts isStaleRejection: response.prevLogIndex >= nextIndex → response.prevLogIndex > nextIndex',
    'src/raft/progress.ts probeFrom: progress.matchIndex + 1 → progress.matchIndex',
    'src/raft/log-shape.ts lastIndexOfTerm: log.runs[at]!.firstIndex > limit → log.runs[at]!.firstIndex >= limit',
    'src/raft/log-shape.ts truncateFrom: run.firstIndex < index → run.firstIndex <= index',
    'src/raft/log-shape.ts truncateFrom: cut < index → cut <= index',
  ])('is found by a generated path: %s', async (key) => {
    expect(await check(mutantNamed(key), 60, generatedFile)).toMatchObject({ outcome: 'killed' });
  });

  it('is no mutant when nothing is changed', async () => {
    expect(await check(unchanged)).toMatchObject({ outcome: 'survived' });
  });

  it('is ended when it never ends', async () => {
    const endless = mutantNamed('src/raft/log-shape.ts runAt: at-- → at');
    expect(await check(endless, 4)).toMatchObject({ outcome: 'out of time' });
  });
});

const mutantNamed = (key: string): SourceMutant => allMutants().find((mutant) => mutant.key === key)!;

/** A path with what the clean chart does. */
const pathOf = (id: string, voters: readonly number[], events: readonly PathEvent[]): Path => {
  const base = { voters, disk: 'prompt' as const, settings: pathSettings };
  const model = new NodeModel(base);
  let { node } = model.start();
  const steps = events.map((event) => {
    const step = model.take(node, event);
    node = step.node;
    return {
      event,
      isDuplicate: false,
      isHostile: false,
      expect: step.expect,
      transitions: step.transitions,
    };
  });
  return { id, title: id, ...base, steps };
};

const deliver = (message: PathMessage): PathEvent => ({ type: 'deliver', message });
const timeout: PathEvent = { type: 'timeout', timer: 'electionTimeout' };
const grant = (from: number): PathEvent =>
  deliver({ type: 'PreVoteResponse', from, to: 1, term: 1, voteGranted: true });

const election = pathOf('election', [1, 2, 3, 4, 5], [timeout, grant(2), grant(3), timeout]);

const append = (prevLogIndex: number, terms: readonly number[]): PathEvent =>
  deliver({
    type: 'AppendEntries',
    from: 2,
    to: 1,
    term: 2,
    prevLogIndex,
    prevLogTerm: prevLogIndex,
    entries: terms.map((term) => ({ term, kind: 'command', payload: 'x' })),
    leaderCommit: 0,
    round: 0,
  });
const replication = pathOf('replication', [1, 2, 3], [append(0, [1, 2]), append(1, [])]);
