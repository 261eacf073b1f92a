import { peersOf } from '../raft/send-entries.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import type { Conversation } from './conversation.ts';
import type { Difference } from './difference.ts';
import type { Expected } from './expected.ts';
import { isPrecise } from './expected-messages.ts';
import { type HonestPeers, requestOf } from './honest-peers.ts';
import type { ModelledStep } from './modelled-step.ts';
import { type Plan, type Question, staysAsItIs } from './plan.ts';
import type { AdapterRequest } from './protocol.ts';
import { endOf, heartbeat, settle } from './settle.ts';

/** What to do about a step in which a peer answers a leader. */
export type Prepared =
  | { readonly do: 'ask'; readonly question: Question }
  /** The leader has failed on the way. */
  | { readonly do: 'fail'; readonly differences: readonly Difference[] }
  /** The peer cannot say this, since it was never sent what it answers; a failure that came before says why. */
  | { readonly do: 'stop' }
  /** It was not sent what it answers, and need not be: the path goes on, unless the chart does by that answer. */
  | { readonly do: 'skip' | 'end'; readonly reason: string };

/** Lets a leader send what a peer acknowledges or rejects in this step. Of any other step: asks what it is about. */
export const prepare = async (
  conversation: Conversation,
  step: ModelledStep,
  question: Question,
): Promise<Prepared> => {
  const ask: Prepared = { do: 'ask', question };
  const { has, peers } = conversation;
  const unasked = has.rpc ? await prepareRequest(conversation, step, question) : null;
  if (unasked !== null) return unasked;
  const answer = answerIn(step);
  if (answer === null) return ask;
  const { from: peer, success, prevLogIndex, matchIndex } = answer;
  if (isPrecise(has)) {
    const isSent = !success || matchIndex === 0 || peers.hasSentTo(peer, matchIndex);
    return isSent ? ask : { do: 'stop' };
  }
  const { commitIndex } = step.before.snapshot.context;
  const expected = meanwhile(step, question.expected, Math.max(commitIndex, step.expect.commitIndex));
  if (!success) return prepareRejection(conversation, answer, expected, ask);
  const holds = Math.max(peers.acknowledgedBy(peer), Math.min(prevLogIndex, matchIndex));
  const said = conversation.exchanges.length;
  const differences = await settle({ peer, holds, upTo: matchIndex, expected }, conversation);
  // What was said on the way may have led further than the chart is.
  if (differences === null) return unanswerable(step, conversation.exchanges.length === said);
  if (differences.length > 0) return { do: 'fail', differences };
  const answered = peers.unansweredBy(peer);
  if (answered === null || endOf(answered) !== matchIndex) return ask;
  const message = { ...answer, prevLogIndex: answered.prevLogIndex };
  return { do: 'ask', question: { ...question, request: { ...question.request, do: 'deliver', message } } };
};

/** Makes sure that the node waits for the answer that comes in this step; null: it does, or none comes. */
const prepareRequest = async (
  { peers, askMore }: Conversation,
  step: ModelledStep,
  { expected }: Question,
): Promise<Prepared | null> => {
  if (isAwaited(peers, step)) return null;
  const { event, stateBefore, before } = step;
  const answered = event.type === 'deliver' ? event.message : null;
  const { currentTerm } = before.snapshot.context;
  const mayAnswerNew = answered?.type === 'AppendEntriesResponse' && answered.term >= currentTerm;
  if (mayAnswerNew && topOf(stateBefore) === 'leader') {
    const differences = await askMore({
      request: heartbeat,
      expected: meanwhile(step, expected, before.snapshot.context.commitIndex),
    });
    if (differences.length > 0) return { do: 'fail', differences };
    if (isAwaited(peers, step)) return null;
  }
  return unanswerable(step);
};

/** Whether the node waits for the answer that comes in this step, or none comes. */
export const isAwaited = (peers: HonestPeers, { event, isHostile }: ModelledStep): boolean => {
  if (event.type !== 'deliver' || isHostile) return true;
  const { from, term } = event.message;
  const asked = requestOf(event.message);
  return asked === null || peers.isOpen(asked, from, term);
};

/** The node waits for no such answer. */
const unanswerable = (step: ModelledStep, mayGoOn = true): Prepared => ({
  do: mayGoOn && staysAsItIs(step) ? 'skip' : 'end',
  reason: 'each answer belongs to one request, and none waits for this one',
});

