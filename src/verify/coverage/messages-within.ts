import { type Configuration, firstConfiguration } from '../../raft/configuration.ts';
import type { MemberChange } from '../../raft/members.ts';
import { messageTable, messageTypes } from '../../raft/message-table.ts';
import type { Message, MessageType } from '../../raft/messages.ts';
import { maxTermJump } from '../../raft/term.ts';
import {
  type Entry,
  emptyPayload,
  type LogIndex,
  type NodeId,
  type Round,
  type Term,
} from '../../raft/types.ts';

/** The bounds of a world. */
export interface Bounds {
  /** The size of the cluster, learners included; the node itself is 1. */
  readonly voters: number;
  /** Of nodes and entries. Messages also name the term after it: a node that adopts it has left the bounds. */
  readonly maxTerm: Term;
  readonly maxLog: LogIndex;
  /** What clients ask for besides commands. Only where they read do answers name any round; elsewhere each is to the latest. */
  readonly asks: 'nothing' | 'reads' | 'transfers' | 'both';
  /** Reads go by leases. */
  readonly isTimed: boolean;
  /** Whether snapshots are saved, sent and received. */
  readonly snapshots: boolean;
  /** The members that the node starts with, if they are not all voters; that of entry 1 is in its log, and not committed. */
  readonly members?: Configuration;
  /** What clients ask for, each at once. */
  readonly changes?: readonly (readonly MemberChange[])[];
  /** Leaders send snapshots alone: left out, they send entries as well. */
  readonly sendsNoEntries?: true;
}

/** The rounds that a leader within the bounds may begin. */
export const maxRound: Round = 1;

/** A sender outside the cluster. Only answers come from it: no rule asks whether a request comes from a member. */
const stranger: NodeId = 99;

/** Every well-formed message to node 1 within the bounds: whatever a correct peer would send, and all the rest. */
export const messagesWithin = (bounds: Bounds): readonly Message[] => {
  const peers = range(2, bounds.voters);
  return [tooFar(bounds), ...messagesNear(bounds, peers)];
};

/** A term that no correct cluster gets to. */
const tooFar = ({ maxTerm }: Bounds): Message => ({
  type: 'RequestVoteResponse',
  from: stranger,
  to: 1,
  term: maxTerm + maxTermJump + 1,
  voteGranted: false,
});

const messagesNear = (bounds: Bounds, peers: readonly NodeId[]): readonly Message[] =>
  messageTypes.flatMap((type) => {
    const isAnswer = messageTable[type].is === 'response';
    const senders = isAnswer ? [...peers, stranger] : peers;
    return range(1, bounds.maxTerm + 1).flatMap((term) => {
      const bodies = bodiesOf[type](bounds, term);
      // No rule reads what a stranger answers, nor what is answered to a term of which the node asked nothing.
      const unread = bodies.length < 2 ? bodies : [bodies[0], bodies.at(-1)];
      return senders.flatMap((from) => {
        const isUnread = isAnswer && (from === stranger || term > bounds.maxTerm);
        return (isUnread ? unread : bodies).map((body) => ({ type, from, to: 1, term, ...body }) as Message);
      });
    });
  });

/** Everything but the envelope, for each type of message: a new type that is missing here does not compile. */
const bodiesOf: Readonly<Record<MessageType, (bounds: Bounds, term: Term) => readonly object[]>> = {
  RequestVote: (bounds, term) =>
    logEnds(bounds, term).flatMap((end) =>
      booleans.map((leadershipTransfer) => ({ ...end, leadershipTransfer })),
    ),
  PreVote: (bounds, term) => logEnds(bounds, term),
  RequestVoteResponse: () => votes,
  PreVoteResponse: () => votes,
  AppendEntries: (bounds, term) => (bounds.sendsNoEntries ? [] : appends(bounds, term)),
  AppendEntriesResponse: (bounds) => answers(bounds),
  InstallSnapshot: (bounds, term) => (bounds.snapshots || term > bounds.maxTerm ? chunks(bounds, term) : []),
  // Without snapshots, one of each round.
  InstallSnapshotResponse: (bounds) =>
    chunkAnswers(bounds).filter(
      ({ lastIncludedIndex, success, offset }) =>
        bounds.snapshots || (lastIncludedIndex === 1 && !success && offset === 0),
    ),
  TimeoutNow: () => [{}],
  // With a term beyond the bounds, it reaches only a node that leaves them.
  ReadIndex: ({ asks, maxTerm }, term) =>
    asks === 'reads' || asks === 'both' || term > maxTerm ? [{ readId: 1 }] : [],
  ReadIndexResponse: ({ maxLog }) => [
    { readId: 1, success: true, readIndex: maxLog },
    { readId: 1, success: false, readIndex: 0 },
  ],
};

