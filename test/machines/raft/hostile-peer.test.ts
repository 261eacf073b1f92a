import { describe, expect, it } from 'vitest';
import { messageFault } from '../../../src/adapters/codec/message-rules.ts';
import type { Role } from '../../../src/node/node.ts';
import { createStepper, type RaftSnapshot, type TimerEvent } from '../../../src/node/step.ts';
import type { RaftInput } from '../../../src/raft/context.ts';
import { append, emptyLog } from '../../../src/raft/log-shape.ts';
import type { Message } from '../../../src/raft/messages.ts';
import type { Entry } from '../../../src/raft/types.ts';
import { entriesOf, votersOf } from '../../raft/contexts.ts';
import { ChartNode, roleOf } from './chart-node.ts';
import { Dice } from './random-inputs.ts';

const dice = new Dice(20_240_607);
const stepper = createStepper();

/** Anything up to the largest index that a message may name; mostly near what a node holds. */
const anyIndex = (): number =>
  dice.chance(0.8) ? dice.between(0, 16) : dice.pick([1_000, 2 ** 32, Number.MAX_SAFE_INTEGER - 10]);

/** Terms up to where raising one still gives the next integer. */
const anyTerm = (): number => (dice.chance(0.9) ? dice.between(1, 12) : dice.pick([100, 2 ** 32, 2 ** 52]));

/** Any message that is well-formed, and nothing more. */
const anyMessage = (): Message => {
  const envelope = { from: dice.between(2, 5), to: 1, term: anyTerm() };
  switch (dice.below(8)) {
    case 0:
    case 1: {
      const lastLogTerm = dice.between(0, Math.min(envelope.term - 1, 14));
      const lastLogIndex = lastLogTerm === 0 ? 0 : Math.max(1, anyIndex());
      const end = { ...envelope, lastLogIndex, lastLogTerm };
      return dice.chance(0.5)
        ? { type: 'PreVote', ...end }
        : { type: 'RequestVote', ...end, leadershipTransfer: dice.chance(0.2) };
    }
    case 2:
      return { type: 'RequestVoteResponse', ...envelope, voteGranted: dice.chance(0.7) };
    case 3:
      return { type: 'PreVoteResponse', ...envelope, voteGranted: dice.chance(0.7) };
    case 6:
      return dice.chance(0.5)
        ? { type: 'TimeoutNow', ...envelope }
        : { type: 'ReadIndex', ...envelope, readId: dice.below(4) };
    case 7: {
      const success = dice.chance(0.5);
      const readIndex = success ? anyIndex() : 0;
      return { type: 'ReadIndexResponse', ...envelope, readId: dice.below(4), success, readIndex };
    }
    case 4: {
      const success = dice.chance(0.5);
      return {
        type: 'AppendEntriesResponse',
        ...envelope,
        success,
        prevLogIndex: anyIndex(),
        matchIndex: success ? anyIndex() : 0,
        conflictTerm: dice.between(0, Math.min(envelope.term, 14)),
        conflictIndex: anyIndex(),
        round: dice.between(0, 3),
      };
    }
    default: {
      const prevLogIndex = anyIndex();
      const prevLogTerm = prevLogIndex === 0 ? 0 : dice.between(1, Math.min(envelope.term, 8));
      const entries: Entry[] = [];
      let term = Math.max(1, prevLogTerm);
      for (let count = dice.between(0, 6); count > 0; count--) {
        term = dice.chance(0.6) ? term : dice.between(term, Math.min(envelope.term, 12));
        entries.push(...entriesOf(term));
      }
      const leaderCommit = anyIndex();
      return {
        type: 'AppendEntries',
        ...envelope,
        prevLogIndex,
        prevLogTerm,
        entries,
        leaderCommit,
        round: dice.between(0, 3),
      };
    }
  }
};

/** A node in each role, with a log of terms 1 to 4 and a part of it committed; also with a snapshot below the log. */
const nodeIn = (role: Role, hasSnapshot: boolean): RaftSnapshot => {
  const entries = entriesOf(1, 1, 2, 2, 2, 4, 4, 4);
  const log = hasSnapshot
    ? append({ ...emptyLog, snapshotIndex: 6, snapshotTerm: 4, lastIndex: 6 }, entries.slice(6), 1000)
    : append(emptyLog, entries, 1000);
  const input: RaftInput = {
    id: 1,
    voters: votersOf(3),
    log,
    hardState: { currentTerm: 5, votedFor: null },
  };
  let { snapshot } = stepper.initial(input);
  const receive = (message: Message) => {
    ({ snapshot } = stepper.step(snapshot, { type: 'Received', message }));
  };
  const envelope = { from: 2, to: 1, term: 5 };
  const at = { prevLogIndex: 8, prevLogTerm: 4, entries: [], leaderCommit: 6, round: 0 };
  receive({ type: 'AppendEntries', ...envelope, ...at });
  if (role === 'follower') return snapshot;
  ({ snapshot } = stepper.step(snapshot, { type: 'xstate.after.electionTimeout.raft.follower' }));
  if (role === 'preCandidate') return snapshot;
  receive({ type: 'PreVoteResponse', ...envelope, term: 6, voteGranted: true });
  if (role === 'candidate') return snapshot;
  receive({ type: 'RequestVoteResponse', ...envelope, term: 6, voteGranted: true });
  return snapshot;
};

