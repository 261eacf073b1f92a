import { encodeConfiguration } from '../../raft/configuration-payload.ts';
import type { EntryKind, LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Change, Environment, Terms } from './environment.ts';
import { testedNode } from './model-node.ts';
import type { PathEntry, PathMessage } from './path.ts';
import { toPayloadText } from './path-message.ts';

/** The entries of `log` after `prevLogIndex` up to `lastIndex`, as its leader sends them. */
export const appendOf = (
  from: NodeId,
  term: Term,
  log: Terms,
  prevLogIndex: LogIndex,
  lastIndex: LogIndex,
  leaderCommit: LogIndex,
  changes: Environment['changes'],
): PathMessage => ({
  type: 'AppendEntries',
  from,
  to: testedNode,
  term,
  prevLogIndex,
  prevLogTerm: prevLogIndex === 0 ? 0 : log[prevLogIndex - 1]!,
  entries: entriesOf(log, prevLogIndex, lastIndex, changes),
  leaderCommit,
  round: offeredRound,
});

/** Some round of the leader's: the answer must repeat it. */
export const offeredRound = 3;

/** The command that a peer's client gave it here. */
export const commandAt = (term: Term, index: LogIndex): string => `t${term}i${index}`;

/** A term opens with a no-op; (index, term) identifies the rest. */
const entriesOf = (
  log: Terms,
  prevLogIndex: LogIndex,
  lastIndex: LogIndex,
  changes: Environment['changes'],
): readonly PathEntry[] =>
  log.slice(prevLogIndex, lastIndex).map((term, nth) => {
    const index = prevLogIndex + nth + 1;
    const change = changes.find((each) => each.term === term && each.configuration.index === index);
    if (change !== undefined) return { term, kind: 'configuration', payload: payloadOf(change) };
    const kind: EntryKind = log[index - 2] === term ? 'command' : 'noop';
    return { term, kind, payload: kind === 'noop' ? '' : commandAt(term, index) };
  });

/** A change is offered in thousands of messages. */
const payloads = new WeakMap<Change, string>();

const payloadOf = (change: Change): string => {
  const payload = payloads.get(change) ?? toPayloadText(encodeConfiguration(change.configuration));
  payloads.set(change, payload);
  return payload;
};
