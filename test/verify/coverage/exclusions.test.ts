import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type RaftSnapshot } from '../../../src/node/step.ts';
import { withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { enumerate } from '../../../src/statechart/coverage/enumeration.ts';
import { exclusionsOf } from '../../../src/statechart/coverage/exclusions.ts';
import type { Evidence } from '../../../src/statechart/coverage/grounds.ts';
import { type Item, itemId, universeOf } from '../../../src/statechart/coverage/universe.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { raftClaims, raftInputs, raftNotices } from '../../../src/verify/coverage/raft-claims.ts';
import { raftEvidence } from '../../../src/verify/coverage/raft-evidence.ts';
import { raftSpace } from '../../../src/verify/coverage/raft-space.ts';
import { anyMessage } from '../../adapters/codec/message-arbitraries.ts';
import { makingMs } from '../made-once.ts';
import { raftProof } from '../raft-proof.ts';

const universe = universeOf(walk(raftMachine));

/** A branch, and where it is taken: what a region leaves to the states around it does not hang on where that region is. */
const branchOf = ({ state, event, transition }: Item): string => {
  const isOfRegion = transition!.source.startsWith('raft.leader.');
  return itemId(isOfRegion ? state : state.replace(/\.\{.*\}$/, ''), event, transition!.id);
};

describe('what cannot be walked in the role chart', () => {
  let evidence: Evidence;
  beforeAll(() => {
    evidence = raftProof();
  }, makingMs);

  const withClaims = (claims: typeof raftClaims) =>
    exclusionsOf(universe, { inputs: raftInputs, notices: raftNotices, claims, evidence });

  it('is claimed only where the chart bears the claim out', () => {
    const { items, problems } = withClaims(raftClaims);
    expect(problems).toEqual([]);
    const gated = [...items.values()].filter(({ kind }) => kind === 'gated').map(({ id }) => id);
    const none = 'nothing enabled';
    const others = ['follower.leased', 'follower.unleased', 'preCandidate', 'candidate'];
    const transfers = ['idle', 'catchingUp', 'handedOver'].map((state) => `leader.{transfer.${state}}`);
    const catchingUp = ['inTime', 'late'].map((state) => `leader.{configuration.catchingUp.${state}}`);
    const [settled, joint, leaving] = ['settled', 'joint', 'leaving'].map(
      (state) => `leader.{configuration.${state}}`,
    );
    const changes = [settled, ...catchingUp, joint, leaving];
    const except = (...some: readonly (string | undefined)[]) =>
      changes.filter((state) => !some.includes(state));
    expect(gated.toSorted()).toEqual(
      [
        'follower.leased · PreVote · raft.follower/PreVote/0',
        'follower.leased · PreVote · raft.follower/PreVote/1',
        ...[...transfers, ...changes].map((state) => `${state} · PreVote · ${none}`),
        ...others.flatMap((state) => [...raftNotices].map((event) => `${state} · ${event} · ${none}`)),
        `leader.{transfer.idle} · TargetReady · ${none}`,
        'leader.{transfer.handedOver} · ReadRequested · raft.leader/ReadRequested/1',
        'leader.{transfer.handedOver} · ReadIndex · raft.leader/ReadIndex/1',
        ...except(...catchingUp).map((state) => `${state} · CaughtUp · ${none}`),
        ...except(joint).map((state) => `${state} · JointCommitted · ${none}`),
        ...except(leaving).map((state) => `${state} · FinalCommitted · ${none}`),
        ...catchingUp.flatMap((state) => [
          `${state} · ReadRequested · raft.leader/ReadRequested/0`,
          `${state} · ReadIndex · raft.leader/ReadIndex/0`,
          `${state} · TermCommitted · raft.leader/TermCommitted/0`,
        ]),
      ].toSorted(),
    );
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
    const { problems } = withClaims([{ state: 'leader.{transfer.idle}', event: unarmed, reason: 'wrong' }]);
    expect(problems).toEqual([
      `claimed as gated, but no such event was ever given: leader.{transfer.idle} · ${unarmed}`,
    ]);
  });

  it('counts as never following within a step only what a complete enumeration took, and not in this order, disk and state machine included', () => {
    const { pairs } = withClaims(raftClaims);
    const inStep = universe.pairs.filter(({ id }) => pairs.get(id)?.kind === 'neverInStep');
    expect(evidence.isComplete).toBe(true);
    for (const { id, first, second } of inStep) {
      expect([evidence.taken.has(first.id), evidence.taken.has(second.id), evidence.pairs.has(id)]).toEqual([
        true,
        true,
        false,
      ]);
    }
    const ids = inStep.map(({ id }) => id);
    expect(ids).toContain(
      'preCandidate · Persisted · raft/Persisted/0 → preCandidate · always · raft.preCandidate/always/0',
    );
    expect(ids).toContain(
      'preCandidate · Applied · raft/Applied/0 → preCandidate · always · raft.preCandidate/always/0',
    );
  });

  it('says of each claim and of each pair in how many states it was enumerated', () => {
    const { items, pairs } = withClaims(raftClaims);
    const proved = [...items.values(), ...pairs.values()].filter(
      ({ kind }) => kind === 'gated' || kind === 'neverInStep',
    );
    expect(proved.length).toBeGreaterThan(50);
    for (const { reason } of proved) {
      expect(reason).toMatch(/; enumerated: 1 voter, .*: \d+ states × \d+ events; 3 voters, /);
    }
  });

  it('is all that is left: the enumeration takes everything that is not excluded', () => {
    const { items } = withClaims(raftClaims);
    const branches = universe.items.filter(({ transition }) => transition !== null);
    const taken = new Set(branches.filter(({ id }) => evidence.taken.has(id)).map(branchOf));
    const left = branches.filter((item) => !items.has(item.id) && !taken.has(branchOf(item)));
    expect(left.map(({ id }) => id)).toEqual([]);
  });

  it('is not believed of an enumeration that met its limit', () => {
    const small = enumerate(
      [
        raftSpace(
          { voters: 3, maxTerm: 2, maxLog: 1, asks: 'nothing', isTimed: false, snapshots: false },
          universe,
        ),
      ],
      50,
    );
    expect(small.isComplete).toBe(false);
    const { items, pairs, problems } = exclusionsOf(universe, {
      inputs: raftInputs,
      notices: raftNotices,
      claims: raftClaims,
      evidence: small,
    });
    const kinds = [...items.values(), ...pairs.values()].map(({ kind }) => kind);
    expect(kinds).not.toContain('gated');
    expect(kinds).not.toContain('neverInStep');
    expect(problems).toHaveLength(raftClaims.length);
    expect(problems[0]).toMatch(/^claimed as gated, but (the enumeration is not complete|no such event)/);
  }, 120_000);

  it('does not hang on which peer is which: states that differ by their names alone are enumerated once', () => {
    const space = raftSpace(
      { voters: 3, maxTerm: 1, maxLog: 1, asks: 'nothing', isTimed: false, snapshots: false },
      universe,
    );
    const named = {
      ...space,
      keyOf: ({ value, context }: RaftSnapshot) =>
        JSON.stringify([value, context], (name, each) =>
          ['round', 'checkedRound', 'matchRound'].includes(name) ? 0 : each,
        ),
    };
    const { extent, ...seen } = enumerate([space]);
    const { extent: wider, ...seenByName } = enumerate([named]);
    expect(seen).toEqual(seenByName);
    expect(extent).not.toBe(wider);
  }, 120_000);

  it('ends where a chart takes what it could not take before', () => {
    const pair =
      'preCandidate · Persisted · raft/Persisted/0 → preCandidate · always · raft.preCandidate/always/0';
    const impatient = withGuards({
      isSoleVoter: ({ context, event }) => context.currentTerm > 0 && event.type === 'Persisted',
    });
    const space = raftSpace(
      { voters: 3, maxTerm: 2, maxLog: 1, asks: 'nothing', isTimed: false, snapshots: false },
      universe,
      impatient,
    );
    const other = enumerate([space]);
    expect(other.pairs).toContain(pair);
    const { pairs } = exclusionsOf(universe, {
      inputs: raftInputs,
      notices: raftNotices,
      claims: [],
      evidence: other,
    });
    expect(pairs.has(pair)).toBe(false);
  }, 120_000);

  it('is a problem where an enumeration took what the form of the chart excludes', () => {
    const shadowed = 'candidate · RequestVote · nothing enabled';
    const { items, problems } = exclusionsOf(universe, {
      inputs: raftInputs,
      notices: raftNotices,
      claims: [],
      evidence: { ...evidence, taken: new Set([...evidence.taken, shadowed]) },
    });
    expect(items.get(shadowed)?.kind).toBe('shadowed');
    expect(problems).toEqual([`excluded (shadowed), but enumerated: ${shadowed}`]);
  });

  it('is proved by no chart that asks a guard about another event: the enumeration ends there', () => {
    const machine = raftMachine.provide({ guards: { votedForAnother: guards.isLogMismatch } });
    expect(() => raftEvidence(machine)).toThrow('a rule sees its own events');
  });

  it('refutes the claims about the lease when the lease lets votes through (thesis §4.2.3)', () => {
    const bounds = {
      voters: 3,
      maxTerm: 2,
      maxLog: 1,
      asks: 'nothing',
      isTimed: false,
      snapshots: false,
    } as const;
    const machine = withGuards({ isDisruptiveVote: () => false });
    const open = enumerate([raftSpace(bounds, universe, machine)]);
    const { problems } = exclusionsOf(universe, {
      inputs: raftInputs,
      notices: raftNotices,
      claims: raftClaims,
      evidence: open,
    });
    expect(problems).toContainEqual(
      expect.stringMatching(/^claimed as gated, but follower\.leased · PreVote · .* was taken/),
    );
  }, 120_000);

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
        round: 0,
      },
    }).snapshot;
    fc.assert(
      fc.property(anyMessage, (message) => {
        fc.pre(message.type === 'PreVote' || (message.type === 'RequestVote' && !message.leadershipTransfer));
        const { taken } = stepper.step(heard, { type: 'Received', message });
        expect(taken.map(({ transition }) => transition.eventType)).toEqual(['Received']);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
