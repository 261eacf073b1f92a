import type { MemberChange } from '../../raft/members.ts';
import type { LogIndex, Term } from '../../raft/types.ts';
import { pathSettings } from './model-node.ts';
import { offeredRound } from './offered-append.ts';
import { chunkAt } from './offered-chunk.ts';
import { newcomer, newMember } from './offers.ts';
import type { PathEntry, PathEvent, PathMessage } from './path.ts';
import type { Limits } from './world.ts';

/** A path written by hand, since no goal of a search leads to it. */
export interface Story {
  readonly title: string;
  readonly limits: Limits;
}

const deliver = (message: PathMessage): PathEvent => ({ type: 'deliver', message });
const expire = (timer: Extract<PathEvent, { type: 'timeout' }>['timer']): PathEvent => ({
  type: 'timeout',
  timer,
});
const propose = (...commands: readonly string[]): PathEvent => ({ type: 'propose', commands });
const durable: PathEvent = { type: 'durable' };
const restart: PathEvent = { type: 'restart' };
const again = (event: PathEvent): readonly PathEvent[] => [event, event];

/** An AppendEntries with entries of any terms; an empty payload is a no-op. */
const appendOf = (
  from: number,
  term: number,
  [prevLogIndex, prevLogTerm]: readonly [index: LogIndex, term: Term],
  entries: readonly (readonly [term: Term, payload: string])[],
  leaderCommit = 0,
): PathEvent =>
  deliver({
    type: 'AppendEntries',
    from,
    to: 1,
    term,
    prevLogIndex,
    prevLogTerm,
    entries: entries.map(
      ([of, payload]): PathEntry => ({ term: of, kind: payload === '' ? 'noop' : 'command', payload }),
    ),
    leaderCommit,
    round: offeredRound,
  });

/** The same with entries of its own term. */
const append = (
  from: number,
  term: number,
  prev: readonly [index: LogIndex, term: Term],
  payloads: readonly string[],
  leaderCommit = 0,
): PathEvent =>
  appendOf(
    from,
    term,
    prev,
    payloads.map((payload) => [term, payload]),
    leaderCommit,
  );

/** A candidate asks for a vote; with nothing said of its log, that is empty. */
const asksForVote = (
  from: number,
  term: number,
  [lastLogIndex, lastLogTerm]: readonly [LogIndex, Term] = [0, 0],
  leadershipTransfer = false,
): PathEvent =>
  deliver({
    type: 'RequestVote',
    from,
    to: 1,
    term,
    lastLogIndex,
    lastLogTerm,
    leadershipTransfer,
  });

const granted = (type: 'PreVoteResponse' | 'RequestVoteResponse', from: number, term: number): PathEvent =>
  deliver({ type, from, to: 1, term, voteGranted: true });

const refused = (from: number, term: number): PathEvent =>
  deliver({ type: 'RequestVoteResponse', from, to: 1, term, voteGranted: false });

const answer = (
  from: number,
  term: number,
  prevLogIndex: number,
  found: ({ readonly matchIndex: number } | { readonly conflictIndex: number }) & { readonly round?: number },
): PathEvent =>
  deliver({
    type: 'AppendEntriesResponse',
    from,
    to: 1,
    term,
    success: 'matchIndex' in found,
    prevLogIndex,
    matchIndex: 0,
    conflictTerm: 0,
    conflictIndex: 0,
    round: 0,
    ...found,
  });

/** The peer accepts everything sent to it after `prevLogIndex`, up to `matchIndex`. */
const accepted = (from: number, term: number, prevLogIndex: number, matchIndex: number): PathEvent =>
  answer(from, term, prevLogIndex, { matchIndex });

/** The peer's log is too short: `conflictIndex` would be its next entry. */
const rejected = (from: number, term: number, prevLogIndex: number, conflictIndex: number): PathEvent =>
  answer(from, term, prevLogIndex, { conflictIndex });

/** Asks for pre-votes, campaigns in `term` and wins, with the votes of these. */
const wins = (term: number, voters: readonly number[] = [2]): readonly PathEvent[] => [
  expire('electionTimeout'),
  ...voters.map((from) => granted('PreVoteResponse', from, term)),
  ...voters.map((from) => granted('RequestVoteResponse', from, term)),
];

/** The same on a slow disk: the node asks for votes only once its own is durable. */
const winsSlowly = (term: number): readonly PathEvent[] => [
  expire('electionTimeout'),
  granted('PreVoteResponse', 2, term),
  durable,
  granted('RequestVoteResponse', 2, term),
];

/** A leader whose log has entries of three terms, part of it replaced, and more than one message can carry: too far away for the search. */
const longLog: readonly PathEvent[] = [
  append(2, 1, [0, 0], ['', 't1i2']),
  append(2, 1, [2, 1], ['t1i3', 't1i4']),
  append(3, 2, [2, 1], ['', 't2i4']),
  ...wins(3),
];