/** What a correct peer answers in this step to the leader of this term that it follows; null: something else happens. */
const answerIn = ({ event, isHostile, stateBefore, before }: ModelledStep): Answer | null => {
  if (event.type !== 'deliver' || isHostile || topOf(stateBefore) !== 'leader') return null;
  const { message } = event;
  const { currentTerm, progress } = before.snapshot.context;
  const isAnswer = message.type === 'AppendEntriesResponse';
  return isAnswer && message.term === currentTerm && progress[message.from] !== undefined ? message : null;
};

/** A peer rejects only what it was sent. */
const prepareRejection = async (
  { has, peers, askMore }: Conversation,
  { from: peer, prevLogIndex }: Answer,
  expected: Expected,
  ask: Prepared,
): Promise<Prepared> => {
  const isSent = () =>
    has.rpc ? peers.unansweredBy(peer)?.prevLogIndex === prevLogIndex : peers.hasSentFrom(peer, prevLogIndex);
  if (isSent()) return ask;
  const differences = await askMore({ request: heartbeat, expected });
  if (differences.length > 0) return { do: 'fail', differences };
  return isSent() ? ask : { do: 'skip', reason: 'it has not sent what is rejected here' };
};

/** One more command reaches everybody, whatever each lacks, and is committed. Returns what is wrong. */
export const finish = async (
  conversation: Conversation,
  { step, plan: question }: NonNullable<Plan['last']>,
): Promise<readonly Difference[]> => {
  const { peers, askMore } = conversation;
  const { currentTerm, progress, log } = step.after.snapshot.context;
  const upTo = log.lastIndex;
  const expected = meanwhile({ ...step, before: step.after }, question.expected, upTo);
  const followers = peersOf({ progress });
  const refused = await askMore(question);
  if (refused.length > 0) return refused;
  for (const peer of followers) {
    const holds = step.before.snapshot.context.progress[peer]!.matchIndex;
    const stalled = await settle({ peer, holds, upTo, expected }, conversation);
    if (stalled !== null && stalled.length > 0) return stalled;
    const differences = await askMore({ request: accepted(conversation, peer, currentTerm, upTo), expected });
    if (differences.length > 0) return differences;
  }
  const committed = { ...expected, commitIndex: { min: upTo, max: upTo } };
  const uncommitted = await askMore({ request: heartbeat, expected: committed });
  const untold = followers.flatMap((peer): readonly Difference[] => {
    const told = peers.toldCommitTo(peer);
    const text = `to ${peer} expected a heartbeat that says that ${upTo} entries are committed, got none beyond ${told}`;
    return told >= upTo ? [] : [{ kind: 'missing', text }];
  });
  return [...uncommitted, ...untold];
};

type Answer = Extract<PathMessage, { type: 'AppendEntriesResponse' }>;

/** `peer` holds everything up to `upTo`, as the latest request has brought it, or one before. */
const accepted = ({ peers }: Conversation, peer: NodeId, term: Term, upTo: LogIndex): AdapterRequest => {
  const latest = peers.unansweredBy(peer);
  const message: Answer = {
    type: 'AppendEntriesResponse',
    from: peer,
    to: testedNode,
    term,
    success: true,
    prevLogIndex: latest !== null && endOf(latest) === upTo ? latest.prevLogIndex : upTo,
    matchIndex: upTo,
    conflictTerm: 0,
    conflictIndex: 0,
    round: latest?.round ?? 0,
  };
  return { do: 'deliver', message };
};

/** What a leader is held to between two steps of a path: it stays what it is, commits up to here at most, and sends what is sound. */
const meanwhile = (
  { before }: Pick<ModelledStep, 'before'>,
  { commitIndex, log, messages }: Expected,
  highestCommit: LogIndex,
): Expected => {
  const { snapshot, log: own } = before;
  const begin = { index: own.base, term: own.baseTerm };
  const max = Math.max(highestCommit, commitIndex.max);
  return {
    role: 'leader',
    term: snapshot.context.currentTerm,
    votedFor: snapshot.context.votedFor,
    commitIndex: { min: snapshot.context.commitIndex, max },
    log: log && { begin, terms: own.entries.map(({ term }) => term) },
    timers: null,
    messages: {
      ...messages,
      replies: [],
      alsoAllowed: [],
      // A round that is answered answers reads.
      mayAnswerReads: snapshot.context.reads.length > 0,
      commitIndex: max,
      appends: peersOf(snapshot.context).map((to) => ({
        to,
        how: 'sound',
        messages: [],
        isRequired: false,
        below: null,
      })),
      leader: { term: snapshot.context.currentTerm, begin, entries: own.entries },
    },
  };
};
