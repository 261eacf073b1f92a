import type { Configuration, Member } from './configuration.ts';
import type { LogIndex, NodeId } from './types.ts';

/** One change of the members. Several in one proposal take effect together, in this order. Thesis §4.3. */
export type MemberChange =
  /** A new member, as a learner; its addresses, if it is a member already. */
  | { readonly type: 'add'; readonly node: NodeId; readonly member: Member }
  /** A learner becomes a voter, once it has caught up. */
  | { readonly type: 'promote'; readonly node: NodeId }
  /** A voter becomes a learner. */
  | { readonly type: 'demote'; readonly node: NodeId }
  | { readonly type: 'remove'; readonly node: NodeId }
  /** New addresses, or another disk. */
  | { readonly type: 'update'; readonly node: NodeId; readonly member: Member };

/** The members once a change is complete. */
export type Target = Omit<Configuration, 'index' | 'outgoing'>;

/** A change of the members that is under way. */
export interface Change {
  /** The request that asked for it. */
  readonly id: number;
  readonly target: Target;
  /** While learners catch up: the end of the log when this round began. Thesis §4.2.1. */
  readonly roundEnd: LogIndex;
  /** Rounds so far. */
  readonly rounds: number;
  /** The sum of what the learners hold, when last looked at: whether they move at all. */
  readonly reached: number;
}