const commits = append(2, 1, [0, 0], ['', 't1i2'], 2);

/** A follower that has more to apply than its state machine has applied. */
const slowToApply: readonly PathEvent[] = [commits, durable, expire('electionTimeout')];

/** A node that led once, lost its quorum and asks again: answers to its earlier requests may still arrive. */
const secondTry: readonly PathEvent[] = [...wins(1), expire('quorumCheck'), expire('electionTimeout')];

/** Not everything written is durable, nor everything committed applied, and messages of an older term may arrive. */
const busy: readonly PathEvent[] = [append(2, 2, [0, 0], ['', 't2i2']), append(2, 2, [2, 2], ['t2i3'], 3)];
const busyPreCandidate: readonly PathEvent[] = [...busy, durable, expire('electionTimeout')];
const busyLeader: readonly PathEvent[] = [...busy, durable, ...winsSlowly(3)];

/** Elected by votes that it never asked for, with a write of an older term under way. */
const wonUnasked: readonly PathEvent[] = [
  ...busy,
  durable,
  append(2, 2, [3, 2], ['t2i4']),
  append(2, 2, [4, 2], ['t2i5']),
  expire('electionTimeout'),
  granted('PreVoteResponse', 2, 3),
  granted('RequestVoteResponse', 2, 3),
];

/** One vote of five, and a majority of them. */
const oneOfFive: readonly PathEvent[] = [
  ...busy,
  durable,
  expire('electionTimeout'),
  granted('PreVoteResponse', 2, 3),
  granted('PreVoteResponse', 3, 3),
  durable,
  granted('RequestVoteResponse', 2, 3),
];

/** A sole voter with more to apply than its state machine has applied, and a disk that hangs. */
const soleAndBehind: readonly PathEvent[] = [
  expire('electionTimeout'),
  durable,
  propose('a', 'b', 'c'),
  durable,
];
const soleAndStalled: readonly PathEvent[] = [
  ...soleAndBehind,
  propose('a'),
  expire('quorumCheck'),
  expire('quorumCheck'),
  expire('electionTimeout'),
];

/** Its no-op is committed, and the other follower lags. */
const leads: readonly PathEvent[] = [...wins(1), accepted(2, 1, 0, 1)];
const transfer = (target: number): PathEvent => ({ type: 'transfer', target });
const handsOver: readonly PathEvent[] = [...leads, transfer(2)];

/** A follower has matched in an earlier round, and another one is to lead, which lags. */
const waitsForTarget: readonly PathEvent[] = [...leads, expire('quorumCheck'), transfer(3)];

/** A leader that hands over before its own disk has its no-op. */
const slowLeader = (target: number): readonly PathEvent[] => [
  ...winsSlowly(1),
  accepted(2, 1, 0, 1),
  transfer(target),
];

/** With leases: a round that its heartbeat began is answered. */
const leadsByLease: readonly PathEvent[] = [
  ...leads,
  expire('heartbeatInterval'),
  answer(2, 1, 1, { matchIndex: 1, round: 1 }),
];

/** It has voted for the leader that it follows. */
const votedAndFollows: readonly PathEvent[] = [asksForVote(2, 1), append(2, 1, [0, 0], [''])];

/** It knows of a leader that it has not heard from for long. */
const losesLeader: readonly PathEvent[] = [append(2, 1, [0, 0], ['']), expire('leaderLease')];

const change = (...changes: readonly MemberChange[]): PathEvent => ({ type: 'change', changes });
const add: PathEvent = change({
  type: 'add',
  node: newcomer,
  member: newMember,
});
const promote: PathEvent = change({ type: 'promote', node: newcomer });

/** A learner has been added, and lacks everything. */
const hasLearner: readonly PathEvent[] = [...leads, add, accepted(2, 1, 1, 2), expire('heartbeatInterval')];

/** The learner is to vote: it catches up. */
const bringsUp: readonly PathEvent[] = [...hasLearner, promote];
const bringsUpLate: readonly PathEvent[] = [...bringsUp, expire('catchUpRound')];

/** Old and new voters decide together. */
const isJoint: readonly PathEvent[] = [...leads, change({ type: 'demote', node: 3 })];
const leavesJoint: readonly PathEvent[] = [...isJoint, accepted(2, 1, 1, 2)];

/** Its leader is deposed, and leads again, with a configuration in its log that is not committed. */
const entersJoint: readonly PathEvent[] = [
  ...isJoint,
  expire('quorumCheck'),
  expire('quorumCheck'),
  ...wins(2),
];
const entersLeaving: readonly PathEvent[] = [
  ...leads,
  add,
  expire('quorumCheck'),
  expire('quorumCheck'),
  ...wins(2),
];

/** Its round takes long, and the lease is renewed meanwhile: by an answer whose round began after the leader knew the time again. */
const bringsUpByLease: readonly PathEvent[] = [
  ...leadsByLease,
  add,
  answer(2, 1, 1, { matchIndex: 2, round: 1 }),
  promote,
  expire('catchUpRound'),
  ...[2, 3].flatMap((round) => [expire('heartbeatInterval'), answer(2, 1, 2, { matchIndex: 2, round })]),
];

