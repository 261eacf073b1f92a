import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { transition } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type RaftSnapshot } from '../../../src/node/step.ts';
import { messageTypes } from '../../../src/raft/message-table.ts';
import type { Message } from '../../../src/raft/messages.ts';
import { requestVote, votersOf } from '../../raft/contexts.ts';
import { ChartNode, roleOf } from './chart-node.ts';
import { RandomInputs } from './random-inputs.ts';

/** The chart with a delivery that is only noted: whoever it is in after the step would have got the message. */
const gate = raftMachine.provide({ actions: { deliver: () => {} } });

const receiverOf = (from: RaftSnapshot, message: Message): string | null => {
  const snapshot = gate.resolveState({ value: from.value, context: from.context });
  const [after, actions] = transition(gate, snapshot, { type: 'Received', message });
  return actions.some(({ type }) => type === 'deliver') ? roleOf(after as RaftSnapshot) : null;
};

/** Runs a node through random inputs and shows each state that it passes. */
const passThrough = (
  size: number,
  seed: number,
  visit: (snapshot: RaftSnapshot, message: Message) => void,
) => {
  const stepper = createStepper();
  const inputs = new RandomInputs(seed, size);
  let step = stepper.initial({ id: 1, voters: votersOf(size), seed });
  const armed = new Set<string>();
  for (let at = 0; at < 4000; at++) {
    for (const { change, id } of step.timers) change === 'start' ? armed.add(id) : armed.delete(id);
    inputs.note(step.effects);
    const { snapshot } = step;
    const input = inputs.next(snapshot.context, roleOf(snapshot));
    if (input === null) {
      const timer = [...armed][at % armed.size]!;
      armed.delete(timer);
      step = stepper.step(snapshot, { type: timer as `xstate.after.${string}` });
    } else {
      if (input.type === 'Received') visit(snapshot, input.message);
      step = stepper.step(snapshot, input);
    }
  }
};

describe('term gate', () => {
  it('delivers no request for a pre-vote to the leader; every other pair of role and message does meet', () => {
    const met = new Set<string>();
    for (const [size, seed] of [
      [3, 1],
      [3, 2],
      [5, 3],
      [3, 5],
    ] as const) {
      passThrough(size, seed, (snapshot, message) => {
        const role = receiverOf(snapshot, message);
        if (role !== null) met.add(`${role} × ${message.type}`);
      });
    }
    const roles = ['follower', 'preCandidate', 'candidate', 'leader'];
    const expected = roles.flatMap((role) => messageTypes.map((type) => `${role} × ${type}`));
    expect([...met].sort()).toEqual(expected.filter((pair) => pair !== 'leader × PreVote').sort());
  });

  it('delivers only messages of the term that the node is then in, or of the next one for pre-votes (paper §5.1)', () => {
    passThrough(3, 4, (from, message) => {
      const snapshot = gate.resolveState({ value: from.value, context: from.context });
      const [after, actions] = transition(gate, snapshot, { type: 'Received', message });
      if (!actions.some(({ type }) => type === 'deliver')) return;
      const { currentTerm } = (after as RaftSnapshot).context;
      if (message.type === 'PreVote') expect(message.term).toBeGreaterThan(currentTerm);
      else if (message.type === 'PreVoteResponse' && message.voteGranted) {
        expect(message.term).toBe(currentTerm + 1);
      } else expect(message.term).toBe(currentTerm);
    });
  });

  it('keeps the context plain JSON over random runs (design rule 7)', () => {
    for (const [size, seed] of [
      [1, 5],
      [3, 6],
      [7, 7],
    ] as const) {
      passThrough(size, seed, ({ context }) => {
        const copy = JSON.parse(JSON.stringify(context));
        if (!isDeepStrictEqual(copy, context)) expect(copy).toStrictEqual(context);
      });
    }
  });

  it.each(['RequestVote', 'PreVote'] as const)(
    'makes leader and leased follower ignore a %s of any term, without an answer (thesis §4.2.3)',
    (type) => {
      const leader = new ChartNode();
      leader.elect();
      const leased = new ChartNode();
      const heartbeat = { prevLogIndex: 0, prevLogTerm: 0, entries: [], leaderCommit: 0, round: 0 };
      leased.receive({ type: 'AppendEntries', from: 2, to: 1, term: 1, ...heartbeat });
      for (const node of [leader, leased]) {
        for (const term of [1, 2, 3, 50]) {
          const { value, context } = node.snapshot;
          expect(node.receive({ ...requestVote({ term }), type })).toEqual([]);
          expect(node.snapshot.value).toEqual(value);
          expect(node.context).toEqual(context);
          expect(node.lastStep.timers).toEqual([]);
        }
      }
    },
  );

  it.each(['preCandidate', 'candidate', 'leader'] as const)(
    'makes the %s follow a newer term, and answers in that term (paper §5.1)',
    (role) => {
      const node = new ChartNode();
      if (role === 'leader') node.elect();
      else node.fire('electionTimeout');
      if (role === 'candidate') {
        node.receive({ type: 'PreVoteResponse', from: 2, to: 1, term: 1, voteGranted: true });
      }
      expect(node.role).toBe(role);
      const at = { prevLogIndex: 0, prevLogTerm: 0, entries: [], leaderCommit: 0, round: 0 };
      const effects = node.receive({ type: 'AppendEntries', from: 3, to: 1, term: 9, ...at });
      expect(node.snapshot.value).toEqual({ follower: 'leased' });
      expect(node.context).toMatchObject({ currentTerm: 9, votedFor: null, leaderId: 3, progress: {} });
      expect(effects).toMatchObject([
        { type: 'persist', params: { currentTerm: 9, votedFor: null } },
        { type: 'send', params: { message: { type: 'AppendEntriesResponse', term: 9, success: true } } },
      ]);
    },
  );
});
