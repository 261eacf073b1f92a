import { describe, expect, it } from 'vitest';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { chartWithout } from '../../../src/verify/paths/chart-without.ts';
import { generatePaths, hashOf } from '../../../src/verify/paths/generate-paths.ts';
import type { Path } from '../../../src/verify/paths/path.ts';
import { fromLines, toLines } from '../../../src/verify/paths/path-file.ts';
import { toMarkdown } from '../../../src/verify/paths/path-markdown.ts';
import { replay } from '../../../src/verify/paths/replay.ts';
import { generatedPaths } from '../generated-paths.ts';

const set = generatedPaths();
const steps = set.paths.flatMap((path) => path.steps);

describe('generated paths', () => {
  it('are the same whenever they are generated', () => {
    expect(toLines(generatePaths({ cover: 'transitions', voters: 1 }))).toBe(
      toLines(generatePaths({ cover: 'transitions', voters: 1 })),
    );
  });

  it('have another hash when a rule changes behind the same form of the chart', () => {
    const hashFor = (machine: typeof raftMachine) =>
      generatePaths({ cover: 'transitions', voters: 1, machine }).chart;
    const silent = raftMachine.provide({ actions: { rejectProposals: () => {} } });
    expect(hashFor(silent)).not.toBe(hashFor(raftMachine));
    expect(hashFor(raftMachine.provide({}))).toBe(hashFor(raftMachine));
  });

  it('have another hash when the form of the chart changes, but not when its code is written otherwise, as by a compiler', () => {
    const rewritten = raftMachine.provide({ guards: { isNewerTerm: () => false } });
    expect(hashOf(rewritten, [])).toBe(hashOf(raftMachine, []));
    expect(hashOf(chartWithout(['preVote']), [])).not.toBe(hashOf(raftMachine, []));
  });

  it('replay on the chart that they come from, from a file too', () => {
    const read = fromLines(toLines(set));
    expect(read.paths.map((path) => replay(path)).filter((mismatch) => mismatch !== null)).toEqual([]);
  });

  it('walk every transition of the chart', () => {
    const walked = new Set(steps.flatMap(({ transitions }) => transitions.map(({ id }) => id)));
    const left = transitionsOf(walk(raftMachine)).map(({ id }) => id);
    expect(left.filter((id) => !walked.has(id))).toEqual([]);
  });

  it('have ids of their own, titles that fit a line, and few steps, even where a change of members is far away', () => {
    expect(new Set(set.paths.map(({ id }) => id)).size).toBe(set.paths.length);
    expect(Math.max(...set.paths.map((path) => path.steps.length))).toBeLessThanOrEqual(17);
    expect(steps.length / set.paths.length).toBeLessThan(9);
    expect(Math.max(...set.paths.map(({ title }) => title.length))).toBeLessThanOrEqual(90);
  });

  it('restart a node in every role and deliver messages twice', () => {
    const restarted = steps.filter(({ event }) => event.type === 'restart');
    expect(restarted.length).toBeGreaterThan(20);
    expect(steps.filter(({ isDuplicate }) => isDuplicate).length).toBeGreaterThan(20);
  });

  it('break no rule of correct peers but in hostile steps', () => {
    for (const path of set.paths) {
      const leaders = new Map<number, number>();
      for (const { event, isHostile, transitions, expect: after } of path.steps) {
        if (isHostile) break;
        const guarded = transitions.map(({ guard }) => guard);
        expect(guarded, path.id).not.toContain('isCommittedConflict');
        expect(guarded, path.id).not.toContain('isMatchBeyondLog');
        expect(guarded, path.id).not.toContain('isUnknownFollower');
        const found: [number, number][] = after.role === 'leader' ? [[after.term, 1]] : [];
        if (event.type === 'deliver' && event.message.type === 'AppendEntries') {
          found.push([event.message.term, event.message.from]);
        }
        for (const [term, leader] of found) {
          expect(leaders.get(term) ?? leader, `${path.id}: one leader in term ${term}`).toBe(leader);
          leaders.set(term, leader);
        }
      }
    }
  });

  it('catch every guard of the chart forced true or false', () => {
    const survivors: string[] = [];
    for (const guard of Object.keys(guards)) {
      // Those that ask it find out soonest.
      const asking = (path: Path) =>
        path.steps.some(({ transitions }) => transitions.some((each) => each.guard === guard));
      const paths = [...set.paths.filter(asking), ...set.paths.filter((path) => !asking(path))];
      for (const outcome of [true, false]) {
        const machine = raftMachine.provide({ guards: { [guard]: () => outcome } });
        if (paths.every((path) => replay(path, machine) === null)) survivors.push(`${guard} ${outcome}`);
      }
    }
    expect(survivors).toEqual([]);
  });

  it('read as tables: event, state, replies and the rule with its section', () => {
    const text = toMarkdown(set);
    expect(text).toContain('| # | What happens | State | Term | Vote | Log | Commit | It sends | Rule |');
    expect(text).toContain('Raft paper §5.4.1');
    expect(text.match(/^## /gm)).toHaveLength(set.paths.length);
  });

  it('of another format or cut off are refused with one line', () => {
    expect(() => fromLines('{"format":"raftchart-paths","version":99,"paths":0}')).toThrow(/version 99/);
    expect(() =>
      fromLines(
        '{"format":"raftchart-paths","version":1,"paths":0,"nodes":"x"}'.replace('1', `${set.version}`),
      ),
    ).toThrow("the header's nodes must be a number");
    expect(() => fromLines('nonsense')).toThrow('line 1 is not JSON');
    expect(() => fromLines(toLines(set).split('\n').slice(0, 3).join('\n'))).toThrow(/header promises/);
  });
});
