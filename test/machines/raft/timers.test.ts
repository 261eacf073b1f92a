import { describe, expect, it } from 'vitest';
import { timerNameOf } from '../../../src/node/step.ts';
import type { AppendEntries, Message } from '../../../src/raft/messages.ts';
import { entriesOf, requestVote } from '../../raft/contexts.ts';
import { ChartNode } from './chart-node.ts';

const hardState = { currentTerm: 5, votedFor: null };

/** Node 1 of three, term 5, with a log of terms 1 and 2. */
const follower = () => new ChartNode({}, { hardState, entries: entriesOf(1, 2) });

const preCandidate = () => {
  const node = follower();
  node.fire('electionTimeout');
  return node;
};

const candidate = () => {
  const node = preCandidate();
  node.receive({ type: 'PreVoteResponse', from: 2, to: 1, term: 6, voteGranted: true });
  return node;
};

const leader = () => {
  const node = follower();
  node.elect();
  return node;
};

const heartbeat = (patch: Partial<AppendEntries> = {}): AppendEntries => ({
  type: 'AppendEntries',
  from: 2,
  to: 1,
  term: 5,
  prevLogIndex: 2,
  prevLogTerm: 2,
  entries: [],
  leaderCommit: 0,
  round: 0,
  ...patch,
});
const goodLog = { lastLogIndex: 2, lastLogTerm: 2 };
const preVote = (patch = {}): Message => ({
  ...requestVote({ term: 6, ...goodLog, ...patch }),
  type: 'PreVote',
});
const envelope = { from: 2, to: 1 };

/** Which timers a step starts; those it stops without starting them anew; the draw is new exactly with the election timer. */
const timersOf = (node: ChartNode, run: (node: ChartNode) => unknown) => {
  const before = node.context.randomState;
  run(node);
  const stopped = node.lastStep.timers.filter(({ change, id }) => change === 'stop' && !node.armed.has(id));
  const started = node.started();
  const drawsAnew = node.context.randomState !== before;
  expect(drawsAnew).toBe(started.includes('electionTimeout'));
  return { started, stopped: [...new Set(stopped.map(({ id }) => timerNameOf(id)))].sort() };
};

const election = ['electionTimeout'];
const leaderTimers = ['heartbeatInterval', 'quorumCheck'];
const leased = ['electionTimeout', 'leaderLease'];

describe('timers of a follower', () => {
  it('begin with the election timeout alone: after a restart there is no lease (paper §5.2)', () => {
    expect(follower().started()).toEqual(election);
  });

  const cases: readonly [string, (node: ChartNode) => unknown, readonly string[]][] = [
    [
      'AppendEntries of its term restarts the election timeout and the lease',
      (n) => n.receive(heartbeat()),
      leased,
    ],
    [
      'an AppendEntries that is rejected restarts both',
      (n) => n.receive(heartbeat({ prevLogIndex: 9 })),
      leased,
    ],
    ['AppendEntries of a newer term restarts both', (n) => n.receive(heartbeat({ term: 8 })), leased],
    ['AppendEntries of an older term restarts none', (n) => n.receive(heartbeat({ term: 4 })), []],
    ['a granted vote restarts the election timeout', (n) => n.receive(requestVote(goodLog)), election],
    [
      'a granted vote of a newer term restarts the election timeout',
      (n) => n.receive(requestVote({ term: 7, ...goodLog })),
      election,
    ],
    ['a vote refused for its log restarts none', (n) => n.receive(requestVote()), []],
    [
      'a vote of a newer term refused for its log restarts none',
      (n) => n.receive(requestVote({ term: 9 })),
      [],
    ],
    ['a vote of an older term restarts none', (n) => n.receive(requestVote({ term: 4, ...goodLog })), []],
    ['a granted pre-vote restarts none', (n) => n.receive(preVote()), []],
    ['a refused pre-vote restarts none', (n) => n.receive(preVote({ lastLogIndex: 0, lastLogTerm: 0 })), []],
    [
      'a late answer of a newer term restarts none',
      (n) => n.receive({ type: 'RequestVoteResponse', ...envelope, term: 9, voteGranted: false }),
      [],
    ],
    ['proposals restart none', (n) => n.propose(1), []],
    ['its disk restarts none', (n) => n.step({ type: 'Persisted', term: 5, lastIndex: 2 }), []],
  ];
  it.each(cases)('%s (paper §5.2; thesis §4.2.3)', (_, run, expected) => {
    expect(timersOf(follower(), run)).toEqual({ started: expected, stopped: [] });
  });

  it('a vote that is refused because it is given restarts none (paper §5.2)', () => {
    const node = follower();
    node.receive(requestVote(goodLog));
    const run = () => node.receive({ ...requestVote(goodLog), from: 3 });
    expect(timersOf(node, run)).toEqual({ started: [], stopped: [] });
  });

  it('a lease that ends leaves the election timeout running (thesis §4.2.3)', () => {
    const node = follower();
    node.receive(heartbeat());
    expect(node.snapshot.value).toEqual({ follower: 'leased' });
    expect(timersOf(node, () => node.fire('leaderLease'))).toEqual({ started: [], stopped: ['leaderLease'] });
    expect(node.snapshot.value).toEqual({ follower: 'unleased' });
    expect(node.isArmed('electionTimeout')).toBe(true);
  });

  it('a request for a vote during the lease restarts none, of whatever term (thesis §4.2.3)', () => {
    const node = follower();
    node.receive(heartbeat());
    for (const term of [4, 5, 6, 99]) {
      const run = () => node.receive(requestVote({ term, ...goodLog }));
      expect(timersOf(node, run)).toEqual({ started: [], stopped: [] });
    }
    expect(node.context.currentTerm).toBe(5);
  });
});