const mustBeWellFormed = (message: Message): void => {
  const fault = messageFault(message);
  if (fault !== null) throw new Error(`${JSON.stringify(message)}: ${fault}`);
};

const timersOf: Readonly<Record<Role, readonly TimerEvent['type'][]>> = {
  follower: ['xstate.after.electionTimeout.raft.follower'],
  preCandidate: ['xstate.after.electionTimeout.raft.preCandidate'],
  candidate: ['xstate.after.electionTimeout.raft.candidate'],
  leader: [
    'xstate.after.heartbeatInterval.raft.leader.heartbeat.waiting',
    'xstate.after.quorumCheck.raft.leader.quorumCheck.listening',
  ],
};

describe('a peer that says anything', () => {
  const roles: readonly Role[] = ['follower', 'preCandidate', 'candidate', 'leader'];

  it.each(roles.flatMap((role) => [false, true].map((hasSnapshot) => ({ role, hasSnapshot }))))(
    'never makes a node fail that begins as $role, with a snapshot: $hasSnapshot',
    ({ role, hasSnapshot }) => {
      const from = nodeIn(role, hasSnapshot);
      expect(roleOf(from)).toBe(role);
      for (let run = 0; run < 700; run++) {
        let snapshot = from;
        for (let at = 0; at < 8; at++) {
          const now = roleOf(snapshot);
          if (dice.chance(0.1)) {
            ({ snapshot } = stepper.step(snapshot, { type: dice.pick(timersOf[now]) }));
            continue;
          }
          const message = anyMessage();
          if (messageFault(message) !== null) continue;
          ({ snapshot } = stepper.step(snapshot, { type: 'Received', message }));
        }
        const { commitIndex, log } = snapshot.context;
        expect(commitIndex).toBeGreaterThanOrEqual(6);
        expect(commitIndex).toBeLessThanOrEqual(log.lastIndex);
      }
    },
  );

  it.each(roles)(
    'never makes a %s say anything that is not well-formed: its own codec would stop it',
    (role) => {
      const from = nodeIn(role, false);
      for (let run = 0; run < 500; run++) {
        let snapshot = from;
        for (let at = 0; at < 8; at++) {
          const message = anyMessage();
          const event = dice.chance(0.2)
            ? { type: dice.pick(timersOf[roleOf(snapshot)]) }
            : ({ type: 'Received', message } as const);
          if (event.type === 'Received' && messageFault(message) !== null) continue;
          const step = stepper.step(snapshot, event);
          snapshot = step.snapshot;
          for (const { type, params } of step.effects) {
            if (type === 'send') mustBeWellFormed(params.message);
            if (type !== 'replicate') continue;
            const { to, term, prevLogIndex, prevLogTerm, runs, lastIndex, leaderCommit, round } = params;
            const entries = entriesOf(...runs.map((entryRun) => entryRun.term));
            const append = { from: 1, to, term, prevLogIndex, prevLogTerm, entries, leaderCommit, round };
            mustBeWellFormed({ type: 'AppendEntries', ...append });
            if (lastIndex > snapshot.context.log.lastIndex) throw new Error('replicates beyond its log');
          }
        }
      }
    },
  );

  it.each([
    ['', 1],
    // Not even a rejection: it would count as a word of a leader, and start the lease again.
    [', even where the entry before does not match either', 2],
  ])(
    'that asks to replace a committed entry is ignored, and changes nothing%s (paper §5.4.3)',
    (_, prevLogTerm) => {
      const node = new ChartNode(
        {},
        { entries: entriesOf(1, 1, 1), hardState: { currentTerm: 1, votedFor: null } },
      );
      const envelope = { from: 2, to: 1, term: 1 };
      const heartbeat = { prevLogIndex: 3, prevLogTerm: 1, entries: [], leaderCommit: 3, round: 0 };
      node.receive({ type: 'AppendEntries', ...envelope, ...heartbeat });
      const before = node.context;
      const replacing = { prevLogIndex: 1, prevLogTerm, entries: entriesOf(2), leaderCommit: 0, round: 0 };
      const effects = node.receive({ type: 'AppendEntries', ...envelope, term: 2, ...replacing });
      expect(effects.map(({ type }) => type)).toEqual(['persist']);
      expect(node.context).toEqual({ ...before, currentTerm: 2, leaderId: null });
      expect(node.started()).toEqual([]);
    },
  );
});
