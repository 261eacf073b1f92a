import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper } from '../../../src/node/step.ts';
import { exclusionsOf } from '../../../src/statechart/coverage/exclusions.ts';
import type { Evidence } from '../../../src/statechart/coverage/grounds.ts';
import { universeOf } from '../../../src/statechart/coverage/universe.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { gatherEvidence } from '../../../src/verify/coverage/evidence.ts';
import { raftClaims, raftInputs } from '../../../src/verify/coverage/raft-claims.ts';
import { anyMessage } from '../../adapters/codec/message-arbitraries.ts';
import { withGuards } from '../../mutants/broken-chart.ts';

const universe = universeOf(walk(raftMachine));

describe('what cannot be walked in the role chart', () => {
  let evidence: Evidence;
  beforeAll(() => {
    evidence = gatherEvidence();
  });

  const withClaims = (claims: typeof raftClaims) =>
    exclusionsOf(universe, { inputs: raftInputs, claims, evidence });

  it('is claimed only where the chart bears the claim out', () => {
    const { items, problems } = withClaims(raftClaims);
    expect(problems).toEqual([]);
    const gated = [...items.values()].filter(({ kind }) => kind === 'gated').map(({ id }) => id);
    expect(gated).toEqual([
      'follower.leased · RequestVote · raft.follower/RequestVote/0',
      'follower.leased · RequestVote · raft.follower/RequestVote/1',
      'follower.leased · RequestVote · raft.follower/RequestVote/2',
      'follower.leased · PreVote · raft.follower/PreVote/0',
      'follower.leased · PreVote · raft.follower/PreVote/1',
      'leader · RequestVote · nothing enabled',
      'leader · PreVote · nothing enabled',
    ]);
  });

  it('excludes nothing by a claim that the chart refutes, and says which', () => {
    const { items, problems } = withClaims([{ state: 'candidate', event: 'RequestVote', reason: 'wrong' }]);
    expect(problems).toEqual([
      'claimed as gated, but candidate · RequestVote · raft.candidate/RequestVote/0 was taken: candidate · RequestVote',
    ]);
    expect(items.has('candidate · RequestVote · raft.candidate/RequestVote/0')).toBe(false);
  });

  it('reports a claim about what the chart no longer has', () => {
    const { problems } = withClaims([{ state: 'learner', event: 'RequestVote', reason: 'wrong' }]);
    expect(problems).toEqual(['claimed as gated, but not in the chart: learner · RequestVote']);
  });

  it('does not believe a claim about an event that was never tried', () => {
    const unarmed = 'xstate.after.electionTimeout.raft.candidate';
    const { problems } = withClaims([{ state: 'leader', event: unarmed, reason: 'wrong' }]);
    expect(problems).toEqual([`claimed as gated, but only 0 of them were tried: leader · ${unarmed}`]);
  });

  it('counts as never following within a step only behind what was taken often, disk and state machine included', () => {
    const { pairs } = withClaims(raftClaims);
    const inStep = universe.pairs.filter(({ id }) => pairs.get(id)?.kind === 'neverInStep');
    expect(inStep.filter(({ first }) => evidence.taken.get(first.id)! < 100)).toEqual([]);
    const ids = inStep.map(({ id }) => id);
    expect(ids).toContain(
      'candidate · Persisted · raft/Persisted/0 → candidate · always · raft.candidate/always/0',
    );
    expect(ids).toContain(
      'candidate · Applied · raft/Applied/0 → candidate · always · raft.candidate/always/0',
    );
    const rare = { ...evidence, taken: new Map([...evidence.taken].map(([id]) => [id, 99])) };
    const left = exclusionsOf(universe, { inputs: raftInputs, claims: [], evidence: rare }).pairs;
    expect([...left.values()].filter(({ kind }) => kind === 'neverInStep')).toEqual([]);
  });

  it('refutes the claims about the lease when the lease lets votes through (thesis §4.2.3)', () => {
    const open = gatherEvidence(withGuards({ isVoteRequest: () => false }));
    const { problems } = exclusionsOf(universe, { inputs: raftInputs, claims: raftClaims, evidence: open });
    expect(problems).toHaveLength(4);
    expect(problems[0]).toMatch(/^claimed as gated, but follower\.leased · RequestVote · .* was taken/);
  });

  it('holds for any message whatever: no vote request gets to a leased follower (thesis §4.2.3)', () => {
    const stepper = createStepper();
    const start = stepper.initial({ id: 1, voters: [1, 2, 3] }).snapshot;
    const heard = stepper.step(start, {
      type: 'Received',
      message: {
        type: 'AppendEntries',
        from: 2,
        to: 1,
        term: 5,
        prevLogIndex: 0,
        prevLogTerm: 0,
        entries: [],
        leaderCommit: 0,
      },
    }).snapshot;
    fc.assert(
      fc.property(anyMessage, (message) => {
        fc.pre(message.type === 'RequestVote' || message.type === 'PreVote');
        const { taken } = stepper.step(heard, { type: 'Received', message });
        expect(taken.map(({ transition }) => transition.eventType)).toEqual(['Received']);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
