import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Dispensable } from './chart-without.ts';
import type { Environment, Terms } from './environment.ts';
import type { ModelNode } from './modelled-node.ts';
import type { PathEvent } from './path.ts';

/** How far the search goes. */
export interface Bounds {
  readonly maxTerm: Term;
  readonly maxLog: LogIndex;
  /** How many peers ever say anything. */
  readonly senders: number;
  /** Whether hostile messages are tried everywhere, and may be followed by anything. */
  readonly isThorough: boolean;
  /** What clients ask for besides commands, and what peers say about that. */
  readonly asks: 'nothing' | 'everything';
  /** Whether clients want other members. */
  readonly members: boolean;
  /** Whether snapshots are saved, sent and received. */
  readonly snapshots: boolean;
  /** Reads go by leases: things happen at some time. */
  readonly isTimed: boolean;
  /** What the node does without, and its peers with it. */
  readonly lacks: readonly Dispensable[];
  /** Whether peers say with a rejection where their logs differ: without that, a leader goes back one entry at a time. Raft paper §5.3. */
  readonly hints: boolean;
  /** How many entries a peer's message has at most. */
  readonly maxEntries: number;
}

/** What can happen next, and what it settles about the peers. */
export interface Offer {
  readonly event: PathEvent;
  readonly isHostile: boolean;
  readonly environment: Environment;
  /** A fault of a peer's disk, and no lie: what follows is as interesting as ever. */
  readonly isFault?: boolean;
}

/** What is known where an offer is made. */
export interface Scene {
  readonly node: ModelNode;
  readonly log: Terms;
  readonly term: Term;
  readonly env: Environment;
  readonly voters: readonly NodeId[];
  readonly bounds: Bounds;
  readonly wants: Wants;
}

/** Whether it is worth working out who could have sent an event. */
export type Wants = (event: PathEvent, isHostile: boolean) => boolean;
