import { describe, expect, it } from 'vitest';
import type { RaftContext } from '../../src/raft/context.ts';
import {
  denyPreVote,
  denyVote,
  grantPreVote,
  grantVote,
  isLogBehind,
  isSoleVoter,
  isVoteCounted,
  isVoteQuorum,
  recordVote,
  startElection,
  startPreVote,
  votedForAnother,
} from '../../src/raft/election.ts';
import type { PreVote, RequestVoteResponse } from '../../src/raft/messages.ts';
import { contextOf, logOf, paramsOf, requestVote, sendsOf, votersOf } from './contexts.ts';

const vote = (from: number): RequestVoteResponse => ({
  type: 'RequestVoteResponse',
  from,
  to: 1,
  term: 5,
  voteGranted: true,
});

describe('candidate log', () => {
  it.each([
    { ours: [], last: { lastLogIndex: 0, lastLogTerm: 0 }, behind: false, case: 'both empty' },
    { ours: [1], last: { lastLogIndex: 0, lastLogTerm: 0 }, behind: true, case: 'its log empty' },
    { ours: [], last: { lastLogIndex: 1, lastLogTerm: 1 }, behind: false, case: 'ours empty' },
    { ours: [1, 2], last: { lastLogIndex: 2, lastLogTerm: 2 }, behind: false, case: 'equal' },
    { ours: [1, 2], last: { lastLogIndex: 3, lastLogTerm: 2 }, behind: false, case: 'same term, longer' },
    { ours: [1, 2, 2], last: { lastLogIndex: 2, lastLogTerm: 2 }, behind: true, case: 'same term, shorter' },
    {
      ours: [1, 1, 1],
      last: { lastLogIndex: 1, lastLogTerm: 2 },
      behind: false,
      case: 'later term, shorter',
    },
    { ours: [1, 2], last: { lastLogIndex: 9, lastLogTerm: 1 }, behind: true, case: 'earlier term, longer' },
  ])('with $case is behind: $behind (paper §5.4.1)', ({ ours, last, behind }) => {
    expect(isLogBehind(contextOf({ log: logOf(...ours) }), requestVote(last))).toBe(behind);
  });

  it('is compared with the snapshot when that is all there is (paper §5.4.1, §7)', () => {
    const log = { ...logOf(), snapshotIndex: 7, snapshotTerm: 3, lastIndex: 7 };
    expect(isLogBehind(contextOf({ log }), requestVote({ lastLogIndex: 6, lastLogTerm: 3 }))).toBe(true);
    expect(isLogBehind(contextOf({ log }), requestVote({ lastLogIndex: 7, lastLogTerm: 3 }))).toBe(false);
  });
});

describe('vote', () => {
  it('is free, or given to the asker, or given to another (Figure 2, RequestVote 2)', () => {
    expect(votedForAnother(contextOf({ votedFor: null }), requestVote())).toBe(false);
    expect(votedForAnother(contextOf({ votedFor: 2 }), requestVote())).toBe(false);
    expect(votedForAnother(contextOf({ votedFor: 3 }), requestVote())).toBe(true);
    expect(votedForAnother(contextOf({ votedFor: 1 }), requestVote())).toBe(true);
  });

  it('is persisted before it is sent (Figure 2, persistent state)', () => {
    const context = contextOf({ currentTerm: 5, log: logOf(1, 2) });
    const { patch, effects } = grantVote(context, requestVote());
    expect(patch).toEqual({ votedFor: 2 });
    expect(effects.map(({ type }) => type)).toEqual(['persist', 'send']);
    expect(paramsOf(effects, 'persist')).toEqual([
      { currentTerm: 5, votedFor: 2, firstIndex: 0, entries: [], lastIndex: 2 },
    ]);
    expect(sendsOf(effects)).toEqual([
      { type: 'RequestVoteResponse', from: 1, to: 2, term: 5, voteGranted: true },
    ]);
  });

  it('is given again to the same candidate, without another write (paper §5.2)', () => {
    const { patch, effects } = grantVote(contextOf({ currentTerm: 5, votedFor: 2 }), requestVote());
    expect(patch).toEqual({});
    expect(sendsOf(effects)).toEqual([
      { type: 'RequestVoteResponse', from: 1, to: 2, term: 5, voteGranted: true },
    ]);
    expect(effects).toHaveLength(1);
  });

  it('that is denied changes nothing and carries the current term (Figure 2, RequestVote 1)', () => {
    const { patch, effects } = denyVote(contextOf({ currentTerm: 6, votedFor: 3 }), requestVote());
    expect(patch).toEqual({});
    expect(effects).toEqual([
      {
        type: 'send',
        params: { message: { type: 'RequestVoteResponse', from: 1, to: 2, term: 6, voteGranted: false } },
      },
    ]);
  });
});

