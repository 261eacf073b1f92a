import { describe, expect, it } from 'vitest';
import type { AppendEntriesResponse, Message } from '../../../src/raft/messages.ts';
import { entriesOf, paramsOf, requestVote, sendsOf } from '../../raft/contexts.ts';
import { ChartNode } from './chart-node.ts';

/** Node 1 of three, with a log of terms 1 and 2; follower and pre-candidate are in term 5, candidate and leader in term 6. */
const start = {
  follower: () =>
    new ChartNode({}, { hardState: { currentTerm: 5, votedFor: null }, entries: entriesOf(1, 2) }),
  preCandidate: () => {
    const node = start.follower();
    node.fire('electionTimeout');
    return node;
  },
  candidate: () => {
    const node = start.preCandidate();
    node.receive({ type: 'PreVoteResponse', ...envelope, term: 6, voteGranted: true });
    return node;
  },
  leader: () => {
    const node = start.follower();
    node.elect();
    return node;
  },
};
const envelope = { from: 2, to: 1 };
const goodLog = { lastLogIndex: 2, lastLogTerm: 2 };

const append = (term: number): Message => ({
  type: 'AppendEntries',
  ...envelope,
  term,
  prevLogIndex: 2,
  prevLogTerm: 2,
  entries: entriesOf(term),
  leaderCommit: 3,
  round: 0,
});

describe('AppendEntries of the current term', () => {
  it.each([
    ['follower', 5],
    ['preCandidate', 5],
    ['candidate', 6],
  ] as const)('makes a %s follow, take the entries, answer and commit (paper §5.2, §5.3)', (role, term) => {
    const node = start[role]();
    const { votedFor } = node.context;
    const effects = node.receive(append(term));
    expect(node.snapshot.value).toEqual({ follower: 'leased' });
    expect(effects.map(({ type }) => type)).toEqual(['persist', 'send', 'apply']);
    expect(sendsOf(effects)).toMatchObject([
      { type: 'AppendEntriesResponse', success: true, matchIndex: 3, term },
    ]);
    expect(node.disk.entries).toEqual(entriesOf(1, 2, term));
    expect(node.context).toMatchObject({ currentTerm: term, votedFor, leaderId: 2, commitIndex: 3 });
  });

  it.each([
    ['follower', 5],
    ['preCandidate', 5],
    ['candidate', 6],
  ] as const)('makes a %s whose log does not match follow, and refuse (paper §5.3)', (role, term) => {
    const node = start[role]();
    const effects = node.receive({ ...append(term), prevLogIndex: 9 } as Message);
    expect(node.snapshot.value).toEqual({ follower: 'leased' });
    expect(sendsOf(effects)).toMatchObject([{ success: false, conflictTerm: 0, conflictIndex: 3 }]);
    expect(node.context.leaderId).toBe(2);
  });

  it('is ignored by the leader: a second one of its term cannot be (paper §5.2)', () => {
    const node = start.leader();
    const { context, value } = node.snapshot;
    expect(node.receive(append(6))).toEqual([]);
    expect(node.context).toEqual(context);
    expect(node.snapshot.value).toEqual(value);
  });
});

describe('a request for a vote in the current term', () => {
  it.each(['follower', 'preCandidate'] as const)(
    'is granted by a %s whose vote is free, which then follows (Figure 2, RequestVote 2)',
    (role) => {
      const node = start[role]();
      const effects = node.receive(requestVote(goodLog));
      expect(effects.map(({ type }) => type)).toEqual(['persist', 'send']);
      expect(sendsOf(effects)).toMatchObject([{ voteGranted: true, term: 5 }]);
      expect(node.snapshot.value).toEqual({ follower: 'unleased' });
      expect(node.disk.hardState).toEqual({ currentTerm: 5, votedFor: 2 });
    },
  );

  it.each(['follower', 'preCandidate'] as const)(
    'is denied by a %s with a newer log (paper §5.4.1)',
    (role) => {
      const node = start[role]();
      expect(sendsOf(node.receive(requestVote()))).toMatchObject([{ voteGranted: false, term: 5 }]);
      expect(node.role).toBe(role);
      expect(node.context.votedFor).toBeNull();
    },
  );

  it('is denied by a candidate, even with a better log (paper §5.2)', () => {
    const node = start.candidate();
    const request = requestVote({ term: 6, lastLogIndex: 9, lastLogTerm: 5 });
    expect(sendsOf(node.receive(request))).toMatchObject([{ voteGranted: false, term: 6 }]);
    expect(node.role).toBe('candidate');
  });
});

