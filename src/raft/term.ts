import type { RaftContext } from './context.ts';
import { type Decision, persistHardState, send } from './effects.ts';
import { isRequest, messageTable, namesNextTerm, type Request } from './message-table.ts';
import type { Envelope, Message } from './messages.ts';

/**
 * Whether the message makes this node adopt its term. A pre-vote request and a grant of it name a term that nobody
 * has entered yet; a refused pre-vote carries the responder's own. Raft paper §5.1; thesis §9.6.
 */
export const isNewerTerm = (context: RaftContext, message: Message): boolean =>
  message.term > context.currentTerm && !namesNextTerm(message) && !isTermTooFar(context, message);

/** By how much a term may exceed this node's own. No correct cluster gets there; one message must not use up all terms. */
export const maxTermJump = 2 ** 40;

/** Whether the message names a term so far ahead that no correct cluster can have got there. */
export const isTermTooFar = (context: RaftContext, message: Message): boolean =>
  message.term > context.currentTerm + maxTermJump;

/** Does not believe it, and says so. */
export const reportTerm = (_: RaftContext, message: Message): Decision => ({
  patch: {},
  effects: [
    { type: 'report', params: { peer: message.from, problem: { type: 'termTooFar', term: message.term } } },
  ],
});

/** Whether the message asks for a vote or a pre-vote although there is a leader that did not ask for that. Thesis §4.2.3. */
export const isDisruptiveVote = (message: Message): boolean =>
  messageTable[message.type].asksForVote && !(message.type === 'RequestVote' && message.leadershipTransfer);

/** Whether the sender of this request must learn of a newer term. A pre-vote must ask for a term that is new to this node. */
export const isStaleRequest = (context: RaftContext, message: Message): boolean =>
  isRequest(message) && message.term < firstTermHeard(context, message);

/** Whether this response answers a request of an earlier term, or this notice is of one. A granted pre-vote counts only for currentTerm + 1. */
export const isStaleResponse = (context: RaftContext, message: Message): boolean => {
  if (isRequest(message)) return false;
  return namesNextTerm(message)
    ? message.term !== context.currentTerm + 1
    : message.term < context.currentTerm;
};

const firstTermHeard = (context: RaftContext, message: Message): number =>
  namesNextTerm(message) ? context.currentTerm + 1 : context.currentTerm;

/** "Set currentTerm = T, convert to follower": a new term has no vote and no known leader yet. Figure 2, All Servers. */
export const adoptTerm = (context: RaftContext, message: Message): Decision => {
  const hardState = { currentTerm: message.term, votedFor: null };
  return {
    patch: { ...hardState, leaderId: null },
    effects: [persistHardState(hardState, context.log.lastIndex)],
  };
};

/** Refuses a stale request with `currentTerm`, so that its sender catches up. Raft paper §5.1. */
export const answerStaleRequest = (context: RaftContext, message: Message): Decision => {
  if (!isRequest(message)) return { patch: {}, effects: [] };
  const envelope = { from: context.id, to: message.from, term: context.currentTerm };
  return { patch: {}, effects: [send(refusalOf(context, message, envelope))] };
};

const refusalOf = (context: RaftContext, request: Request, envelope: Envelope): Message => {
  switch (request.type) {
    case 'PreVote':
      return { ...envelope, type: 'PreVoteResponse', voteGranted: false };
    case 'RequestVote':
      return { ...envelope, type: 'RequestVoteResponse', voteGranted: false };
    case 'AppendEntries':
      return {
        ...envelope,
        type: 'AppendEntriesResponse',
        success: false,
        prevLogIndex: request.prevLogIndex,
        matchIndex: 0,
        conflictTerm: 0,
        conflictIndex: context.log.lastIndex + 1,
        // The round was one of an older term: should its sender lead this one by now, it must not take that for a round of its own.
        round: 0,
      };
    case 'InstallSnapshot':
      return {
        ...envelope,
        type: 'InstallSnapshotResponse',
        lastIncludedIndex: request.lastIncludedIndex,
        success: false,
        matchIndex: 0,
        offset: 0,
        round: request.round,
      };
    case 'ReadIndex':
      return {
        ...envelope,
        type: 'ReadIndexResponse',
        readId: request.readId,
        success: false,
        readIndex: 0,
      };
  }
};
