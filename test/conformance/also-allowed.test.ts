import { describe, expect, test } from 'vitest';
import { noCapabilities } from '../../src/conformance/capabilities.ts';
import { compareMessages } from '../../src/conformance/compare-messages.ts';
import { plan } from '../../src/conformance/plan.ts';
import type { AdapterMessage, Capabilities } from '../../src/conformance/protocol.ts';
import { testedNode } from '../../src/verify/paths/model-node.ts';
import type { Path, PathEvent } from '../../src/verify/paths/path.ts';
import {
  appendEntries,
  deliver,
  electionTimeout,
  pathOf,
  preVoteGranted,
  requestVote,
  voteGranted,
} from './paths-by-hand.ts';

const has: Capabilities = {
  ...noCapabilities,
  preVote: true,
  leaderLease: true,
  quorumCheck: true,
  batches: true,
  pipeline: true,
  noop: true,
  answersStale: true,
  durable: true,
  showsLog: true,
};

const ask = (type: 'RequestVote' | 'PreVote', from: number, term: number, last = 1): PathEvent =>
  deliver({
    type,
    from,
    to: testedNode,
    term,
    lastLogIndex: last,
    lastLogTerm: last,
    leadershipTransfer: false,
  });

const heartbeat = appendEntries(2, 1, 0, 0, []);

/** From a node of that term. */
const preVoteRefused = (term: number): PathEvent =>
  deliver({ type: 'PreVoteResponse', from: 3, to: testedNode, term, voteGranted: false });

const planOf = (events: readonly PathEvent[], capabilities = has, disk: Path['disk'] = 'prompt') =>
  plan(pathOf('by hand', [1, 2, 3], events, disk), capabilities).steps.map((step) => step.plan);

/** What is wrong with these messages as an answer to the last event. */
const faults = (
  events: readonly PathEvent[],
  sent: readonly AdapterMessage[],
  capabilities = has,
  disk: Path['disk'] = 'prompt',
) => {
  const last = planOf(events, capabilities, disk).at(-1)!;
  if (last.do !== 'ask') throw new Error(`the last step is not asked: ${last.reason}`);
  return compareMessages(last.expected.messages!, sent).map(({ text }) => text);
};

const answer = (
  type: 'RequestVoteResponse' | 'PreVoteResponse',
  term: number,
  voteGranted: boolean,
): AdapterMessage => ({ type, from: testedNode, to: 3, term, voteGranted });

describe('what the papers allow besides the chart’s own answers', () => {
  test('a follower that hears a leader may drop a request for its vote or deny it, and not grant it (thesis §4.2.3)', () => {
    for (const [type, response] of [
      ['RequestVote', 'RequestVoteResponse'],
      ['PreVote', 'PreVoteResponse'],
    ] as const) {
      const events = [heartbeat, ask(type, 3, 2)];
      expect(faults(events, [])).toEqual([]);
      expect(faults(events, [answer(response, 1, false)])).toEqual([]);
      expect(faults(events, [answer(response, 2, true)])).toHaveLength(1);
      expect(faults(events, [answer(response, 1, false), answer(response, 1, false)])).toHaveLength(1);
    }
  });

  test('a follower that hears a leader may say again that it has given its vote, to that candidate alone (thesis §4.2.3)', () => {
    const leads = [requestVote(3, 1), appendEntries(3, 1, 0, 0, [])];
    expect(faults([...leads, requestVote(3, 1)], [answer('RequestVoteResponse', 1, true)])).toEqual([]);
    const other = { ...answer('RequestVoteResponse', 1, true), to: 2 } as AdapterMessage;
    expect(faults([...leads, requestVote(2, 1)], [other])).toHaveLength(1);
  });

  test('a vote is not told again before it is durable (Figure 2, persistent state)', () => {
    const asked = [requestVote(3, 1), appendEntries(3, 1, 0, 0, [])];
    const told = [answer('RequestVoteResponse', 1, true)];
    const onSlowDisk = { ...has, slowDisk: true };
    expect(faults([...asked, requestVote(3, 1)], told, onSlowDisk, 'slow')).toHaveLength(1);
    expect(faults([...asked, { type: 'durable' }, requestVote(3, 1)], told, onSlowDisk, 'slow')).toEqual([]);
  });

  test('a lease may end with its leader’s term, so a path ends where that makes a difference (thesis §4.2.3)', () => {
    const newer = preVoteRefused(2);
    expect(planOf([heartbeat, newer, ask('RequestVote', 3, 2)]).map((step) => step.do)).toEqual([
      'ask',
      'ask',
      'end',
    ]);
  });

  test('a pre-vote for the own term may be granted by whoever still has that vote to give (thesis §9.6)', () => {
    const free = [preVoteRefused(1), ask('PreVote', 3, 1, 0)];
    expect(faults(free, [answer('PreVoteResponse', 1, false)])).toEqual([]);
    expect(faults(free, [answer('PreVoteResponse', 1, true)])).toEqual([]);
    expect(faults(free, [])).toHaveLength(1);
    const given = [requestVote(2, 1), ask('PreVote', 3, 1, 0)];
    expect(faults(given, [answer('PreVoteResponse', 1, false)])).toEqual([]);
    expect(faults(given, [answer('PreVoteResponse', 1, true)])).toHaveLength(1);
  });

  test('a rejection asks for nothing of an adapter that did not send what is rejected: a heartbeat without prevLogIndex, or ahead of answers', () => {
    const response = {
      type: 'AppendEntriesResponse',
      from: 2,
      to: testedNode,
      term: 1,
      prevLogIndex: 0,
      matchIndex: 1,
      conflictTerm: 0,
      conflictIndex: 0,
      round: 0,
    } as const;
    const events: readonly PathEvent[] = [
      electionTimeout,
      preVoteGranted(2, 1),
      voteGranted(2, 1),
      deliver({ ...response, success: true }),
      deliver({ ...response, success: true, prevLogIndex: 1 }),
      { type: 'propose', commands: ['a'] },
      { type: 'timeout', timer: 'heartbeatInterval' },
      deliver({ ...response, success: false, prevLogIndex: 2, matchIndex: 0, conflictIndex: 2, round: 0 }),
    ];
    expect(faults(events, [])).toHaveLength(1);
    expect(faults(events, [], { ...has, separateHeartbeats: true })).toEqual([]);
    expect(faults(events, [], { ...has, pipeline: false })).toEqual([]);
  });
});