/** The learner holds a part of the log, and the round takes long. */
const bringsUpSlowly: readonly PathEvent[] = [
  ...leads,
  propose('a'),
  add,
  accepted(2, 1, 1, 2),
  accepted(2, 1, 2, 3),
  expire('heartbeatInterval'),
  promote,
  expire('catchUpRound'),
  rejected(newcomer, 1, 2, 1),
  accepted(newcomer, 1, 0, 2),
];

/** The leader is being removed. */
const removesItself: readonly PathEvent[] = [
  ...leads,
  accepted(3, 1, 0, 1),
  change({ type: 'remove', node: 1 }),
  accepted(2, 1, 1, 2),
  accepted(3, 1, 1, 2),
];

/** The leader has been removed, and is a follower that does not vote. */
const isRemoved: readonly PathEvent[] = [...removesItself, accepted(2, 1, 2, 3), accepted(3, 1, 2, 3)];

/** In each phase of a change, after these steps of a leader whose log ends at `at`; a learner that comes first is acknowledged by these. */
const inEachPhase = (
  leading: readonly PathEvent[],
  { at = 1, term = 1, by = [2], round = 0 }: Acknowledged = {},
): readonly (readonly PathEvent[])[] => {
  const bringsUp = [
    ...leading,
    add,
    ...by.map((from) => answer(from, term, at, { matchIndex: at + 1, round })),
    promote,
  ];
  return [
    [...leading, add],
    [...leading, change({ type: 'demote', node: 3 })],
    bringsUp,
    [...bringsUp, expire('catchUpRound')],
  ];
};

interface Acknowledged {
  readonly at?: number;
  readonly term?: number;
  readonly by?: readonly number[];
  readonly round?: number;
}

/** In a second term, so that messages of an older one may arrive. */
const handsOverLater: readonly PathEvent[] = [
  ...wins(1),
  expire('quorumCheck'),
  ...wins(2),
  accepted(2, 2, 1, 2),
  transfer(2),
];

/** A leader whose disk hangs for a whole period hands over. */
const stalled = (target: number): readonly PathEvent[] => [
  ...winsSlowly(1),
  accepted(2, 1, 0, 1),
  expire('quorumCheck'),
  expire('heartbeatInterval'),
  answer(2, 1, 1, { matchIndex: 1, round: 1 }),
  transfer(target),
];

/** It leads by votes that it never asked for, with a write of an older term under way. */
const ledUnasked: readonly PathEvent[] = [
  append(2, 1, [0, 0], ['']),
  expire('electionTimeout'),
  granted('PreVoteResponse', 2, 2),
  granted('RequestVoteResponse', 2, 2),
];

/** It has dropped what one follower lacks, and sends its snapshot. */
const sendsSnapshot: readonly PathEvent[] = [...leads, { type: 'snapshot' }];

/** The follower holds all that the snapshot stands for. */
const installed = (from: number, term: number, lastIncludedIndex: number): PathEvent =>
  deliver({
    type: 'InstallSnapshotResponse',
    from,
    to: 1,
    term,
    lastIncludedIndex,
    success: true,
    matchIndex: lastIncludedIndex,
    offset: 0,
    round: 0,
  });

/** In the next round, one follower rejects what it had acknowledged. */
const losesEntries: readonly PathEvent[] = [
  expire('quorumCheck'),
  answer(2, 1, 1, { conflictIndex: 1, round: 1 }),
];

/** A quorum check later, the chunk is not answered yet. */
const waitsForAnswer: readonly PathEvent[] = [
  ...sendsSnapshot,
  expire('heartbeatInterval'),
  accepted(2, 1, 1, 1),
  expire('quorumCheck'),
];

/** The first chunk of the leader's snapshot has come. */
const receivesSnapshot: readonly PathEvent[] = [deliver(chunkAt(2, 1, [1, 1], 2, 0, [1, 2, 3]))];

/** All of it has come, but is not checked yet; the log holds the same entries. */
const checksSnapshot: readonly PathEvent[] = [
  append(2, 1, [0, 0], ['', 't1i2']),
  durable,
  ...receivesSnapshot,
  deliver(chunkAt(2, 1, [1, 1], 2, 1, [1, 2, 3])),
];

/** The leader is lost meanwhile. */
const checksUnleased: readonly PathEvent[] = [...checksSnapshot, expire('leaderLease')];
const checksAsLeader: readonly PathEvent[] = [
  ...checksSnapshot,
  expire('electionTimeout'),
  granted('PreVoteResponse', 2, 2),
  durable,
  granted('RequestVoteResponse', 2, 2),
];

/** A snapshot that reaches to all that is applied. */
const hasSnapshot: readonly PathEvent[] = [commits, { type: 'snapshot' }];

