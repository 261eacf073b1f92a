import type { LogIndex, Term } from '../raft/types.ts';

/** A leader, as far as it bounds what it may send. */
export interface SendingLeader {
  readonly term: Term;
  readonly commitIndex: LogIndex;
  /** The term of its entry there, 0 at index 0; undefined: it has none; null: that is not known. */
  readonly termAt: (index: LogIndex) => Term | null | undefined;
}

/** An AppendEntries as somebody else has seen it. */
export interface SeenAppend {
  readonly term: Term;
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly leaderCommit: LogIndex;
  /** Of its entries; null: not told. */
  readonly terms: readonly (Term | null)[];
}

/** What is wrong, and which term its leader's entry has, if that is it. */
export type AppendFault =
  | { readonly field: 'term' }
  | { readonly field: 'leaderCommit' }
  | { readonly field: 'prevLogTerm'; readonly held: Term | undefined }
  | { readonly field: 'entries'; readonly index: LogIndex; readonly held: Term | undefined };

/**
 * What is wrong with an AppendEntries of this leader, whatever made it send it; null: it is sound. When a leader sends, and from where, is its own
 * choice. Figure 2, Leaders.
 */
export const appendFault = (
  leader: SendingLeader,
  { term, prevLogIndex, prevLogTerm, leaderCommit, terms }: SeenAppend,
): AppendFault | null => {
  if (term !== leader.term) return { field: 'term' };
  if (leaderCommit > leader.commitIndex) return { field: 'leaderCommit' };
  const before = leader.termAt(prevLogIndex);
  if (before !== null && before !== prevLogTerm) return { field: 'prevLogTerm', held: before };
  for (const [at, told] of terms.entries()) {
    const index = prevLogIndex + 1 + at;
    const held = leader.termAt(index);
    if (held === undefined || (held !== null && told !== null && held !== told))
      return { field: 'entries', index, held };
  }
  return null;
};
