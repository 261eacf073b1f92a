import { describe, expect, test } from 'vitest';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { withDecision, withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { voteSentBeforePersisted } from '../../../src/simulate/broken/broken-charts.ts';
import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import { type Explored, type ExploreParts, explore } from '../../../src/verify/explore/explore.ts';
import { Explorer } from '../../../src/verify/explore/explorer.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import * as rules from '../../mutants/broken-rules.ts';
import { leastStates } from './least-states.ts';
import { smallCluster } from './small-cluster.ts';

const small: ExploreOptions = { ...smallCluster, nodes: 2 };

const figuresOf = (options: Partial<ExploreOptions>, parts?: ExploreParts) => {
  const { outcome, figures } = explore({ ...small, ...options }, parts);
  const { states, edges, depth, cut, dropped } = figures;
  return { outcome, states, edges, depth, cut, dropped };
};

/** How a broken chart fares in a small cluster. */
const exploreBroken = (machine: typeof raftMachine, options: Partial<ExploreOptions>): Explored =>
  explore({ ...small, nodes: 3, ...options }, { machine });

const propertyOf = (explored: Explored): string =>
  explored.outcome === 'violation' ? explored.violation.property : explored.outcome;

describe('explorer', () => {
  test('exhausts a small cluster to the same figures every time', () => {
    const expected = { outcome: 'exhausted', states: 349, edges: 1052, depth: 18, cut: 340, dropped: 75 };
    expect(figuresOf({})).toEqual(expected);
    expect(figuresOf({})).toEqual(expected);
  });

  test('a single node elects itself and is done', () => {
    expect(figuresOf({ nodes: 1 })).toMatchObject({ outcome: 'exhausted', states: 2, dropped: 0 });
  });

  test('a full bag loses messages, and says how many', () => {
    expect(figuresOf({ messages: 1 }).dropped).toBeGreaterThan(0);
    expect(figuresOf({ messages: 12 }).dropped).toBe(0);
  });

  test('loss, duplicates, crashes and a slow disk each lead to more states', () => {
    const { states } = figuresOf({});
    expect(figuresOf({ loss: true }).states).toBeGreaterThan(states);
    expect(figuresOf({ duplicates: true }).states).toBeGreaterThan(states);
    expect(figuresOf({ crashes: 1 }).states).toBeGreaterThan(states);
    expect(figuresOf({ maxLog: 0, disk: 'slow' }).states).toBeGreaterThan(figuresOf({ maxLog: 0 }).states);
  });

  test('symmetry leaves one state of all that differ in names alone', () => {
    const options = { ...small, nodes: 3, messages: 1, crashes: 1, maxLog: 0 };
    const plain = exhausted(new Explorer(options, { symmetry: false }));
    const symmetric = exhausted(new Explorer(options));
    const found = leastStates(symmetric);
    expect(found.size).toBe(symmetric.figures.states);
    expect(leastStates(plain)).toEqual(found);
    expect(plain.figures.states).toBeGreaterThan(4 * symmetric.figures.states);
  });

  test('symmetry leaves spares among spares, and loses nothing by it', () => {
    const options = { ...small, messages: 1, reconfigurations: 1 };
    for (const bounds of [
      { nodes: 1, spares: 2, maxLog: 3 },
      { nodes: 2, spares: 1, maxLog: 2 },
      { nodes: 2, maxLog: 3 },
    ]) {
      const plain = exhausted(new Explorer({ ...options, ...bounds }, { symmetry: false }));
      const symmetric = exhausted(new Explorer({ ...options, ...bounds }));
      const found = leastStates(symmetric);
      expect(found.size).toBe(symmetric.figures.states);
      expect(leastStates(plain)).toEqual(found);
      expect(plain.figures.states).toBeGreaterThan(1.9 * symmetric.figures.states);
    }
  });

  test('symmetry holds for deaths in the middle of a broadcast, in a bag with room for it', () => {
    const options = { ...small, nodes: 3, messages: 5, crashes: 1, maxLog: 0 };
    // Compared once, by brute force, with all 190,886 states without symmetry: one of each kind.
    expect(exhausted(new Explorer(options)).figures.states).toBe(31_992);
  });

  test('the way to a state can be played, deaths in the middle of an event included', () => {
    const explorer = new Explorer({ ...small, nodes: 3, messages: 3, crashes: 1 });
    explorer.advance(20_000);
    for (let state = 0; state < 20_000; state += 97) {
      const schedule = explorer.scheduleTo(state);
      expect(() => [...playSchedule(explorer.options, schedule)]).not.toThrow();
    }
  });

  test('the way to a state can be played, changes of the members included', () => {
    const bounds = { nodes: 2, spares: 1, maxTerm: 2, maxLog: 3, messages: 1, reconfigurations: 1 };
    const explorer = new Explorer({ ...small, ...bounds });
    explorer.advance(8000);
    for (let state = 0; state < explorer.figures.states; state += 131) {
      const schedule = explorer.scheduleTo(state);
      expect(() => [...playSchedule(explorer.options, schedule)]).not.toThrow();
    }
  });

  test('what no rule looks at again changes no outcome', () => {
    const changed = { spares: 1, maxLog: 2, messages: 1, reconfigurations: 1 };
    for (const options of [{}, { crashes: 1 }, { nodes: 3, messages: 1 }, changed]) {
      expect(figuresOf(options, { reductions: false }).outcome).toBe(figuresOf(options).outcome);
    }
  });

  test('stops at a limit of states', () => {
    const explored = explore(small, { limits: { states: 100 } });
    expect(explored).toMatchObject({ outcome: 'limit', limit: 'states' });
  });

  test('goes on from what was saved, to the same figures', () => {
    let explorer = new Explorer({ ...small, crashes: 1 });
    while (explorer.advance(100) === null) {
      const { header, arrays } = explorer.save();
      explorer = new Explorer(explorer.options, {}, { header: JSON.parse(JSON.stringify(header)), arrays });
    }
    expect(explorer.figures).toEqual(exhausted(new Explorer({ ...small, crashes: 1 })).figures);
  });
});

describe('explorer tells', () => {
  test('of a delivery that violates a property, although the message might have been lost', () => {
    const bounds = { maxLog: 0, loss: true };
    const explored = exploreBroken(withGuards({ votedForAnother: () => false }), bounds);
    expect(explored.outcome === 'violation' && explored.schedule.at(-1)?.event.type).toBe('deliver');
  });
});

describe('explorer finds', () => {
  test('a vote that is sent before it is durable (Figure 2)', () => {
    const explored = exploreBroken(voteSentBeforePersisted, { crashes: 1 });
    expect(propertyOf(explored)).toBe('Durable Before Promised');
    expect(explored.outcome === 'violation' && explored.schedule.length).toBe(4);
  });

  test('a vote that is forgotten on stepping down (paper §5.2)', () => {
    expect(propertyOf(exploreBroken(rules.voteClearedOnStepDown, {}))).toBe('One Vote Per Term');
  });

  test('a candidate that does not record its own vote (paper §5.2)', () => {
    expect(propertyOf(exploreBroken(rules.ownVoteNotRecorded, {}))).toBe('Durable Before Promised');
  });

  test('a leader that counts itself before its disk is done (thesis §10.2.1)', () => {
    const machine = withDecision('becomeLeader', (_, __, { patch, effects }) => ({
      patch: { ...patch, commitIndex: 1 },
      effects: [...effects, { type: 'apply', params: { lastIndex: 1 } }],
    }));
    expect(propertyOf(exploreBroken(machine, {}))).toBe('Committed On Majority');
  });

  test('a rule that breaks a local invariant: the chart throws', () => {
    const machine = withDecision('recordApplied', (context) => {
      throw new Error(`node ${context.id} cannot apply`);
    });
    const explored = exploreBroken(machine, { nodes: 2 });
    expect(propertyOf(explored)).toBe('Node Keeps Running');
  });

  test('candidates that never ask again: stuck (paper §5.2)', () => {
    const machine = withDecision('startPreVote', (_, __, { patch }) => ({ patch, effects: [] }));
    expect(exploreBroken(machine, { nodes: 2 }).outcome).toBe('stuck');
  });
});

const exhausted = (explorer: Explorer): Explorer => {
  while (explorer.advance(10_000) === null);
  return explorer;
};