describe('a pre-vote', () => {
  it.each([
    ['follower', 6],
    ['preCandidate', 6],
    ['candidate', 7],
  ] as const)(
    'is granted by a %s for a log as good as its own, and denied for another (thesis §9.6)',
    (role, term) => {
      const node = start[role]();
      const { context, value } = node.snapshot;
      const preVote = { ...requestVote({ term, ...goodLog }), type: 'PreVote' } as const;
      expect(sendsOf(node.receive(preVote))).toMatchObject([{ voteGranted: true, term }]);
      const short = { ...preVote, lastLogIndex: 1, lastLogTerm: 1 };
      expect(sendsOf(node.receive(short))).toMatchObject([{ voteGranted: false, term: term - 1 }]);
      const late = { ...preVote, term: term - 1 };
      expect(sendsOf(node.receive(late))).toMatchObject([{ voteGranted: false, term: term - 1 }]);
      expect(node.context).toEqual(context);
      expect(node.snapshot.value).toEqual(value);
    },
  );
});

describe('an answer', () => {
  const matched: AppendEntriesResponse = {
    type: 'AppendEntriesResponse',
    ...envelope,
    term: 5,
    success: true,
    prevLogIndex: 2,
    matchIndex: 2,
    conflictTerm: 0,
    conflictIndex: 0,
    round: 0,
  };
  const late: readonly Message[] = [
    { type: 'RequestVoteResponse', ...envelope, term: 5, voteGranted: true },
    { type: 'PreVoteResponse', ...envelope, term: 5, voteGranted: true },
    { type: 'PreVoteResponse', ...envelope, term: 7, voteGranted: true },
    { type: 'PreVoteResponse', ...envelope, term: 5, voteGranted: false },
    matched,
    { ...matched, success: false, matchIndex: 0 },
  ];

  it.each(['follower', 'preCandidate', 'candidate', 'leader'] as const)(
    'to a question that the %s does not ask any more changes nothing (paper §5.1)',
    (role) => {
      const node = start[role]();
      const { context, value } = node.snapshot;
      for (const message of late) {
        expect(node.receive(message)).toEqual([]);
        expect(node.context).toEqual(context);
        expect(node.snapshot.value).toEqual(value);
        expect(node.lastStep.timers).toEqual([]);
      }
    },
  );

  it.each([
    ['follower', 5],
    ['preCandidate', 5],
    ['candidate', 6],
  ] as const)('about the log means nothing to a %s (paper §5.3)', (role, term) => {
    const node = start[role]();
    const { context } = node.snapshot;
    expect(node.receive({ ...matched, term })).toEqual([]);
    expect(node.context).toEqual(context);
  });

  it.each(['PreVoteResponse', 'RequestVoteResponse'] as const)(
    '%s that refuses is not counted (paper §5.2)',
    (type) => {
      const role = type === 'PreVoteResponse' ? 'preCandidate' : 'candidate';
      const node = start[role]();
      const { context } = node.snapshot;
      for (const from of [2, 3]) {
        const refusal = { type, ...envelope, from, term: context.currentTerm, voteGranted: false };
        expect(node.receive(refusal)).toEqual([]);
      }
      expect(node.role).toBe(role);
      expect(node.context).toEqual(context);
    },
  );

  it('in the same term comes from nobody that the leader replicates to, and is ignored (paper §5.3)', () => {
    const node = start.leader();
    const { context } = node.snapshot;
    for (const message of [
      { ...matched, term: 6, from: 9 },
      { ...matched, term: 6, matchIndex: 99 },
    ]) {
      expect(node.receive(message)).toEqual([]);
      expect(node.context).toEqual(context);
    }
  });
});

describe('proposals', () => {
  it.each(['follower', 'preCandidate', 'candidate'] as const)(
    'are refused by a %s that knows no leader (paper §8)',
    (role) => {
      expect(paramsOf(start[role]().propose(7), 'reject')).toEqual([{ ids: [7], leaderId: null }]);
    },
  );

  it('are refused by a follower with its leader, until an election starts (paper §8)', () => {
    const node = start.follower();
    node.receive(append(5));
    expect(paramsOf(node.propose(7), 'reject')).toEqual([{ ids: [7], leaderId: 2 }]);
    node.fire('electionTimeout');
    expect(paramsOf(node.propose(8), 'reject')).toEqual([{ ids: [8], leaderId: null }]);
  });

  it('are taken by the leader, which is its own redirect (paper §5.3)', () => {
    const node = start.leader();
    expect(node.context.leaderId).toBe(1);
    expect(paramsOf(node.propose(7, 8), 'accept')).toEqual([{ ids: [7, 8], firstIndex: 4, term: 6 }]);
  });
});

describe('what was applied', () => {
  it('is remembered in every role (Figure 2, All Servers)', () => {
    for (const role of ['follower', 'preCandidate', 'candidate'] as const) {
      const node = start.follower();
      node.receive(append(5));
      if (role !== 'follower') node.fire('electionTimeout');
      if (role === 'candidate') {
        node.receive({ type: 'PreVoteResponse', ...envelope, term: 6, voteGranted: true });
      }
      expect(node.role).toBe(role);
      node.step({ type: 'Applied', index: 2 });
      expect(node.context.lastApplied).toBe(2);
    }
  });
});
