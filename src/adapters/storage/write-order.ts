import type { Write } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { HardState, LogIndex, Term } from '../../raft/types.ts';

/** What a write is checked against: the storage as the writes before it left it. */
export interface BeforeWrite {
  readonly hardState: HardState;
  /** The log begins after this index. */
  readonly baseIndex: LogIndex;
  readonly lastIndex: LogIndex;
  termOf(index: LogIndex): Term;
}

/**
 * What every adapter asserts of a write, in production too: terms only grow, a vote stays for its term, the log has no
 * gap, and no entry is of a later term than the node. Raft paper Figure 2, "Persistent state".
 */
export const assertInOrder = (before: BeforeWrite, { hardState, firstIndex, entries }: Write): void => {
  const { currentTerm, votedFor } = hardState;
  const { hardState: had, baseIndex, lastIndex } = before;
  assert(currentTerm >= had.currentTerm, 'currentTerm never decreases', currentTerm, had.currentTerm);
  const keepsVote = currentTerm > had.currentTerm || had.votedFor === null || votedFor === had.votedFor;
  assert(keepsVote, 'a vote stays for its term', votedFor, had.votedFor);
  assert(votedFor === null || votedFor > 0, 'votedFor is null or a node id from 1 on', votedFor, null);

  if (entries.length === 0) {
    assert(firstIndex === 0, 'firstIndex 0 without entries', firstIndex, 0);
    return;
  }
  assert(firstIndex >= 1 && firstIndex <= lastIndex + 1, 'no gap before firstIndex', firstIndex, lastIndex);
  assert(firstIndex > baseIndex, 'nothing that a snapshot covers is replaced', firstIndex, baseIndex);
  let previous = before.termOf(firstIndex - 1);
  for (const { term, kind, payload } of entries) {
    assert(term >= 1 && term >= previous, 'terms do not decrease along the log', term, previous);
    assert(kind !== 'noop' || payload.length === 0, 'a noop has no payload', kind, payload.length);
    previous = term;
  }
  assert(previous <= currentTerm, 'no entry is of a later term than currentTerm', previous, currentTerm);
};
