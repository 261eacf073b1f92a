import { describe, expect, it } from 'vitest';
import { type AnyStateNode, type AnyTransitionDefinition, createMachine } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Role } from '../../../src/node/node.ts';
import { effectNames } from '../../../src/raft/effects.ts';
import { messageTypes } from '../../../src/raft/message-table.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { roleMessages } from '../../../src/verify/protocol/role-messages.ts';

const statesBelow = (state: AnyStateNode): readonly AnyStateNode[] => [
  state,
  ...Object.values(state.states).flatMap(statesBelow),
];

const states = statesBelow(raftMachine.root);

const transitionsOf = (state: AnyStateNode): readonly AnyTransitionDefinition[] => [
  ...[...state.transitions.values()].flat(),
  ...(state.always ?? []),
];

const transitions = states.flatMap(transitionsOf);

const nameOf = (part: unknown): string => {
  const name = typeof part === 'string' ? part : (part as { type?: unknown } | undefined)?.type;
  return typeof name === 'string' && typeof part !== 'function' ? name : `not named: ${String(part)}`;
};

const roles: readonly Role[] = ['follower', 'preCandidate', 'candidate', 'leader'];
const { guards, actions, delays } = raftMachine.implementations;

describe('every transition of the raft chart', () => {
  it.each(
    transitions.map((transition) => ({
      transition,
      name: `${transition.source.id} on ${transition.eventType || 'always'} when ${nameOf(transition.guard ?? 'otherwise')}`,
    })),
  )('says what it does, and by which rule: $name', ({ transition }) => {
    const { description, meta } = transition;
    expect(description).toMatch(/^[A-Z].*[^.]\.$/);
    expect(description, 'one sentence').not.toMatch(/[.!?]\s/);
    expect(meta?.rule).toMatch(/^(Raft paper §\d|Thesis §\d)/);
  });

  it('has at most one guard, named and implemented', () => {
    const used = transitions.flatMap(({ guard }) => (guard === undefined ? [] : [nameOf(guard)]));
    for (const name of used) expect(Object.keys(guards)).toContain(name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(guards).sort());
  });

  it('does something or goes somewhere: a deliberate nothing is called ignore', () => {
    for (const { source, eventType, actions: done, target } of transitions) {
      expect(done.length + (target?.length ?? 0), `${source.id} on ${eventType}`).toBeGreaterThan(0);
    }
  });
});