/** Stands for the latest round of the leader that gets the answer. */
export const latestRound: Round = 0;

const booleans = [true, false];

const votes = [{ voteGranted: true }, { voteGranted: false }];

/** From `first` to `last`, inclusive. */
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);

/** An index and the term there: no entry at all, or one of any term so far. */
const places = ({ maxTerm, maxLog }: Bounds, term: Term) => [
  { index: 0, term: 0 },
  ...range(1, maxLog).flatMap((index) =>
    range(1, Math.min(term, maxTerm)).map((each) => ({ index, term: each })),
  ),
];

const logEnds = (bounds: Bounds, term: Term) =>
  places(bounds, term).map((end) => ({ lastLogIndex: end.index, lastLogTerm: end.term }));

const appends = (bounds: Bounds, term: Term) =>
  [
    ...places(bounds, term),
    // An entry of a leader that is beyond the bounds.
    ...(term > bounds.maxTerm ? range(1, bounds.maxLog).map((index) => ({ index, term })) : []),
  ].flatMap((previous) =>
    range(0, bounds.maxLog - previous.index).flatMap((length) =>
      runsOf(length, Math.max(1, previous.term), Math.min(term, bounds.maxTerm)).flatMap((entries) =>
        range(0, bounds.maxLog).map((leaderCommit) => ({
          prevLogIndex: previous.index,
          prevLogTerm: previous.term,
          entries,
          leaderCommit,
          round: 0,
        })),
      ),
    ),
  );

/** Every run of this many entries whose terms never fall, from `lowest` up to `highest`. */
const runsOf = (length: number, lowest: Term, highest: Term): readonly (readonly Entry[])[] =>
  length === 0
    ? [[]]
    : range(lowest, highest).flatMap((term) =>
        runsOf(length - 1, term, highest).map((rest): readonly Entry[] => [
          { term, kind: 'command', payload: emptyPayload },
          ...rest,
        ]),
      );

/** A snapshot of one chunk, or the first or the second one of two. */
const chunks = ({ voters, maxTerm, maxLog }: Bounds, term: Term) =>
  range(1, maxLog).flatMap((lastIncludedIndex) =>
    range(1, Math.min(term, maxTerm)).flatMap((lastIncludedTerm) =>
      [
        { offset: 0, done: true },
        { offset: 0, done: false },
        { offset: 1, done: true },
      ].map((place) => ({
        lastIncludedIndex,
        lastIncludedTerm,
        configuration: firstConfiguration(range(1, voters)),
        sizeBytes: 2,
        checksum: 0,
        data: Uint8Array.of(0),
        dataChecksum: 0,
        round: 0,
        ...place,
      })),
    ),
  );

const chunkAnswers = ({ maxLog, asks }: Bounds) =>
  (asks === 'reads' ? range(0, maxRound + 1) : [latestRound]).flatMap((round) =>
    range(1, Math.max(1, maxLog)).flatMap((lastIncludedIndex) => [
      ...range(0, 2).map((offset) => ({ lastIncludedIndex, success: false, matchIndex: 0, offset, round })),
      // One more than any log holds: no correct follower says so.
      ...range(1, maxLog + 1).map((matchIndex) => ({
        lastIncludedIndex,
        success: true,
        matchIndex,
        offset: 0,
        round,
      })),
    ]),
  );

const answers = ({ maxTerm, maxLog, asks }: Bounds) =>
  (asks === 'reads' ? range(0, maxRound + 1) : [latestRound]).flatMap((round) =>
    range(0, maxLog).flatMap((prevLogIndex) => [
      // One more than any log holds: no correct follower says so.
      ...range(0, maxLog + 1).map((matchIndex) => ({
        success: true,
        prevLogIndex,
        matchIndex,
        conflictTerm: 0,
        conflictIndex: 0,
        round,
      })),
      ...range(0, maxTerm).flatMap((conflictTerm) =>
        range(1, maxLog + 1).map((conflictIndex) => ({
          success: false,
          prevLogIndex,
          matchIndex: 0,
          conflictTerm,
          conflictIndex,
          round,
        })),
      ),
    ]),
  );
