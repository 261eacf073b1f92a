import { encodeConfiguration } from '../../raft/configuration-payload.ts';
import type { EntryKind, LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Environment, Terms } from './environment.ts';
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
  entries: entriesOf(log, changes).slice(prevLogIndex, lastIndex),
  leaderCommit,
  round: offeredRound,
});

/** Some round of the leader's: the answer must repeat it. */
export const offeredRound = 3;

/** The command that a peer's client gave it here. */
export const commandAt = (term: Term, index: LogIndex): string => `t${term}i${index}`;

/** A term opens with a no-op; (index, term) identifies the rest. */
const entriesOf = (log: Terms, changes: Environment['changes']): readonly PathEntry[] =>
  log.map((term, at) => {
    const change = changes.find((each) => each.term === term && each.configuration.index === at + 1);
    if (change !== undefined) {
      return {
        term,
        kind: 'configuration',
        payload: toPayloadText(encodeConfiguration(change.configuration)),
      };
    }
    const kind: EntryKind = log[at - 1] === term ? 'command' : 'noop';
    return { term, kind, payload: kind === 'noop' ? '' : commandAt(term, at + 1) };
  });