type Search = Pick<Limits, 'disk' | 'maxLog' | 'senders' | 'maxWorlds' | 'maxTries'> &
  Partial<Pick<Limits, 'prelude' | 'asks' | 'isTimed' | 'snapshots' | 'members'>> & { readonly size: number };

const limitsOf = ({ size, ...rest }: Search, isThorough: boolean, maxTerm = 3): Limits => ({
  prelude: [],
  asks: 'nothing',
  isTimed: false,
  snapshots: false,
  members: false,
  lacks: [],
  hints: true,
  maxEntries: pathSettings.maxEntriesPerMessage,
  ...rest,
  voters: Array.from({ length: size }, (_, at) => at + 1),
  maxTerm,
  maxAlike: 2,
  isThorough,
});

const three = { size: 3, senders: 2, maxTries: 1 } as const;
const five = { size: 5, senders: 4, maxTries: 1 } as const;
const sole = { size: 1, senders: 0, maxTries: 1, maxLog: 4, maxWorlds: 100 } as const;

/** Clients want reads and transfers as well. */
const asking = { disk: 'prompt' as const, asks: 'everything' as const };

/** What else happens in a phase of a change: the phase itself is looked at, and nothing beyond. */
const phase = { ...three, ...asking, members: true, maxLog: 8, maxWorlds: 1 } as const;

