import { describe, expect, it } from 'vitest';
import { firstConfiguration } from '../../../src/raft/configuration.ts';
import { logAfter } from '../../../src/raft/log-shape.ts';
import type { Message } from '../../../src/raft/messages.ts';
import { checkStep, nextView, properties } from '../../../src/verify/properties/check-step.ts';
import { emptyHistory, nextHistory } from '../../../src/verify/properties/history.ts';
import type { Step } from '../../../src/verify/properties/view.ts';
import { cluster, logOf, nodeView, stepped } from './views.ts';

/** Entries 1 to `last` of term 1, committed in term 1 by node1. */
const committed = (last: number) => ({
  committed: [{ firstIndex: 1, term: 1, committedIn: 1, committedBy: 1 }],
  lastCommitted: last,
});

describe('Election Safety (paper Figure 3)', () => {
  const before = cluster({ leaders: [{ term: 2, node: 1 }] });

  it('fails when a second node leads a term', () => {
    const leader = nodeView(3, { role: 'leader', currentTerm: 2 });
    expect(stepped(properties.electionSafety, before, leader)).toBe(
      'Election Safety: node1 led term 2; but node3 leads term 2',
    );
  });

  it('holds when the same node leads it again, and when another leads the next', () => {
    expect(
      stepped(properties.electionSafety, before, nodeView(1, { role: 'leader', currentTerm: 2 })),
    ).toBeNull();
    expect(
      stepped(properties.electionSafety, before, nodeView(3, { role: 'leader', currentTerm: 3 })),
    ).toBeNull();
  });
});

describe('Leader Append-Only (paper Figure 3)', () => {
  const before = cluster({}, nodeView(1, { role: 'leader', currentTerm: 3, log: logOf(1, 1, 3) }));

  it.each([
    ['deletes an entry', logOf(1, 1), 'it has none'],
    ['overwrites one', logOf(1, 2, 3), 'it is of term 2'],
  ])('fails when a leader %s', (_, log, fact) => {
    const message = stepped(
      properties.leaderAppendOnly,
      before,
      nodeView(1, { role: 'leader', currentTerm: 3, log }),
    );
    expect(message).toMatch(
      /^Leader Append-Only: node1, leading term 3, held entry \d of term \d; but one step later /,
    );
    expect(message).toContain(fact);
  });

  it('holds when it appends, and when it has stepped down', () => {
    const longer = nodeView(1, { role: 'leader', currentTerm: 3, log: logOf(1, 1, 3, 3) });
    expect(stepped(properties.leaderAppendOnly, before, longer)).toBeNull();
    expect(
      stepped(properties.leaderAppendOnly, before, nodeView(1, { currentTerm: 4, log: logOf(1) })),
    ).toBeNull();
  });
});

describe('Log Matching (paper Figure 3)', () => {
  const before = cluster({}, nodeView(2, { log: logOf(1, 2, 3) }));

  it('fails when two logs agree at an index and differ before it', () => {
    expect(stepped(properties.logMatching, before, nodeView(1, { log: logOf(1, 1, 3) }))).toBe(
      'Log Matching: node1 and node2 both hold entry 3 of term 3; but entry 2 is of term 1 on node1 and of term 2 on node2',
    );
  });

  it('holds when they differ at their ends alone, as in Figure 7', () => {
    expect(stepped(properties.logMatching, before, nodeView(1, { log: logOf(1, 2, 2, 2) }))).toBeNull();
    expect(stepped(properties.logMatching, before, nodeView(1, { log: logOf(1) }))).toBeNull();
  });
});

describe('Snapshot Safety (paper §7)', () => {
  const before = cluster(committed(2));
  const beginningAfter = (index: number, term: number) =>
    nodeView(3, { commitIndex: index, lastApplied: index, log: logAfter(index, term) });

  it('fails when a log begins after an entry that is not committed, or in another term', () => {
    expect(stepped(properties.snapshotSafety, before, beginningAfter(3, 1))).toBe(
      'Snapshot Safety: the log of node3 begins after entry 3 of term 1; but nobody has committed entry 3',
    );
    expect(stepped(properties.snapshotSafety, before, beginningAfter(2, 2))).toBe(
      'Snapshot Safety: node1 committed entry 2 of term 1 in term 1; but the log of node3 begins after entry 2 of term 2',
    );
  });

  it('holds when a log begins after a committed entry', () => {
    expect(stepped(properties.snapshotSafety, before, beginningAfter(2, 1))).toBeNull();
  });
});