describe('raft chart', () => {
  it('has only named and implemented actions, and uses every one of them', () => {
    // Beside the chart's own actions, XState puts the raise and the cancel of each `after` into entry and exit.
    const isTimer = (action: unknown) =>
      /^xstate\.(raise|cancel)$/.test(String((action as { type?: string }).type));
    const inStates = states
      .flatMap(({ entry, exit }) => [...entry, ...exit])
      .filter((action) => !isTimer(action));
    const used = [...inStates, ...transitions.flatMap((transition) => transition.actions)].map(nameOf);
    const effects = ['notice', ...effectNames];
    for (const name of used) expect(Object.keys(actions)).toContain(name);
    expect([...new Set([...used, ...effects])].sort()).toEqual(Object.keys(actions).sort());
  });

  it('has seven timers, named and implemented, and no other (design rule 4)', () => {
    const named = states.flatMap(({ config }) => Object.keys(config.after ?? {}));
    const seven = [
      'catchUpRound',
      'catchUpTimeout',
      'electionTimeout',
      'heartbeatInterval',
      'leaderLease',
      'quorumCheck',
      'transferTimeout',
    ];
    expect([...new Set(named)].sort()).toEqual(seven);
    expect(Object.keys(delays).sort()).toEqual(seven);
  });

  it('has no wildcard, no invocation and no history', () => {
    expect(transitions.map(({ eventType }) => eventType)).not.toContain('*');
    expect(states.flatMap(({ invoke }) => invoke)).toEqual([]);
    expect(states.map(({ type }) => type)).not.toContain('history');
  });

  it('describes each state that has a name of its own, and gives its rule', () => {
    const regions = ['heartbeat', 'quorumCheck', 'transfer', 'configuration'].map(
      (region) => `raft.leader.${region}`,
    );
    for (const state of states) {
      if (regions.includes(state.id)) continue;
      expect(state.description, state.id).toMatch(/\.$/);
      expect(state.meta?.rule, state.id).toMatch(/^(Raft paper|Thesis) §\d/);
    }
  });

  const pairs = roleMessages(walk(raftMachine));

  it.each(roles)('writes down what the %s does with each message', (role) => {
    const own = pairs.filter((pair) => pair.role === role);
    expect(own.map(({ message }) => message)).toEqual(messageTypes);
    expect(own.filter(({ handling }) => handling.kind === 'forgotten')).toEqual([]);
    const below = statesBelow(raftMachine.root.states[role]!);
    expect(below.some(({ transitions: own }) => own.has('Proposed'))).toBe(true);
  });

  it('ignores by default what means nothing to a role, and defends rules with branches (design rule 3)', () => {
    const of = (kind: string) =>
      pairs.flatMap(({ role, message, handling }) => (handling.kind === kind ? [`${role} ${message}`] : []));
    expect(of('ignored')).toEqual([
      'follower RequestVoteResponse',
      'follower PreVoteResponse',
      'follower AppendEntriesResponse',
      'follower InstallSnapshotResponse',
      'preCandidate RequestVoteResponse',
      'preCandidate AppendEntriesResponse',
      'preCandidate InstallSnapshotResponse',
      'candidate PreVoteResponse',
      'candidate AppendEntriesResponse',
      'candidate InstallSnapshotResponse',
      'candidate TimeoutNow',
      'leader RequestVoteResponse',
      'leader PreVoteResponse',
      'leader TimeoutNow',
    ]);
    // `term-gate.test.ts` shows that these never meet, and that all others do.
    expect(of('stopped')).toEqual(['leader PreVote']);
  });

  it('has a row for a message that nobody thought of: it is forgotten', () => {
    const found = roleMessages(walk(raftMachine), ['ForgetMe']);
    expect(found.map(({ handling }) => handling.kind)).toEqual(roles.map(() => 'forgotten'));
  });

  it('counts what a region of a role does with a message, if the root ignores the rest', () => {
    const chart = (on: object) =>
      walk(
        createMachine({
          on,
          initial: 'leader',
          states: {
            leader: {
              type: 'parallel',
              states: {
                transfer: {
                  initial: 'idle',
                  states: { idle: {}, asked: { on: { TimeoutNow: { actions: 'timeOut' } } } },
                },
              },
            },
          },
        }),
      );
    const handlingOf = (on: object) => roleMessages(chart(on), ['TimeoutNow'])[0]!.handling;
    expect(handlingOf({ TimeoutNow: { actions: 'ignore' } })).toEqual({
      kind: 'handled',
      actions: ['timeOut'],
    });
    expect(handlingOf({})).toEqual({ kind: 'forgotten' });
  });

  it('ends each list of branches with one that is not guarded, refusals first (design rule 3)', () => {
    for (const state of states) {
      for (const [eventType, branches] of state.transitions) {
        const isBranchOfGate = eventType === 'Received' && state !== raftMachine.root;
        const guarded = branches.map(({ guard }) => guard !== undefined);
        const expected = branches.map((_, at) => isBranchOfGate || at < branches.length - 1);
        expect(guarded, `${state.id} on ${eventType}`).toEqual(expected);
      }
    }
  });

  it('handles each event of the leader at the leader or in one region: two would silence or double each other', () => {
    const leader = raftMachine.root.states.leader!;
    const places = [leader, ...Object.values(leader.states)].map((place) => [
      ...new Set(
        (place === leader ? [leader] : statesBelow(place)).flatMap(({ transitions: own }) => [...own.keys()]),
      ),
    ]);
    const events = places.flat();
    expect(events.filter((event, at) => events.indexOf(event) !== at)).toEqual([]);
    // In SCXML the other regions would leave such an event to the root, which would handle it as well.
    const inRegions = places.slice(1).flat();
    expect(inRegions.filter((event) => raftMachine.root.transitions.has(event as never))).toEqual([]);
  });

  it('handles Received at the root, but for three guarded branches deeper down (design rule 2)', () => {
    const places = states.filter((state) => state.transitions.has('Received')).map(({ id }) => id);
    expect(places).toEqual(['raft', 'raft.follower', 'raft.follower.leased', 'raft.leader']);
  });

  it('never re-enters the leader: that would clear what it knows and restart both timers (design rule 4)', () => {
    const leader = raftMachine.root.states.leader!;
    for (const transition of statesBelow(leader).flatMap(transitionsOf)) {
      const { source, target, reenter } = transition;
      expect(target?.includes(leader as never) ?? false).toBe(false);
      if (source === (leader as never)) expect(reenter && target !== undefined).toBe(false);
    }
    expect(leader.entry.map(nameOf)).toEqual(['becomeLeader']);
    expect(leader.exit.map(nameOf)).toEqual(['resign']);
  });

  it('keeps the role out of the context (design rule 1)', () => {
    const { context } = raftMachine.getInitialSnapshot({} as never, { id: 1, voters: [1] });
    expect(Object.keys(context).filter((key) => /role|isLeader|state$/i.test(key))).toEqual(['randomState']);
  });
});