/** The worlds to search, in this order: what one has covered, later ones do not cover again. */
export const searches: readonly Limits[] = [
  { ...three, disk: 'prompt' as const, maxLog: 4, maxWorlds: 500, maxTries: 2 },
  { ...five, disk: 'prompt' as const, maxLog: 3, maxWorlds: 200 },
  { ...sole, disk: 'prompt' as const },
  { ...sole, disk: 'slow' as const },
  { size: 2, disk: 'prompt' as const, maxLog: 2, senders: 1, maxWorlds: 60, maxTries: 1 },
  { ...three, disk: 'slow' as const, maxLog: 3, maxWorlds: 100 },
  { ...three, disk: 'prompt' as const, maxLog: 8, maxWorlds: 120, maxTries: 2, prelude: longLog },
  { ...three, disk: 'slow' as const, maxLog: 2, maxWorlds: 60, prelude: slowToApply },
  { ...three, disk: 'prompt' as const, maxLog: 3, maxWorlds: 60, prelude: secondTry },
  { ...three, ...asking, maxLog: 2, maxWorlds: 80 },
  { ...three, ...asking, maxLog: 3, maxWorlds: 30, senders: 1, prelude: leads },
  { ...three, ...asking, maxLog: 3, maxWorlds: 30, senders: 1, prelude: handsOver },
  { ...three, ...asking, maxLog: 3, maxWorlds: 30, prelude: waitsForTarget },
  {
    ...three,
    ...asking,
    disk: 'slow' as const,
    maxLog: 2,
    senders: 1,
    maxWorlds: 20,
    prelude: slowLeader(3),
  },
  {
    ...three,
    ...asking,
    disk: 'slow' as const,
    maxLog: 2,
    senders: 1,
    maxWorlds: 20,
    prelude: slowLeader(2),
  },
  { ...sole, ...asking, maxLog: 3, maxWorlds: 60 },
  { ...three, ...asking, isTimed: true, maxLog: 1, senders: 1, maxWorlds: 30 },
  { ...three, ...asking, isTimed: true, maxLog: 1, senders: 1, maxWorlds: 20, prelude: leadsByLease },
  {
    ...three,
    ...asking,
    isTimed: true,
    maxLog: 1,
    senders: 1,
    maxWorlds: 8,
    prelude: [...leadsByLease, transfer(3)],
  },
  { ...three, ...asking, maxLog: 1, senders: 1, maxWorlds: 4, prelude: votedAndFollows },
  { ...three, ...asking, maxLog: 3, maxWorlds: 3, prelude: handsOverLater },
  { ...three, ...asking, maxLog: 1, senders: 1, maxWorlds: 2, prelude: losesLeader },
  { ...three, ...asking, disk: 'slow' as const, maxLog: 2, senders: 1, maxWorlds: 3, prelude: stalled(2) },
  { ...three, ...asking, disk: 'slow' as const, maxLog: 2, senders: 1, maxWorlds: 3, prelude: stalled(3) },
  { ...three, disk: 'prompt' as const, snapshots: true, maxLog: 3, maxWorlds: 60 },
  { ...three, disk: 'prompt' as const, snapshots: true, maxLog: 3, maxWorlds: 60, prelude: sendsSnapshot },
  { ...three, disk: 'prompt' as const, snapshots: true, maxLog: 3, maxWorlds: 20, prelude: waitsForAnswer },
  { ...three, disk: 'slow' as const, snapshots: true, maxLog: 3, maxWorlds: 60, prelude: receivesSnapshot },
  { ...sole, disk: 'slow' as const, snapshots: true, maxLog: 3, maxWorlds: 20 },
  ...[
    wins(1),
    leads,
    hasLearner,
    bringsUp,
    bringsUpLate,
    bringsUpSlowly,
    isJoint,
    leavesJoint,
    removesItself,
    entersJoint,
    entersLeaving,
  ].map((prelude) => ({
    ...three,
    ...asking,
    members: true,
    maxLog: 5,
    maxWorlds: 30,
    prelude,
  })),
  { ...sole, ...asking, members: true, maxLog: 4, maxWorlds: 30 },
  { ...three, ...asking, members: true, maxLog: 2, maxWorlds: 20 },
  { ...three, disk: 'prompt' as const, members: true, maxLog: 4, maxWorlds: 60 },
  { ...three, ...asking, members: true, maxLog: 5, maxWorlds: 30, prelude: isRemoved },
  ...inEachPhase(sendsSnapshot).map((prelude) => ({
    ...three,
    ...asking,
    members: true,
    snapshots: true,
    maxLog: 5,
    maxWorlds: 10,
    prelude,
  })),
  ...[...inEachPhase(leadsByLease, { round: 1 }), bringsUpByLease].map((prelude) => ({
    ...phase,
    isTimed: true,
    senders: 1,
    maxWorlds: 4,
    prelude,
  })),
  ...[
    ...inEachPhase([...leads, accepted(3, 1, 0, 1), { type: 'snapshot' }, ...losesEntries], {
      by: [3],
      round: 1,
    }),
    ...inEachPhase([...sendsSnapshot, installed(3, 1, 1)]),
    ...inEachPhase(leads),
    ...inEachPhase(leads).map((prelude): readonly PathEvent[] => [...prelude, { type: 'snapshot' }]),
  ].map((prelude) => ({ ...phase, snapshots: true, prelude })),
  ...[
    ...inEachPhase([...wins(1), expire('quorumCheck'), ...wins(2), accepted(2, 2, 1, 2)], {
      at: 2,
      term: 2,
    }),
    [...bringsUp, transfer(3), rejected(newcomer, 1, 1, 1)],
  ].map((prelude) => ({ ...phase, prelude })),
  ...inEachPhase([...checksAsLeader, accepted(2, 2, 2, 3), accepted(3, 2, 2, 3)], {
    at: 3,
    term: 2,
    by: [2, 3],
  }).map((prelude) => ({ ...phase, disk: 'slow' as const, snapshots: true, prelude })),
  ...[
    checksUnleased,
    checksAsLeader,
    [...checksAsLeader, transfer(2)],
    [...checksAsLeader, accepted(2, 2, 2, 3), transfer(2)],
    [...checksSnapshot, append(2, 1, [2, 1], [], 2)],
    [...checksSnapshot, append(2, 1, [2, 1], [], 2), expire('leaderLease')],
    [...checksSnapshot, expire('electionTimeout'), granted('PreVoteResponse', 2, 2)],
  ].map((prelude) => ({
    ...three,
    ...asking,
    disk: 'slow' as const,
    snapshots: true,
    maxLog: 3,
    maxWorlds: 6,
    prelude,
  })),
  ...[
    hasSnapshot,
    [...hasSnapshot, expire('leaderLease')],
    [...hasSnapshot, expire('electionTimeout')],
    [...hasSnapshot, expire('electionTimeout'), granted('PreVoteResponse', 2, 2)],
    [commits, expire('leaderLease')],
    waitsForTarget,
    handsOver,
    [...sendsSnapshot, transfer(3)],
    [...sendsSnapshot, installed(3, 1, 1), transfer(3)],
    [...sendsSnapshot, installed(3, 1, 1), propose('a'), transfer(3)],
    [...leads, ...losesEntries, transfer(3)],
    [...leads, accepted(3, 1, 0, 1), ...losesEntries, transfer(3)],
    [...waitsForAnswer, transfer(3)],
    [...sendsSnapshot, transfer(2)],
    [...waitsForAnswer, transfer(2)],
  ].map((prelude) => ({ ...three, ...asking, snapshots: true, maxLog: 3, maxWorlds: 6, prelude })),
]
  .map((search) => limitsOf(search, false))
  .concat(
    [
      [...ledUnasked, transfer(2)],
      [...ledUnasked, transfer(2), accepted(2, 2, 1, 2)],
    ].map((prelude) =>
      limitsOf({ ...three, ...asking, disk: 'slow', maxLog: 2, senders: 1, maxWorlds: 1, prelude }, true),
    ),
    inEachPhase([...ledUnasked, accepted(2, 2, 1, 2), accepted(3, 2, 1, 2)], {
      at: 2,
      term: 2,
      by: [2, 3],
    }).map((prelude) => limitsOf({ ...phase, disk: 'slow', prelude }, true)),
  );

