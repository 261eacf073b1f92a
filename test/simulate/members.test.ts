import { describe, expect, it } from 'vitest';
import { guards } from '../../machines/raft/guards.ts';
import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import { type Configuration, currentConfiguration } from '../../src/raft/configuration.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import type { Decision } from '../../src/raft/effects.ts';
import type { ConfigurationProposed, RaftEvent } from '../../src/raft/inputs.ts';
import { termAt } from '../../src/raft/log-shape.ts';
import type { MemberChange } from '../../src/raft/members.ts';
import { countedIndex } from '../../src/raft/progress.ts';
import { quorumIndex } from '../../src/raft/quorum.ts';
import { withDecision, withGuards } from '../../src/simulate/broken/broken-chart.ts';
import { defaultPlan, generatePlan, noFaults } from '../../src/simulate/generate-plan.ts';
import { checkedPlan, parsePlan } from '../../src/simulate/parse-plan.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import { defaultShrinkOptions, shrink } from '../../src/simulate/shrink.ts';
import { Simulation } from '../../src/simulate/simulation.ts';

type Chart = typeof raftMachine;

/** The members change all the time, while nodes are cut off and crash. */
const restless = (seed: number, nodes = 3): Plan =>
  generatePlan(
    {
      ...calmPlan,
      seed,
      nodes,
      spares: 2,
      durationMs: 5000,
      clients: { sessions: 2, operationsPerSecond: 10, keys: 1 },
      requests: { readsPerSecond: 0, transfersPerSecond: 0, changesPerSecond: 15 },
    },
    { ...noFaults, partition: 2, crash: 3 },
  );

/** What the first of `seeds` runs that breaks something breaks; null: none does. */
const brokenIn = async (
  seeds: number,
  machine?: Chart,
  planOf: (seed: number) => Plan = (seed) => restless(seed),
): Promise<string | null> => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await runSimulation(planOf(seed), machine === undefined ? {} : { machine });
    if (violation !== null) return violation.message;
  }
  return null;
};

/** A leader that commits by the majorities of another configuration than the one in force. */
const countingBy = (counted: (inForce: Configuration) => Configuration): Chart => {
  const broken = (context: RaftContext, _: RaftEvent, right: Decision): Decision => {
    const after = { ...context, ...right.patch };
    const inForce = currentConfiguration(after.configurations);
    const replicated = quorumIndex(counted(inForce), (id) =>
      id === after.id ? after.durableIndex : countedIndex(after.progress[id]),
    );
    if (replicated <= after.commitIndex || termAt(after.log, replicated) !== after.currentTerm) return right;
    return {
      ...right,
      patch: { ...right.patch, commitIndex: replicated },
      effects: [...right.effects, { type: 'apply', params: { lastIndex: replicated } }],
    };
  };
  return withDecision('recordMatch', broken, withDecision('recordPersisted', broken));
};

const leavingAtOnce = (name: 'appendJoint' | 'appendAwaitedJoint', chart?: Chart): Chart =>
  withDecision(name, (_, __, right) => ({ ...right, raised: [{ type: 'JointCommitted' }] }), chart);

/** Single-server changes, thesis §4.1: one voter at a time, without a joint phase. */
const changesOneVoter: (typeof guards)['keepsVoters'] = ({ context, event }) =>
  guards.keepsVoters({ context, event }) ||
  (event as ConfigurationProposed).changes.filter(({ type }) => type === 'remove').length === 1;

/**
 * The leader of four is cut off as it removes one of the others; whoever leads next removes another at once, before anything of its own
 * term is committed. D. Ongaro, "bug in single-server membership changes" (raft-dev, 2015).
 */
const changedTwice = async (machine: Chart): Promise<string | null> => {
  const clients = { sessions: 1, operationsPerSecond: 0, keys: 1 };
  const simulation = new Simulation({ ...calmPlan, nodes: 4, clients }, { machine });
  const { checks, nodes, faults } = simulation;
  const leaderAfter = (term: number) =>
    checks.view.nodes.find((each) => each.role === 'leader' && each.currentTerm > term);
  const remove = (at: number, node: number) => {
    const changes: readonly MemberChange[] = [{ type: 'remove', node }];
    const { process, node: asked } = nodes[at - 1]!;
    process!.run(() => void asked!.changeMembers(changes));
  };
  simulation.start();
  await simulation.run(2000, () => (leaderAfter(0)?.lastApplied ?? 0) > 0);
  const first = leaderAfter(0)!;
  const others = [1, 2, 3, 4].filter((id) => id !== first.id);
  const [removed] = others as [number, number, number];
  const fromMs = simulation.nowMs;
  faults.begin({
    kind: 'partition',
    fromMs,
    toMs: fromMs + 5000,
    groups: [[first.id], others],
    oneWay: false,
  });
  remove(first.id, removed);
  await simulation.run(fromMs + 3000, () => leaderAfter(first.currentTerm) !== undefined);
  const second = leaderAfter(first.currentTerm)!;
  remove(second.id, others.find((id) => id !== removed && id !== second.id)!);
  await simulation.run(fromMs + 5000);
  return checks.violation?.message ?? null;
};