describe('pre-vote', () => {
  const request: PreVote = { ...requestVote({ term: 6 }), type: 'PreVote' };

  it('that is granted echoes the term asked for and writes nothing (thesis §9.6)', () => {
    const { patch, effects } = grantPreVote(contextOf({ currentTerm: 2 }), request);
    expect(patch).toEqual({});
    expect(effects).toHaveLength(1);
    expect(sendsOf(effects)).toEqual([
      { type: 'PreVoteResponse', from: 1, to: 2, term: 6, voteGranted: true },
    ]);
  });

  it('that is denied carries the current term and writes nothing (thesis §9.6)', () => {
    const { patch, effects } = denyPreVote(contextOf({ currentTerm: 2 }), request);
    expect(patch).toEqual({});
    expect(effects).toHaveLength(1);
    expect(sendsOf(effects)).toEqual([
      { type: 'PreVoteResponse', from: 1, to: 2, term: 2, voteGranted: false },
    ]);
  });

  it('asks every other voter about the next term, without entering it (thesis §9.6)', () => {
    const context = contextOf({ currentTerm: 4, votedFor: 3, leaderId: 3, log: logOf(1, 4) });
    const { patch, effects } = startPreVote(context);
    expect(patch).toEqual({ votesGranted: [1], leaderId: null });
    expect(effects.every(({ type }) => type === 'send')).toBe(true);
    expect(sendsOf(effects)).toEqual(
      [2, 3].map((to) => ({ type: 'PreVote', from: 1, to, term: 5, lastLogIndex: 2, lastLogTerm: 4 })),
    );
  });
});

describe('election', () => {
  it('raises the term, votes for itself, persists, then asks every other voter (Figure 2, Candidates)', () => {
    const context = contextOf({ currentTerm: 4, votedFor: 3, votesGranted: [1, 2, 3], log: logOf(1, 4) });
    const { patch, effects } = startElection(context);
    expect(patch).toEqual({
      currentTerm: 5,
      votedFor: 1,
      votesGranted: [1],
      leaderId: null,
      isTransferCampaign: false,
    });
    expect(effects.map(({ type }) => type)).toEqual(['persist', 'send', 'send']);
    expect(paramsOf(effects, 'persist')).toEqual([
      { currentTerm: 5, votedFor: 1, firstIndex: 0, entries: [], lastIndex: 2 },
    ]);
    expect(sendsOf(effects)).toEqual(
      [2, 3].map((to) => ({
        type: 'RequestVote',
        from: 1,
        to,
        term: 5,
        lastLogIndex: 2,
        lastLogTerm: 4,
        leadershipTransfer: false,
      })),
    );
  });

  it.each([
    { size: 1, needed: 1 },
    { size: 2, needed: 2 },
    { size: 3, needed: 2 },
    { size: 5, needed: 3 },
    { size: 7, needed: 4 },
  ])(
    'of $size voters is won by vote number $needed, the own one included (paper §5.2)',
    ({ size, needed }) => {
      let context: RaftContext = contextOf({ votesGranted: [1] }, { voters: votersOf(size) });
      expect(isSoleVoter(context)).toBe(needed === 1);
      for (let from = 2; from <= size; from++) {
        expect(isVoteQuorum(context, vote(from))).toBe(from >= needed);
        context = { ...context, ...recordVote(context, vote(from)).patch };
      }
    },
  );

  it('tallies by voter, in ascending order: the same voter is counted once (paper §5.2)', () => {
    const context = contextOf({ votesGranted: [1, 4] }, { voters: votersOf(5) });
    expect(isVoteCounted(context, vote(4))).toBe(true);
    expect(isVoteCounted(context, vote(3))).toBe(false);
    expect(recordVote(context, vote(3)).patch).toEqual({ votesGranted: [1, 3, 4] });
    expect(isVoteQuorum(context, vote(4))).toBe(false);
  });

  it('is not won by the vote of a node that is no voter', () => {
    expect(isVoteQuorum(contextOf({ votesGranted: [1] }), vote(9))).toBe(false);
  });
});