/** Worlds with pairs that lie off the paths to single transitions. */
export const pairSearches: readonly Limits[] = [
  { ...three, maxLog: 4, maxWorlds: 60, prelude: busy },
  { ...three, maxLog: 4, maxWorlds: 40, prelude: busyPreCandidate },
  { ...three, maxLog: 5, maxWorlds: 60, prelude: busyLeader },
  {
    ...three,
    maxLog: 5,
    maxWorlds: 30,
    prelude: [...busyLeader, expire('quorumCheck'), expire('electionTimeout')],
  },
  { ...three, maxLog: 7, maxWorlds: 30, prelude: wonUnasked },
  { ...five, maxLog: 4, maxWorlds: 30, prelude: busyPreCandidate },
  { ...five, maxLog: 4, maxWorlds: 30, prelude: oneOfFive },
  { ...five, maxLog: 5, maxWorlds: 30, prelude: [...oneOfFive, granted('RequestVoteResponse', 3, 3)] },
  { ...three, disk: 'prompt' as const, maxLog: 3, maxWorlds: 60, prelude: wins(1) },
  { ...sole, maxLog: 6, maxWorlds: 40, prelude: soleAndBehind },
  { ...sole, maxLog: 7, maxWorlds: 40, prelude: soleAndStalled },
  { ...three, ...asking, maxLog: 3, maxWorlds: 20, prelude: leads },
  { ...three, ...asking, maxLog: 3, maxWorlds: 20, prelude: waitsForTarget },
  { ...three, ...asking, maxLog: 3, maxWorlds: 20, prelude: handsOverLater },
  { ...three, ...asking, maxLog: 3, maxWorlds: 20, isTimed: true, prelude: leadsByLease },
  { ...three, ...asking, maxLog: 3, maxWorlds: 20, isTimed: true, prelude: [...leadsByLease, transfer(3)] },
  {
    ...three,
    ...asking,
    disk: 'slow' as const,
    maxLog: 5,
    maxWorlds: 20,
    prelude: [...busyLeader, durable, transfer(3)],
  },
  {
    ...three,
    ...asking,
    disk: 'slow' as const,
    maxLog: 5,
    maxWorlds: 20,
    prelude: [...busyLeader, accepted(2, 3, 4, 5), transfer(2)],
  },
  { ...three, ...asking, disk: 'slow' as const, maxLog: 4, maxWorlds: 20, prelude: busy },
  { ...three, ...asking, disk: 'slow' as const, maxLog: 4, maxWorlds: 20, prelude: busyPreCandidate },
  { ...five, ...asking, disk: 'slow' as const, maxLog: 4, maxWorlds: 20, prelude: oneOfFive },
  { ...three, ...asking, isTimed: true, maxLog: 3, maxWorlds: 20 },
  {
    ...three,
    ...asking,
    disk: 'slow' as const,
    isTimed: true,
    maxLog: 3,
    maxWorlds: 20,
    prelude: busyPreCandidate,
  },
  { ...sole, ...asking, disk: 'slow' as const, maxLog: 6, maxWorlds: 20, prelude: soleAndBehind },
  { ...three, ...asking, disk: 'slow' as const, maxLog: 5, maxWorlds: 20, prelude: busyLeader },
  ...[
    [],
    sendsSnapshot,
    waitsForAnswer,
    hasSnapshot,
    [...sendsSnapshot, transfer(3)],
    [...sendsSnapshot, transfer(2)],
    [...waitsForAnswer, transfer(3)],
    [...sendsSnapshot, installed(3, 1, 1), propose('a'), transfer(3)],
    [...leads, ...losesEntries],
  ].map((prelude) => ({ ...three, ...asking, snapshots: true, maxLog: 3, maxWorlds: 20, prelude })),
  ...[
    receivesSnapshot,
    checksSnapshot,
    checksUnleased,
    checksAsLeader,
    [...checksAsLeader, transfer(2)],
    [...checksAsLeader, accepted(2, 2, 2, 3), transfer(2)],
    [...checksSnapshot, append(2, 1, [2, 1], [], 2)],
    [...checksSnapshot, expire('electionTimeout'), granted('PreVoteResponse', 2, 2)],
    busyLeader,
    busyPreCandidate,
  ].map((prelude) => ({
    ...three,
    ...asking,
    disk: 'slow' as const,
    snapshots: true,
    maxLog: 4,
    maxWorlds: 20,
    prelude,
  })),
  // With leases and snapshots at once, and in each phase of a change.
  ...[
    [],
    hasSnapshot,
    receivesSnapshot,
    checksSnapshot,
    checksUnleased,
    checksAsLeader,
    [...checksAsLeader, transfer(2)],
    [...checksAsLeader, accepted(2, 2, 2, 3)],
    [...checksAsLeader, accepted(2, 2, 2, 3), transfer(2)],
    [...checksAsLeader, accepted(2, 2, 2, 3), transfer(3)],
  ].map((prelude) => ({
    ...three,
    ...asking,
    disk: 'slow' as const,
    isTimed: true,
    snapshots: true,
    maxLog: 4,
    maxWorlds: 16,
    prelude,
  })),
  ...[
    sendsSnapshot,
    [...sendsSnapshot, transfer(2)],
    [...sendsSnapshot, transfer(3)],
    [...sendsSnapshot, installed(3, 1, 1), transfer(3)],
    [...leads, accepted(3, 1, 0, 1), { type: 'snapshot' } as const, ...losesEntries, transfer(3)],
  ].map((prelude) => ({
    ...three,
    ...asking,
    isTimed: true,
    snapshots: true,
    maxLog: 4,
    maxWorlds: 16,
    prelude,
  })),
  ...inEachPhase(sendsSnapshot).map((prelude) => ({ ...phase, snapshots: true, maxWorlds: 10, prelude })),
  ...inEachPhase(leadsByLease, { round: 1 }).map((prelude) => ({
    ...phase,
    isTimed: true,
    maxWorlds: 10,
    prelude,
  })),
  ...inEachPhase([...checksAsLeader, accepted(2, 2, 2, 3), accepted(3, 2, 2, 3)], {
    at: 3,
    term: 2,
    by: [2, 3],
  }).map((prelude) => ({ ...phase, disk: 'slow' as const, snapshots: true, maxWorlds: 8, prelude })),
  ...[entersJoint, entersLeaving, bringsUpSlowly, removesItself].map((prelude) => ({
    ...phase,
    disk: 'prompt' as const,
    maxWorlds: 10,
    prelude,
  })),
].map((search) => limitsOf({ disk: 'slow', ...search }, true));