describe('changes of the members in a simulated cluster (thesis §4)', () => {
  it('keep every property with every kind of fault, and the members converge', async () => {
    const requests = { readsPerSecond: 10, transfersPerSecond: 0.5, changesPerSecond: 4 };
    const plan = generatePlan({ ...defaultPlan, nodes: 3, durationMs: 15_000, requests });
    const { violation, figures } = await runSimulation(plan);
    expect(violation).toBeNull();
    const { changesAsked, changesDone, changesRefused } = figures.requests;
    expect(changesDone).toBeGreaterThan(10);
    expect(changesRefused).toBeGreaterThan(10);
    expect(changesAsked).toBeGreaterThanOrEqual(changesDone + changesRefused);
  });

  it('keep them when they come faster than they can be done, or begin with a single voter', async () => {
    expect(await brokenIn(3)).toBeNull();
    expect(await brokenIn(3, undefined, (seed) => restless(seed, 1))).toBeNull();
  });

  it('leave a spare out until it is added', async () => {
    const { figures } = await runSimulation({ ...calmPlan, durationMs: 2000, spares: 2 });
    expect(figures.terms).toBe(1);
    const { figures: alone } = await runSimulation({ ...calmPlan, durationMs: 2000 });
    expect(figures.committed).toBe(alone.committed);
  });
});

describe('the simulator finds', () => {
  it('two voters that change at once, without the joint phase (Raft paper §6)', async () => {
    const machine = withGuards({ keepsVoters: () => true });
    expect(await brokenIn(3, machine)).toMatch(
      /^Configuration Safety: entry \d+ of node\d gives the vote to [\d,]+; but a majority of [\d,]+, from entry \d+, needs none of theirs$/,
    );
  });

  it('a joint configuration that is left before it is committed (thesis §4.3)', async () => {
    const machine = leavingAtOnce('appendJoint', leavingAtOnce('appendAwaitedJoint'));
    expect(await brokenIn(1, machine)).toMatch(
      /^Configuration Safety: .* but entry \d+, which it follows, is not committed$/,
    );
  });

  it('learners that are counted (thesis §4.2.1)', async () => {
    const machine = countingBy((inForce) => ({
      ...inForce,
      voters: [...inForce.voters, ...inForce.learners].sort((a, b) => a - b),
    }));
    expect(await brokenIn(4, machine)).toMatch(/^Committed On Majority: .* alone of the voters [\d,]+/);
  });

  it('a joint configuration in which the new majority decides alone (thesis §4.3)', async () => {
    const machine = countingBy((inForce) => ({ ...inForce, outgoing: [] }));
    expect(await brokenIn(1, machine)).toMatch(
      /^Committed On Majority: .* of the voters [\d,]+ together with [\d,]+$/,
    );
  });

  it('single-server changes by a leader that has committed nothing of its own term (thesis §4.1)', async () => {
    const single = withGuards({ keepsVoters: changesOneVoter });
    expect(await changedTwice(single)).toBeNull();
    const early = withGuards({
      keepsVoters: changesOneVoter,
      isOwnTermUncommitted: ({ context, event }) =>
        event.type !== 'ConfigurationProposed' && guards.isOwnTermUncommitted({ context, event }),
    });
    expect(await changedTwice(early)).toMatch(/^Configuration Safety: .* and they may share no voter$/);
  });

  it('a node that forgets its configurations as it starts', async () => {
    const machine = withDecision('acceptAppend', (context, _, right) =>
      right.patch.configurations === undefined
        ? right
        : { ...right, patch: { ...right.patch, configurations: context.configurations } },
    );
    expect(await brokenIn(2, machine)).toMatch(
      /^Configuration Safety: .* is a configuration on node\d; but on/,
    );
  });
});

describe('a plan with changes of the members', () => {
  it('shrinks to one without, where they have nothing to do with the failure', async () => {
    const machine = withGuards({ isLogMismatch: () => false });
    const plan = generatePlan({ ...defaultPlan, seed: 1, nodes: 3, durationMs: 10_000 });
    const found = await shrink(plan, { ...defaultShrinkOptions, simulation: { machine } });
    expect(found!.plan.requests).toMatchObject({ changesPerSecond: 0 });
    expect(found!.plan.spares).toBe(0);
  }, 120_000);

  it('keeps them where they have', async () => {
    const machine = withGuards({ keepsVoters: () => true });
    const found = await shrink(restless(3), { ...defaultShrinkOptions, simulation: { machine } });
    expect(found!.violation.property).toBe('Configuration Safety');
    expect(found!.plan.requests!.changesPerSecond).toBeGreaterThan(0);
    expect((await runSimulation(found!.plan, { machine })).violation).toEqual(found!.violation);
  }, 120_000);

  it('is read from a file with or without them', () => {
    const { spares: _, requests, ...older } = defaultPlan;
    const { changesPerSecond: __, ...olderRequests } = requests!;
    expect(parsePlan(JSON.stringify({ ...older, requests: olderRequests }))).not.toHaveProperty('spares');
    expect(parsePlan(JSON.stringify(defaultPlan))).toEqual(defaultPlan);
    expect(() => checkedPlan({ ...calmPlan, spares: 97 })).toThrow('spares: expected at most 96, got 97');
    const crash = { kind: 'crash', fromMs: 1, toMs: 2, nodes: [5], effects: 0 } as const;
    expect(checkedPlan({ ...calmPlan, spares: 2, faults: [crash] }).faults).toEqual([crash]);
    expect(() => checkedPlan({ ...calmPlan, spares: 1, faults: [crash] })).toThrow('there is no node 5 of 4');
  });
});
