import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/raft/messages.ts';
import {
  adoptTerm,
  answerStaleRequest,
  isNewerTerm,
  isStaleRequest,
  isStaleResponse,
  isTermTooFar,
  maxTermJump,
  reportTerm,
} from '../../src/raft/term.ts';
import {
  appendEntries,
  appendResponse,
  contextOf,
  logOf,
  paramsOf,
  requestVote,
  sendsOf,
} from './contexts.ts';

const context = contextOf({ currentTerm: 5, votedFor: 3, leaderId: 3, log: logOf(1, 2) });

const ofTerm = (term: number): Record<string, Message> => ({
  RequestVote: requestVote({ term }),
  RequestVoteResponse: { type: 'RequestVoteResponse', from: 2, to: 1, term, voteGranted: true },
  AppendEntries: appendEntries({ term }),
  AppendEntriesResponse: appendResponse({ term }),
  PreVote: { ...requestVote({ term }), type: 'PreVote' },
  preVoteGrant: { type: 'PreVoteResponse', from: 2, to: 1, term, voteGranted: true },
  preVoteRefusal: { type: 'PreVoteResponse', from: 2, to: 1, term, voteGranted: false },
});

const gate = (message: Message): string => {
  if (isNewerTerm(context, message)) return 'adopted';
  if (isStaleRequest(context, message)) return 'answered';
  if (isStaleResponse(context, message)) return 'dropped';
  return 'delivered';
};

describe('term gate at term 5 (paper §5.1; thesis §9.6)', () => {
  it.each([
    //                         term 4       term 5       term 6       term 7
    ['RequestVote', ['answered', 'delivered', 'adopted', 'adopted']],
    ['RequestVoteResponse', ['dropped', 'delivered', 'adopted', 'adopted']],
    ['AppendEntries', ['answered', 'delivered', 'adopted', 'adopted']],
    ['AppendEntriesResponse', ['dropped', 'delivered', 'adopted', 'adopted']],
    ['PreVote', ['answered', 'answered', 'delivered', 'delivered']],
    ['preVoteGrant', ['dropped', 'dropped', 'delivered', 'dropped']],
    ['preVoteRefusal', ['dropped', 'delivered', 'adopted', 'adopted']],
  ])('%s of terms 4 to 7: %j', (name, expected) => {
    expect([4, 5, 6, 7].map((term) => gate(ofTerm(term)[name]!))).toEqual(expected);
  });

  it.each([
    ['TimeoutNow', ['dropped', 'delivered', 'adopted', 'adopted']],
    ['ReadIndex', ['answered', 'delivered', 'adopted', 'adopted']],
    ['ReadIndexResponse', ['dropped', 'delivered', 'adopted', 'adopted']],
  ] as const)('%s of terms 4 to 7: %j, as all that name a term that was entered', (type, expected) => {
    const rest = { readId: 1, success: true, readIndex: 1 };
    const messages = [4, 5, 6, 7].map((term) => ({ type, from: 2, to: 1, term, ...rest }) as Message);
    expect(messages.map(gate)).toEqual(expected);
  });

  it('does not believe a term further away than any cluster gets (paper §5.1)', () => {
    const last = 5 + maxTermJump;
    expect([last, last + 1].map((term) => isTermTooFar(context, requestVote({ term })))).toEqual([
      false,
      true,
    ]);
    expect([last, last + 1].map((term) => isNewerTerm(context, requestVote({ term })))).toEqual([
      true,
      false,
    ]);
    expect(reportTerm(context, requestVote({ term: last + 1 }))).toEqual({
      patch: {},
      effects: [{ type: 'report', params: { peer: 2, problem: { type: 'termTooFar', term: last + 1 } } }],
    });
  });

  it('adopts a term with no vote and no leader in it, and persists it (Figure 2, All Servers)', () => {
    const { patch, effects } = adoptTerm(context, requestVote({ term: 9 }));
    expect(patch).toEqual({ currentTerm: 9, votedFor: null, leaderId: null });
    expect(paramsOf(effects, 'persist')).toEqual([
      { currentTerm: 9, votedFor: null, firstIndex: 0, entries: [], lastIndex: 2 },
    ]);
    expect(effects).toHaveLength(1);
  });

  it('answers a stale request with a refusal of its own kind and the current term (paper §5.1)', () => {
    const answerTo = (message: Message) => sendsOf(answerStaleRequest(context, message).effects);
    const stale = ofTerm(4);
    const envelope = { from: 1, to: 2, term: 5 };
    expect(answerTo(stale.RequestVote!)).toEqual([
      { type: 'RequestVoteResponse', ...envelope, voteGranted: false },
    ]);
    expect(answerTo(stale.PreVote!)).toEqual([{ type: 'PreVoteResponse', ...envelope, voteGranted: false }]);
    expect(answerTo(stale.AppendEntries!)).toMatchObject([
      { type: 'AppendEntriesResponse', ...envelope, success: false, matchIndex: 0 },
    ]);
  });

  it('names no round in the refusal of an older term: each term counts its own (thesis §6.4)', () => {
    const { effects } = answerStaleRequest(context, appendEntries({ term: 4, round: 3 }));
    expect(sendsOf(effects)).toMatchObject([{ type: 'AppendEntriesResponse', term: 5, round: 0 }]);
  });

  it('changes nothing for a stale request (paper §5.1)', () => {
    for (const message of Object.values(ofTerm(4))) {
      expect(answerStaleRequest(context, message).patch).toEqual({});
    }
  });
});
