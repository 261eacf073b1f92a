import type { RaftContext } from './context.ts';
import { type Decision, persistHardState, send } from './effects.ts';
import type { Message } from './messages.ts';

/**
 * Whether the message makes this node adopt its term. A pre-vote request and a grant of it name a term that nobody
 * has entered yet; a refused pre-vote carries the responder's own. Raft paper §5.1; thesis §9.6.
 */
export const isNewerTerm = (context: RaftContext, message: Message): boolean =>
  message.term > context.currentTerm && !namesNextTerm(message);

/** Whether the message is a request for a vote or a pre-vote. Thesis §4.2.3. */
export const isVoteRequest = (message: Message): boolean =>
  message.type === 'RequestVote' || message.type === 'PreVote';

/** Whether the sender of this request must learn of a newer term. A pre-vote asks for a term that must be new here. */
export const isStaleRequest = (context: RaftContext, message: Message): boolean => {
  if (message.type === 'PreVote') return message.term <= context.currentTerm;
  if (message.type === 'RequestVote' || message.type === 'AppendEntries') {
    return message.term < context.currentTerm;
  }
  return false;
};

/** Whether this response answers a request of an earlier term. A granted pre-vote counts for currentTerm + 1 alone. */
export const isStaleResponse = (context: RaftContext, message: Message): boolean => {
  if (message.type === 'PreVoteResponse' && message.voteGranted) {
    return message.term !== context.currentTerm + 1;
  }
  const isResponse =
    message.type === 'RequestVoteResponse' ||
    message.type === 'AppendEntriesResponse' ||
    message.type === 'PreVoteResponse';
  return isResponse && message.term < context.currentTerm;
};

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
  const envelope = { from: context.id, to: message.from, term: context.currentTerm };
  switch (message.type) {
    case 'PreVote':
      return { patch: {}, effects: [send({ ...envelope, type: 'PreVoteResponse', voteGranted: false })] };
    case 'RequestVote':
      return { patch: {}, effects: [send({ ...envelope, type: 'RequestVoteResponse', voteGranted: false })] };
    case 'AppendEntries':
      return {
        patch: {},
        effects: [
          send({
            ...envelope,
            type: 'AppendEntriesResponse',
            success: false,
            prevLogIndex: message.prevLogIndex,
            matchIndex: 0,
            conflictTerm: 0,
            conflictIndex: context.log.lastIndex + 1,
          }),
        ],
      };
    default:
      return { patch: {}, effects: [] };
  }
};

const namesNextTerm = (message: Message): boolean =>
  message.type === 'PreVote' || (message.type === 'PreVoteResponse' && message.voteGranted);