/** A leader of five in term 3, with an entry of each leader before it. */
const leadsAfterTwo: readonly PathEvent[] = [
  append(2, 1, [0, 0], ['']),
  append(3, 2, [1, 1], ['']),
  ...wins(3, [2, 3]),
];

const story = (
  title: string,
  search: Pick<Search, 'size' | 'disk' | 'members' | 'asks'>,
  prelude: readonly PathEvent[],
): Story => ({
  title,
  // Hostile steps among them are told as well.
  limits: limitsOf(
    { ...search, maxLog: 8, senders: search.size - 1, maxWorlds: 0, maxTries: 1, prelude },
    true,
    5,
  ),
});

export const stories: readonly Story[] = [
  story(
    'leader: a learner whose last round takes too long as well stays one',
    { size: 3, disk: 'prompt', members: true },
    [
      ...bringsUpLate,
      rejected(newcomer, 1, 1, 1),
      accepted(newcomer, 1, 0, 2),
      expire('catchUpRound'),
      accepted(newcomer, 1, 0, 2),
    ],
  ),
  story('leader: a write of an older term does not save it from the disk check', { size: 3, disk: 'slow' }, [
    append(2, 1, [0, 0], ['']),
    expire('electionTimeout'),
    granted('PreVoteResponse', 2, 2),
    granted('RequestVoteResponse', 2, 2),
    accepted(2, 2, 1, 2),
    { type: 'durable', writes: 1 },
    expire('quorumCheck'),
  ]),
  story(
    'follower: entries of the same term are acknowledged once they are durable',
    { size: 3, disk: 'slow' },
    [append(2, 1, [0, 0], ['']), durable, append(2, 1, [1, 1], ['t1i2']), durable],
  ),
  story('follower: a vote in the same term is told once it is durable', { size: 3, disk: 'slow' }, [
    append(2, 1, [0, 0], ['']),
    durable,
    expire('leaderLease'),
    asksForVote(3, 2),
    durable,
    asksForVote(2, 2, [1, 1]),
    durable,
  ]),
  story(
    'follower: a vote of an older term is refused, though none was given in this one',
    { size: 3, disk: 'prompt' },
    [append(2, 2, [0, 0], []), asksForVote(3, 1)],
  ),
  story('follower: a heartbeat says what is committed', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['', 't1i2']),
    append(2, 1, [2, 1], [], 2),
  ]),
  story('follower: it commits no more than is known to match', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['', 't1i2']),
    append(3, 2, [1, 1], [], 2),
  ]),
  story('leader: a late acknowledgement takes nothing back', { size: 5, disk: 'prompt' }, [
    ...leadsAfterTwo,
    accepted(2, 3, 2, 3),
    propose('a'),
    accepted(2, 3, 3, 4),
    accepted(2, 3, 2, 3),
    accepted(3, 3, 2, 3),
    accepted(3, 3, 3, 4),
  ]),
  story(
    'follower: it has handed over in vain, and votes once in the next term',
    { size: 3, disk: 'prompt', asks: 'everything' },
    [
      ...wins(1),
      accepted(2, 1, 0, 1),
      transfer(2),
      rejected(3, 2, 0, 1),
      asksForVote(3, 2, [1, 1]),
      asksForVote(2, 2, [1, 1], true),
    ],
  ),
  story('follower: after a restart it refuses whoever lacks what it had', { size: 3, disk: 'prompt' }, [
    append(2, 2, [0, 0], ['']),
    restart,
    asksForVote(3, 3, [1, 1]),
  ]),
  story('follower: what it appends after a restart outlasts another one', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['']),
    restart,
    append(2, 1, [1, 1], ['t1i2']),
    restart,
  ]),
  story('follower: what it had before a restart is replaced, and that lasts', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['', 't1i2']),
    restart,
    append(3, 2, [0, 0], ['']),
    restart,
  ]),
  story(
    'leader: what it had before a restart is sent, and not committed by counting',
    { size: 3, disk: 'prompt' },
    [
      append(2, 1, [0, 0], ['', 't1i2']),
      append(2, 1, [2, 1], ['t1i3']),
      restart,
      ...wins(2),
      rejected(3, 2, 3, 3),
      rejected(3, 2, 2, 2),
      rejected(3, 2, 1, 1),
      accepted(3, 2, 0, 2),
    ],
  ),
  story('leader: an entry that replaced another is sent as it is', { size: 5, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['', 't1i2']),
    append(2, 1, [2, 1], ['t1i3']),
    append(3, 2, [1, 1], ['', 't2i3']),
    ...wins(3, [3, 4]),
    rejected(4, 3, 3, 3),
  ]),
  story('candidate: who has refused is asked again in the next term', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['']),
    append(3, 2, [1, 1], ['']),
    expire('electionTimeout'),
    granted('PreVoteResponse', 2, 3),
    refused(3, 3),
    expire('electionTimeout'),
    granted('PreVoteResponse', 2, 4),
  ]),
  story('leader: one acknowledgement stands for those that were lost', { size: 3, disk: 'prompt' }, [
    ...wins(1),
    propose('a'),
    accepted(2, 1, 0, 1),
    propose('a'),
    propose('a'),
    propose('a'),
    accepted(2, 1, 2, 3),
    propose('a'),
  ]),
  story('follower: a message with entries commits no more than these', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['', 't1i2']),
    appendOf(3, 2, [0, 0], [[1, '']], 2),
  ]),
  story(
    'follower: what is replaced right behind what is committed leaves that',
    { size: 3, disk: 'prompt' },
    [append(2, 1, [0, 0], ['', 't1i2'], 1), append(3, 2, [1, 1], [''])],
  ),
  story('follower: its log ends in an older term once the end is replaced', { size: 5, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['']),
    append(3, 3, [1, 1], ['']),
    appendOf(4, 4, [1, 1], [[2, '']]),
    expire('leaderLease'),
    asksForVote(5, 5, [2, 2]),
  ]),
  story('leader: half of four is no majority', { size: 4, disk: 'prompt' }, [
    ...leadsAfterTwo,
    accepted(2, 3, 2, 3),
    accepted(3, 3, 2, 3),
  ]),
  story('leader: a late rejection takes nothing back', { size: 5, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['']),
    ...wins(2, [3, 4]),
    propose('a'),
    rejected(3, 2, 1, 1),
    accepted(3, 2, 0, 2),
    rejected(3, 2, 1, 1),
    accepted(4, 2, 1, 2),
  ]),
  story('leader: an acknowledgement of an earlier term counts for nothing', { size: 5, disk: 'prompt' }, [
    ...leadsAfterTwo,
    append(4, 4, [1, 1], ['']),
    ...wins(5, [2, 3]),
    accepted(5, 3, 2, 3),
    accepted(2, 5, 2, 3),
  ]),
  story('leader: what was acknowledged in an earlier term counts for nothing', { size: 5, disk: 'prompt' }, [
    ...leadsAfterTwo,
    accepted(3, 3, 2, 3),
    append(4, 4, [1, 1], ['']),
    ...wins(5, [2, 3]),
    accepted(2, 5, 2, 3),
  ]),
  story('follower: what stands before a replaced entry is kept', { size: 3, disk: 'prompt' }, [
    append(2, 1, [0, 0], ['', 't1i2']),
    ...again(append(3, 2, [1, 1], [''])),
    expire('electionTimeout'),
  ]),
  story('leader: what was cut off left no end of a message behind', { size: 3, disk: 'prompt' }, [
    ...wins(1),
    propose('aaaaa', 'bbbb'),
    accepted(2, 1, 0, 1),
    append(2, 2, [2, 1], ['']),
    ...wins(3, [3]),
    rejected(3, 3, 3, 2),
  ]),
  story('leader: what was cut off within a message left room in it', { size: 3, disk: 'prompt' }, [
    ...wins(1),
    propose('a'),
    append(2, 2, [1, 1], ['', 't2i3']),
    ...wins(3, [3]),
    rejected(3, 3, 3, 2),
  ]),
  story('leader: what has no bytes goes with an entry larger than a message', { size: 3, disk: 'prompt' }, [
    ...wins(1),
    propose('aaaaaaaaa'),
    expire('quorumCheck'),
    ...wins(2),
    rejected(2, 2, 2, 1),
  ]),
];
