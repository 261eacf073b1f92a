import { currentConfiguration, membersOf } from '../raft/configuration.ts';
import { peersOf } from '../raft/send-entries.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { ModelNode } from '../verify/paths/modelled-node.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import { alsoAllowed } from './also-allowed.ts';
import type { ExpectedAppends, ExpectedMessages, LeaderView } from './expected.ts';
import type { ModelledStep } from './modelled-step.ts';
import type { Capabilities } from './protocol.ts';

type Append = Extract<PathMessage, { type: 'AppendEntries' }>;

/**
 * What must leave the node in this step. `free` are followers whose `nextIndex` is the adapter's own affair, since the chart has acted on the rejection of what only the chart may
 * have sent; this step may add to it.
 */
export const expectedMessages = (
  step: ModelledStep,
  has: Capabilities,
  free: Set<NodeId>,
  commitIndex: LogIndex,
): ExpectedMessages => {
  const { expect, transitions, after } = step;
  const { sent } = expect;
  const isStale = transitions.some(({ guard }) => guard === 'isStaleRequest');
  // One that has just been removed led until then, in the same step.
  const isLeader = expect.role === 'leader' || transitions.some(({ guard }) => guard === 'isSelfRemoved');
  const appends = sent.filter((message): message is Append => message.type === 'AppendEntries');
  return {
    replies: sent.filter(({ type }) => type !== 'AppendEntries'),
    alsoAllowed: alsoAllowed(step),
    mayAnswerReads: false,
    mayBeSilent: has.silentRefusals,
    isStaleAnswer: isStale && !has.answersStale,
    hasTerms: !has.termlessAnswers,
    hasHints: has.hints && !isStale,
    hasRounds: has.readIndex,
    hasTransfer: has.transfer,
    commitIndex,
    hasSeparateHeartbeats: has.separateHeartbeats,
    appends: isLeader ? followersOf(step).map((to) => appendsTo(to, appends, step, has, free)) : [],
    leader: isLeader ? leaderView(after) : null,
  };
};

/** Whom a leader may send to in this step: its members, and those that were removed in it. */
const followersOf = ({ before, after }: ModelledStep): readonly NodeId[] => {
  const members = membersOf(currentConfiguration(after.snapshot.context.configurations));
  const known = peersOf(before.snapshot.context);
  return [...new Set([...members, ...known])].filter((id) => id !== testedNode).sort((a, b) => a - b);
};

const leaderView = ({ snapshot, log: { base, baseTerm, entries } }: ModelNode): LeaderView => ({
  term: snapshot.context.currentTerm,
  begin: { index: base, term: baseTerm },
  entries,
});

const appendsTo = (
  to: NodeId,
  all: readonly Append[],
  { event, before, stateBefore, transitions, expect }: ModelledStep,
  has: Capabilities,
  free: Set<NodeId>,
): ExpectedAppends => {
  const messages = all.filter((message) => message.to === to);
  const isElected = topOf(stateBefore) !== 'leader' && expect.role === 'leader';
  const isHeartbeat = event.type === 'timeout' && event.timer === 'heartbeatInterval';
  const rejected =
    transitions.some(({ guard }) => guard === 'isAppendRejected') &&
    event.type === 'deliver' &&
    event.message.type === 'AppendEntriesResponse' &&
    event.message.from === to
      ? event.message.prevLogIndex
      : null;
  if (rejected !== null && mayNotHaveSent(before, to, rejected, has)) free.add(to);
  const goesBack = rejected !== null && !free.has(to);
  const mustRetry = goesBack && !has.retriesAtHeartbeat;
  return {
    to,
    how: isPrecise(has) && !free.has(to) ? 'exact' : 'sound',
    messages,
    isRequired: isElected || isHeartbeat || mustRetry,
    below: mustRetry ? rejected : null,
  };
};

/** Whether what a leader sends, and when, follows from the chart: it does not wait for answers. */
export const isPrecise = (has: Capabilities): boolean => has.pipeline && !has.retriesAtHeartbeat && !has.rpc;

/**
 * Whether a message with this `prevLogIndex` is one that the chart alone may have sent: ahead of answers, or a heartbeat
 * behind all entries. Nobody has to act on the rejection of what it did not send.
 */
const mayNotHaveSent = (
  { snapshot }: ModelNode,
  to: NodeId,
  prevLogIndex: LogIndex,
  has: Capabilities,
): boolean => {
  const { state, nextIndex } = snapshot.context.progress[to]!;
  if (state === 'probe') return false;
  return !has.pipeline || (has.separateHeartbeats && prevLogIndex === nextIndex - 1);
};
