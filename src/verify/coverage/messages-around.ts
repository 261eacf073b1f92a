import type { RaftContext } from '../../raft/context.ts';
import { lastTerm, termAt } from '../../raft/log-shape.ts';
import type { Message, MessageType } from '../../raft/messages.ts';
import type { Entry, NodeId, Term } from '../../raft/types.ts';

/** Someone who is no member. */
const stranger: NodeId = 99;

/**
 * Messages of a type that a node in this context could be sent, whether or not a correct peer would: terms around its own,
 * each sender and a stranger, log positions around its own. Enough to make each guard of the chart say both.
 */
export const messagesAround = (context: RaftContext, type: MessageType): readonly Message[] => {
  const { id, currentTerm } = context;
  const voters = context.configurations.at(-1)!.voters;
  const peers = voters.filter((voter) => voter !== id);
  // Who asks matters to nothing but the vote given; who answers, to what was counted.
  const senders = [...(type.endsWith('Response') ? peers : peers.slice(0, 2)), stranger];
  const terms = [currentTerm - 1, currentTerm, currentTerm + 1, currentTerm + 2].filter((term) => term > 0);
  return senders.flatMap((from) =>
    terms.flatMap((term) =>
      bodiesAround(context, type, term).map((body) => ({ from, to: id, term, ...body }) as Message),
    ),
  );
};

/** All but the envelope. */
const bodiesAround = (context: RaftContext, type: MessageType, term: Term): readonly object[] => {
  switch (type) {
    case 'RequestVote':
    case 'PreVote':
      return logEndsAround(context).map((end) => ({ type, ...end }));
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return [true, false].map((voteGranted) => ({ type, voteGranted }));
    case 'AppendEntries':
      return appendsAround(context, term).map((append) => ({ type, ...append }));
    case 'AppendEntriesResponse':
      return answersAround(context).map((answer) => ({ type, ...answer }));
  }
};

const logEndsAround = ({ log }: RaftContext) => [
  { lastLogIndex: 0, lastLogTerm: 0 },
  { lastLogIndex: log.lastIndex, lastLogTerm: lastTerm(log) },
  { lastLogIndex: log.lastIndex + 1, lastLogTerm: Math.max(1, lastTerm(log)) },
];

const entryOf = (term: Term): Entry => ({ term, kind: 'command', payload: Uint8Array.of(99) });

const appendsAround = ({ log }: RaftContext, term: Term) => {
  const places = [...new Set([0, log.lastIndex - 1, log.lastIndex, log.lastIndex + 1])].filter(
    (index) => index >= 0,
  );
  return places.flatMap((prevLogIndex) => {
    const known = prevLogIndex > log.lastIndex ? term : termAt(log, prevLogIndex);
    const terms = prevLogIndex === 0 ? [0] : [...new Set([known, Math.max(1, known - 1)])];
    const runs = [[], [entryOf(term)], [entryOf(Math.max(1, known)), entryOf(term)]];
    return terms.flatMap((prevLogTerm) =>
      runs.flatMap((entries) =>
        [0, prevLogIndex + entries.length].map((leaderCommit) => ({
          prevLogIndex,
          prevLogTerm,
          entries,
          leaderCommit,
        })),
      ),
    );
  });
};

const answersAround = ({ log }: RaftContext) => {
  const places = [...new Set([0, log.lastIndex - 1, log.lastIndex])].filter((index) => index >= 0);
  return places.flatMap((prevLogIndex) => [
    { success: false, prevLogIndex, matchIndex: 0, conflictTerm: 0, conflictIndex: 1 },
    ...[prevLogIndex, prevLogIndex + 1].map((matchIndex) => ({
      success: true,
      prevLogIndex,
      matchIndex,
      conflictTerm: 0,
      conflictIndex: 0,
    })),
  ]);
};
