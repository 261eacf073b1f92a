import type { Storage } from '../ports/storage.ts';
import type { Replicate } from '../raft/effects.ts';
import type { AppendEntries } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';

/**
 * The AppendEntries that a `replicate` names, with the payloads from the log store. Null, as if it were lost, where
 * the store by now holds another term: the log was replaced after the effect was issued. Throws `StorageFailed`.
 */
export const readReplicate = (
  storage: Pick<Storage, 'read'>,
  from: NodeId,
  effect: Replicate,
): AppendEntries | null => {
  const { to, term, prevLogIndex, prevLogTerm, leaderCommit, round } = effect;
  const entries =
    effect.lastIndex > prevLogIndex
      ? storage.read(prevLogIndex + 1, effect.lastIndex, Number.POSITIVE_INFINITY)
      : [];
  let run = -1;
  for (let offset = 0; offset < entries.length; offset++) {
    if (effect.runs[run + 1]?.firstIndex === prevLogIndex + 1 + offset) run++;
    if (entries[offset]!.term !== effect.runs[run]?.term) return null;
  }
  return { type: 'AppendEntries', from, to, term, prevLogIndex, prevLogTerm, entries, leaderCommit, round };
};
