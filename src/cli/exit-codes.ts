/** The exit codes of `raft-node` and `raft-client`. The README shows this table. */
export const exitCodes = {
  success: 0,
  /** Bad usage, key not found, cas failed, port in use, data directory locked. */
  failure: 1,
  /** The request timed out; the message says whether a write may have happened. */
  timeout: 2,
  /** The node asked (`--target`) is not the leader. */
  notLeader: 3,
  /** A proposal was overwritten; a data directory is damaged, or belongs to another node or cluster. */
  inconsistency: 4,
} as const;