describe('timers of a pre-candidate and a candidate', () => {
  it('an election timeout leads to a pre-vote, and another one if nobody answers (thesis §9.6)', () => {
    const node = follower();
    expect(timersOf(node, () => node.fire('electionTimeout')).started).toEqual(election);
    expect(node.role).toBe('preCandidate');
    expect(timersOf(node, () => node.fire('electionTimeout')).started).toEqual(election);
    expect(node.role).toBe('preCandidate');
    expect(node.context.currentTerm).toBe(5);
  });

  it('a campaign has a new election timeout, and after it asks first again (paper §5.2; thesis §9.6)', () => {
    const node = preCandidate();
    const campaign = () => node.receive({ type: 'PreVoteResponse', ...envelope, term: 6, voteGranted: true });
    expect(timersOf(node, campaign).started).toEqual(election);
    expect(node.role).toBe('candidate');
    expect(timersOf(node, () => node.fire('electionTimeout')).started).toEqual(election);
    expect(node.role).toBe('preCandidate');
    expect(node.context.currentTerm).toBe(6);
  });

  it.each([
    ['preCandidate', preCandidate, 5],
    ['candidate', candidate, 6],
  ] as const)(
    '%s: what it refuses, grants beforehand or counts restarts none (paper §5.2)',
    (role, start, term) => {
      const messages: readonly Message[] = [
        requestVote({ term, lastLogIndex: 0, lastLogTerm: 0 }),
        preVote({ term: term + 1 }),
        preVote({ term: term + 1, lastLogIndex: 0, lastLogTerm: 0 }),
        { type: 'RequestVoteResponse', ...envelope, term, voteGranted: false },
        { type: 'PreVoteResponse', ...envelope, term, voteGranted: false },
        { type: 'AppendEntriesResponse', ...heartbeatAnswer, term },
      ];
      for (const message of messages) {
        const node = start();
        expect(timersOf(node, () => node.receive(message))).toEqual({ started: [], stopped: [] });
        expect(node.role).toBe(role);
      }
    },
  );

  it('AppendEntries of its term starts the lease of its leader (paper §5.2)', () => {
    expect(timersOf(preCandidate(), (n) => n.receive(heartbeat())).started).toEqual(leased);
    expect(timersOf(candidate(), (n) => n.receive(heartbeat({ term: 6 }))).started).toEqual(leased);
  });

  it('a pre-candidate that votes for another waits for it without a lease (paper §5.2)', () => {
    const node = preCandidate();
    expect(timersOf(node, () => node.receive(requestVote(goodLog))).started).toEqual(election);
    expect(node.snapshot.value).toEqual({ follower: 'unleased' });
    expect(node.context.votedFor).toBe(2);
  });
});

const heartbeatAnswer = {
  ...envelope,
  success: true,
  prevLogIndex: 2,
  matchIndex: 2,
  conflictTerm: 0,
  conflictIndex: 0,
  round: 0,
} as const;

describe('timers of a leader', () => {
  it('are the heartbeat and the quorum check; the election timeout is gone (Figure 2, Leaders; thesis §6.2)', () => {
    const node = candidate();
    const win = () => node.receive({ type: 'RequestVoteResponse', ...envelope, term: 6, voteGranted: true });
    win();
    expect(node.role).toBe('leader');
    expect(node.started()).toEqual(leaderTimers);
    expect([...node.armed.keys()].map((id) => timerNameOf(id)).sort()).toEqual(leaderTimers);
  });

  it('a heartbeat restarts itself and not the quorum check, which so is never starved (thesis §6.2)', () => {
    const node = leader();
    for (let beat = 0; beat < 20; beat++) {
      const run = () => node.fire('heartbeatInterval');
      expect(timersOf(node, run)).toEqual({ started: ['heartbeatInterval'], stopped: [] });
    }
    expect(node.isArmed('quorumCheck')).toBe(true);
    node.fire('quorumCheck');
    expect(node.role).toBe('follower');
  });

  it('a quorum check restarts itself and not the heartbeat (thesis §6.2)', () => {
    const node = leader();
    node.answerWrites();
    node.receive({ type: 'AppendEntriesResponse', ...heartbeatAnswer, term: 6 });
    const run = () => node.fire('quorumCheck');
    expect(timersOf(node, run)).toEqual({ started: ['quorumCheck'], stopped: [] });
    expect(node.role).toBe('leader');
  });

  it('answers, proposals, votes and its disk restart none (paper §5.3)', () => {
    const node = leader();
    const runs: readonly (() => unknown)[] = [
      () => node.answerWrites(),
      () => node.propose(1, 2),
      () => node.receive({ type: 'AppendEntriesResponse', ...heartbeatAnswer, term: 6 }),
      () => node.receive({ type: 'AppendEntriesResponse', ...heartbeatAnswer, success: false, term: 6 }),
      () => node.receive({ type: 'RequestVoteResponse', ...envelope, term: 6, voteGranted: true }),
      () => node.receive(requestVote({ term: 9, ...goodLog })),
      () => node.receive(heartbeat({ term: 5 })),
    ];
    for (const run of runs) expect(timersOf(node, run)).toEqual({ started: [], stopped: [] });
  });

  it('stop when it steps down, and the election timeout starts (paper §5.1)', () => {
    const node = leader();
    const stepDown = () =>
      node.receive({ type: 'AppendEntriesResponse', ...heartbeatAnswer, success: false, term: 9 });
    expect(timersOf(node, stepDown)).toEqual({ started: election, stopped: leaderTimers });
    expect(node.snapshot.value).toEqual({ follower: 'unleased' });
  });
});