describe('Leader Completeness (paper Figure 3)', () => {
  const before = cluster(committed(2));

  it('fails when a node is elected without a committed entry', () => {
    const leader = nodeView(3, { role: 'leader', currentTerm: 4, log: logOf(1, 2) });
    expect(stepped(properties.leaderCompleteness, before, leader)).toBe(
      'Leader Completeness: entry 2 of term 1 was committed in term 1 by node1; but node3 leads term 4 without it',
    );
  });

  it('fails when an entry is committed that a leader of a later term lacks', () => {
    const later = nodeView(3, { role: 'leader', currentTerm: 4, log: logOf(1, 1, 4) });
    const behind = nodeView(1, { role: 'leader', currentTerm: 3, log: logOf(1, 1, 3), commitIndex: 3 });
    expect(stepped(properties.leaderCompleteness, cluster(committed(2), later), behind)).toMatch(
      /entry 3 of term 3 was committed in term 3 by node1; but node3 leads term 4 without it/,
    );
  });

  it('holds for a leader that has them all', () => {
    const leader = nodeView(3, { role: 'leader', currentTerm: 4, log: logOf(1, 1, 4) });
    expect(stepped(properties.leaderCompleteness, before, leader)).toBeNull();
  });
});

describe('State Machine Safety (paper Figure 3)', () => {
  it('fails when a node commits another entry than was committed there', () => {
    const node = nodeView(2, { currentTerm: 5, log: logOf(1, 2), commitIndex: 2 });
    expect(stepped(properties.stateMachineSafety, cluster(committed(2)), node)).toBe(
      'State Machine Safety: node1 committed entry 2 of term 1 in term 1; but node2 commits entry 2 of term 2 in term 5',
    );
  });

  it('fails when a node applies another entry, or one that nobody committed', () => {
    const view = cluster(committed(2));
    const apply = (index: number, term: number) =>
      properties.stateMachineSafety(view, { type: 'applied', node: 3, index, term }, view)?.message;
    expect(apply(2, 4)).toMatch(
      /node1 committed entry 2 of term 1 in term 1; but node3 applies entry 2 of term 4/,
    );
    expect(apply(3, 1)).toMatch(/nobody has committed entry 3/);
    expect(apply(2, 1)).toBeUndefined();
  });
});

describe('what never goes back (paper Figure 2)', () => {
  const before = cluster(
    {},
    nodeView(1, { currentTerm: 3, votedFor: 2, commitIndex: 2, lastApplied: 2, log: logOf(1, 1) }),
  );
  const node = { currentTerm: 3, votedFor: 2, commitIndex: 2, lastApplied: 2, log: logOf(1, 1) };

  it.each([
    ['Term Never Falls', { currentTerm: 2 }],
    ['One Vote Per Term', { votedFor: 3 }],
    ['One Vote Per Term', { votedFor: null }],
    ['Commit Index Never Falls', { commitIndex: 1 }],
    ['Applied Index Never Falls', { lastApplied: 1 }],
  ])('%s fails for %o', (name, fields) => {
    expect(stepped(properties.neverBack, before, nodeView(1, { ...node, ...fields }))).toMatch(
      `${name}: node1`,
    );
  });

  it('Term Never Falls fails when a restart forgets a durable term', () => {
    const started = nodeView(1, { currentTerm: 2 });
    const step = { type: 'started', node: 1 } as const;
    expect(properties.neverBack(before, step, nextView(before, step, started))?.message).toBe(
      'Term Never Falls: node1 had term 3 on disk; but it starts in term 2',
    );
  });

  it.each([
    [null, 'it starts without one'],
    [3, 'it starts with one for node3'],
  ])('One Vote Per Term fails when a restart finds %s in place of a durable vote', (votedFor, fact) => {
    const started = nodeView(1, { ...node, votedFor });
    const step = { type: 'started', node: 1 } as const;
    expect(properties.neverBack(before, step, nextView(before, step, started))?.message).toBe(
      `One Vote Per Term: node1 had a vote for node2 in term 3 on disk; but ${fact}`,
    );
  });

  it('holds when a new term begins without a vote, and when a restart forgets what is volatile', () => {
    const next = nodeView(1, { ...node, currentTerm: 4, votedFor: null });
    expect(stepped(properties.neverBack, before, next)).toBeNull();
    const step = { type: 'started', node: 1 } as const;
    const fresh = nodeView(1, { ...node, commitIndex: 0, lastApplied: 0 });
    expect(properties.neverBack(before, step, nextView(before, step, fresh))).toBeNull();
  });
});

