import type { Configuration, Member, SeenDisk } from './configuration.ts';
import type { LogIndex, NodeId } from './types.ts';

/** One change of the members. Several in one proposal take effect together, in this order. Thesis §4.3. */
export type MemberChange =
  /** A new member, as a learner; its addresses, if it is a member already. A `logId` of null leaves the disk as it is. */
  | { readonly type: 'add'; readonly node: NodeId; readonly member: Member }
  /** A learner becomes a voter, once it has caught up. */
  | { readonly type: 'promote'; readonly node: NodeId }
  /** A voter becomes a learner. `isReplaced`: until its disk is replaced. */
  | { readonly type: 'demote'; readonly node: NodeId; readonly isReplaced?: true }
  | { readonly type: 'remove'; readonly node: NodeId }
  /** New addresses, or another disk; a `logId` of null leaves it as it is. */
  | { readonly type: 'update'; readonly node: NodeId; readonly member: Member }
  /**
   * The disk by which the leader knows a member counts as its own from now on, if none has been named before, and how far it has come: nodes that have not met it
   * know it then as well. Only the leader can know that, so no client asks for it; it goes with a change that one did ask for.
   */
  | { readonly type: 'name'; readonly node: NodeId; readonly logId: string; readonly seen?: SeenDisk };

/** The members once a change is complete. */
export type Target = Omit<Configuration, 'index' | 'outgoing'>;

/** How far learners have come: what they hold of this round, and beyond that what they have received of a snapshot. */
export interface Reached {
  /** The sum of their matches, each counted up to the round's end: whoever has arrived there cannot make up for another. */
  readonly entries: number;
  /** In bytes. */
  readonly bytes: number;
}

export const nothingReached: Reached = { entries: 0, bytes: 0 };

/** A change of the members that is under way. */
export interface Change {
  /** The request that asked for it. */
  readonly id: number;
  readonly target: Target;
  /** While learners catch up: the end of the log when this round began. Thesis §4.2.1. */
  readonly roundEnd: LogIndex;
  /** Rounds so far. */
  readonly rounds: number;
  /** What the learners held when last looked at: whether they move at all. */
  readonly reached: Reached;
}
