/** A member of the cluster: an integer from 1 on, written `node1` for people. */
export type NodeId = number;

/** `node1`: how a member is written for people. */
export const nodeName = (id: NodeId): string => `node${id}`;

/** Raft paper §5.1: a logical clock of consecutive integers. 0 is before the first election. */
export type Term = number;

/** Counts the times that a leader has asked its followers whether it still leads; starts at 0 in each term. Thesis §6.4. */
export type Round = number;

/** 1-based position in the log. 0 means none. */
export type LogIndex = number;

/** A `command` is the client's; a `noop` opens a leader's term (Raft paper §8); a `configuration` changes the members (thesis §4.1). */
export type EntryKind = 'command' | 'noop' | 'configuration';

/** One log entry. Its index is not part of it: entries travel in runs that name their first index. */
export interface Entry {
  readonly term: Term;
  readonly kind: EntryKind;
  /** Opaque to Raft. Empty for a `noop`. */
  readonly payload: Uint8Array;
}

/** What Figure 2 calls persistent state, except for the log. */
export interface HardState {
  readonly currentTerm: Term;
  /** The candidate that received this node's vote in `currentTerm`; null if none. */
  readonly votedFor: NodeId | null;
}

export const emptyPayload: Uint8Array = new Uint8Array(0);