describe('Durable Before Promised (paper Figure 2)', () => {
  const durable = { currentTerm: 3, votedFor: 2, log: logOf(1, 1) };
  const view = cluster({}, nodeView(1, { currentTerm: 3, durable }));
  const envelope = { from: 1, to: 2, term: 3 };
  const answer = { prevLogIndex: 0, conflictTerm: 0, conflictIndex: 0, round: 0 };
  const sent = (message: Message) =>
    properties.durableBeforePromised(view, { type: 'sent', node: 1, message }, view)?.message ?? null;

  it.each<[string, Message]>([
    ['no vote', { ...envelope, to: 3, type: 'RequestVoteResponse', voteGranted: true }],
    [
      'its own vote',
      { ...envelope, type: 'RequestVote', lastLogIndex: 2, lastLogTerm: 1, leadershipTransfer: false },
    ],
    ['the term', { ...envelope, term: 4, type: 'RequestVoteResponse', voteGranted: false }],
    ['the entries', { ...envelope, ...answer, type: 'AppendEntriesResponse', success: true, matchIndex: 3 }],
  ])('fails when the disk lacks %s', (_, message) => {
    expect(sent(message)).toMatch(/^Durable Before Promised: node1 .*; but its disk has /);
  });

  it.each<[string, Message]>([
    ['a vote that is on disk', { ...envelope, type: 'RequestVoteResponse', voteGranted: true }],
    [
      'entries that are',
      { ...envelope, ...answer, type: 'AppendEntriesResponse', success: true, matchIndex: 2 },
    ],
    [
      'a pre-vote, which promises nothing',
      { ...envelope, term: 9, type: 'PreVoteResponse', voteGranted: true },
    ],
    [
      'an old vote: the disk is in a later term',
      { ...envelope, to: 3, term: 2, type: 'RequestVoteResponse', voteGranted: true },
    ],
  ])('holds for %s', (_, message) => {
    expect(sent(message)).toBeNull();
  });
});

describe('Committed On Majority (paper §5.3)', () => {
  const leader = (fields = {}) =>
    nodeView(1, { role: 'leader', currentTerm: 1, log: logOf(1), commitIndex: 1, ...fields });

  it('fails when an entry is committed that one disk of three holds', () => {
    expect(stepped(properties.committedOnMajority, cluster({}), leader())).toBe(
      'Committed On Majority: node1 commits entry 1 of term 1 in term 1; but it is on the disk of node1 alone of 3',
    );
  });

  it('counts the disks, not what nodes believe', () => {
    const believes = nodeView(2, {
      log: logOf(1),
      durable: { currentTerm: 1, votedFor: null, log: logOf() },
    });
    expect(stepped(properties.committedOnMajority, cluster({}, believes), leader())).toMatch(/node1 alone/);
    const holds = nodeView(2, { log: logOf(1), isUp: false });
    expect(stepped(properties.committedOnMajority, cluster({}, holds), leader())).toBeNull();
  });

  it('is not content with half of an even number of voters', () => {
    const configurations = [firstConfiguration([1, 2, 3, 4])];
    const four = (...holders: readonly number[]) => ({
      ...cluster({}),
      nodes: [1, 2, 3, 4].map((id) =>
        nodeView(id, { configurations, ...(holders.includes(id) ? { log: logOf(1) } : {}) }),
      ),
    });
    const commits = leader({ configurations });
    expect(stepped(properties.committedOnMajority, four(2), commits)).toMatch(
      /on the disk of node1, node2 alone of 4/,
    );
    expect(stepped(properties.committedOnMajority, four(2, 4), commits)).toBeNull();
  });
});

describe('Read Safety (thesis §6.4)', () => {
  const asked = cluster(
    { ...committed(3), reads: [{ id: 7, node: 2, due: 3 }] },
    nodeView(2, { lastApplied: 2 }),
  );
  const told = (step: Step, before = asked) => properties.readSafety(before, step, before)?.message ?? null;
  const read = { node: 2, id: 7 } as const;

  it('fails when a read is confirmed, or answered, below what was committed when it was asked for', () => {
    for (const type of ['readConfirmed', 'readAnswered'] as const) {
      expect(told({ type, ...read, index: 2 })).toBe(
        'Read Safety: entry 3 was committed when node2 was asked for read 7; but the read is confirmed at 2',
      );
    }
  });

  it('fails when a read is answered before the state machine there has applied enough', () => {
    expect(told({ type: 'readAnswered', ...read, index: 3 })).toBe(
      'Read Safety: node2 answers read 7, which was confirmed at 3; but it has applied up to 2',
    );
  });

  it('holds for a read that is confirmed high enough, and for one that nobody waits for', () => {
    expect(told({ type: 'readConfirmed', ...read, index: 3 })).toBeNull();
    expect(told({ type: 'readConfirmed', node: 1, id: 7, index: 0 })).toBeNull();
  });

  it('asks for what was committed when the read was asked for, until it is answered or its node crashes', () => {
    const { nodes } = asked;
    const { history } = cluster(committed(2));
    const waiting = nextHistory(history, { type: 'readAsked', node: 1, id: 8 }, nodes);
    expect(waiting.reads).toEqual([{ id: 8, node: 1, due: 2 }]);
    expect(nextHistory(waiting, { type: 'readAnswered', node: 1, id: 8, index: 2 }, nodes).reads).toEqual([]);
    expect(nextHistory(waiting, { type: 'crashed', node: 1 }, nodes).reads).toEqual([]);
    expect(nextHistory(waiting, { type: 'crashed', node: 2 }, nodes)).toBe(waiting);
    expect(nextHistory(emptyHistory, { type: 'readAsked', node: 1, id: 8 }, nodes)).toBe(emptyHistory);
  });
});

it('No False Report: a correct follower is not said to have lost anything', () => {
  const view = cluster({});
  const problem = { type: 'lostEntries', matchIndex: 1 } as const;
  const step = { type: 'reported', node: 1, peer: 2, problem } as const;
  expect(properties.noFalseReport(view, step, view)?.message).toBe(
    'No False Report: node2 is correct; but node1 reports it: lostEntries',
  );
});

describe('local invariants', () => {
  it.each([
    ['Committed Is In The Log', { commitIndex: 2, log: logOf(1) }],
    ['Applied Is Committed', { lastApplied: 1, log: logOf(1) }],
    ['No Entry Of A Later Term', { log: logOf(2) }],
    [
      'Terms Rise Along A Log',
      {
        currentTerm: 3,
        log: {
          ...logOf(1, 2),
          runs: [
            { term: 2, firstIndex: 1 },
            { term: 1, firstIndex: 2 },
          ],
        },
      },
    ],
    ['Each Entry Has A Term', { log: { ...logOf(1), runs: [] } }],
    ['Each Entry Has A Term', { log: { ...logOf(1, 1), runs: [{ term: 1, firstIndex: 2 }] } }],
    ['Each Entry Has A Term', { log: { ...logOf(1, 1), lastIndex: 0 } }],
    [
      'Each Entry Has A Term',
      {
        log: {
          ...logOf(1, 1),
          runs: [
            { term: 1, firstIndex: 1 },
            { term: 1, firstIndex: 1 },
          ],
        },
      },
    ],
  ])('%s fails', (name, fields) => {
    expect(stepped(properties.localInvariants, cluster({}), nodeView(1, fields))).toMatch(name);
  });
});

it('a log that is none is told of, before others ask for its terms', () => {
  const other = nodeView(2, { log: logOf(1) });
  const broken = nodeView(1, { log: { ...logOf(1), runs: [] } });
  const before = cluster({}, other);
  const step = { type: 'stepped', node: 1 } as const;
  expect(checkStep(before, step, nextView(before, step, broken))?.property).toBe('Each Entry Has A Term');
});

describe('the history', () => {
  it('is the same object when nothing new came to pass', () => {
    const { nodes } = cluster({});
    expect(nextHistory(emptyHistory, { type: 'stepped', node: 1 }, nodes)).toBe(emptyHistory);
  });

  it('keeps the term of each committed index in runs, and who committed it first', () => {
    const leader = nodeView(2, { role: 'leader', currentTerm: 3, log: logOf(1, 1, 3, 3), commitIndex: 4 });
    const after = nextView(cluster({}), { type: 'stepped', node: 2 }, leader);
    expect(after.history).toEqual({
      leaders: [{ term: 3, node: 2 }],
      committed: [
        { firstIndex: 1, term: 1, committedIn: 3, committedBy: 2 },
        { firstIndex: 3, term: 3, committedIn: 3, committedBy: 2 },
      ],
      lastCommitted: 4,
      reads: [],
    });
    const follower = nodeView(1, { currentTerm: 3, log: logOf(1, 1, 3, 3), commitIndex: 4 });
    expect(nextView(after, { type: 'stepped', node: 1 }, follower).history).toBe(after.history);
  });

  it('is JSON, as an explorer needs for its state key', () => {
    const view = nextView(cluster({}), { type: 'stepped', node: 1 }, nodeView(1, { role: 'leader' }));
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(checkStep(cluster({}), { type: 'stepped', node: 1 }, view)).toBeNull();
  });
});
