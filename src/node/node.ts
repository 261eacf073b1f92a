import type { LoopDelay } from '../ports/loop-delay.ts';
import type { RefusalReason } from '../raft/effects.ts';
import type { MemberChange } from '../raft/members.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import type { Refusal } from './peer-trust.ts';
import type { ChartStatus } from './taken-transitions.ts';

export type Role = 'follower' | 'preCandidate' | 'candidate' | 'leader';

/** What became of one submitted command. */
export type Outcome<Result> =
  /** Committed and applied here. */
  | { readonly type: 'applied'; readonly index: LogIndex; readonly term: Term; readonly result: Result }
  /** Not accepted: this node does not lead. `leader` is null if it knows of none. Nothing happened. */
  | { readonly type: 'notLeader'; readonly leader: NodeId | null }
  /** Not accepted: too much is in flight. Nothing happened. */
  | { readonly type: 'overloaded' }
  /** Accepted at `index` in `term`, then replaced by another leader's entry. It will never be applied. */
  | { readonly type: 'overwritten'; readonly index: LogIndex; readonly term: Term }
  /** Accepted, but it is not known whether it will be applied. */
  | { readonly type: 'unknownOutcome'; readonly index: LogIndex; readonly term: Term };

/** What became of one request to read. */
export type ReadOutcome =
  /** This node's state machine has applied everything up to `index`, which is at least what was committed when the read was asked for. */
  | { readonly type: 'ready'; readonly index: LogIndex }
  /** No leader confirmed it. `leader` is null if this node knows of none. */
  | { readonly type: 'notLeader'; readonly leader: NodeId | null }
  /** Too many reads wait. */
  | { readonly type: 'overloaded' }
  /** No majority confirmed it in time. */
  | { readonly type: 'timedOut' };

/** What became of one request to hand over the leadership. */
export type TransferOutcome =
  | { readonly type: 'moved'; readonly leader: NodeId }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly leader: NodeId | null }
  /** This node leads no longer, but has not heard who does. */
  | { readonly type: 'timedOut' };

/** What became of one request for other members. */
export type ChangeOutcome =
  /** The members are as asked for: the configuration at `index` is committed. */
  | { readonly type: 'changed'; readonly index: LogIndex }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly leader: NodeId | null }
  /** This node leads no longer, or has stopped: another leader completes the change, or does not. */
  | { readonly type: 'unknownOutcome' };

export type LinkState = 'connecting' | 'open' | 'backingOff' | 'refused';

export interface PeerStatus {
  readonly id: NodeId;
  readonly link: LinkState;
  /** The version in which this node speaks to it; only while there is a connection. docs/wire.md, Versions */
  readonly wireVersion?: number;
  /** Only while one of the two refuses the other, whatever the link is trying. */
  readonly refusal?: Refusal;
  /** Where clients can reach it, as it announced when it connected; null if it has not yet. */
  readonly endpoint: string | null;
  /** Only on a leader. */
  readonly matchIndex?: LogIndex;
  /** Only on a leader, while it sends a snapshot: which one, and how many bytes of it the peer has. */
  readonly snapshot?: { readonly index: LogIndex; readonly sentBytes: number };
}

/** The members of the cluster, as a node knows them. */
export interface ConfigurationStatus {
  /** Of its entry in the log; 0: those with which the cluster began. */
  readonly index: LogIndex;
  /** Whether this node knows that it is committed. */
  readonly isCommitted: boolean;
  readonly voters: readonly NodeId[];
  /** The voters before, while a change is under way that needs a majority of both. */
  readonly outgoing: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** Each of them, by id. */
  readonly members: Readonly<Record<NodeId, MemberStatus>>;
}

export interface MemberStatus {
  /** `HOST:PORT` for its peers; null: each node knows by itself. */
  readonly peer: string | null;
  /** A URL for clients; null: it says so itself when it connects. */
  readonly client: string | null;
  /** The disk that counts as this member; null: whichever it came with first. */
  readonly logId: string | null;
  /** A voter whose disk is being replaced: it becomes one again. */
  readonly wasVoter?: true;
  /** Only on a leader, and not of itself. */
  readonly matchIndex?: LogIndex;
}

/** What a node is in its cluster by the latest configuration that it knows: one that is `waiting` has not been added yet. */
export type Standing = 'voter' | 'learner' | 'leaving' | 'waiting' | 'removed';

export interface NodeStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly standing: Standing;
  /** Where its peers reach it, `HOST:PORT`; null: they know. */
  readonly peerEndpoint: string | null;
  readonly configuration: ConfigurationStatus;
  readonly term: Term;
  readonly leader: NodeId | null;
  readonly commitIndex: LogIndex;
  /** What the state machine has. */
  readonly lastApplied: LogIndex;
  /** How much of what is known to be committed the state machine has, snapshot included: from 0 to 1. */
  readonly replayed: number;
  /** Where the log begins: a snapshot stands for what was before. */
  readonly firstLogIndex: LogIndex;
  readonly lastLogIndex: LogIndex;
  /** The newest durable snapshot; null: there is none. */
  readonly snapshot: { readonly index: LogIndex; readonly term: Term; readonly sizeBytes: number } | null;
  readonly peers: readonly PeerStatus[];
  /** How late the event loop was in the latest whole interval of five seconds; null: it is not measured, or none is over yet. */
  readonly loopDelay: LoopDelay | null;
}

/** The part of a status that is asked for most, and costs nothing. */
export type NodePosition = Pick<NodeStatus, 'role' | 'term' | 'leader' | 'lastApplied'>;

/** A running node. */
export interface RaftNode<Result> {
  readonly id: NodeId;
  status(): NodeStatus;
  /** The same of the present moment as in `status`. */
  position(): NodePosition;
  /** The state of each of its charts, and the transitions taken; the latter only where logging or inspection is on. */
  charts(): readonly ChartStatus[];
  /**
   * Submits one opaque command; `done` is called exactly once, never inside this call. Throws a `RangeError` for a command
   * larger than `maxCommandBytes`, by default 4 MiB.
   */
  submit(command: Uint8Array, done: (outcome: Outcome<Result>) => void): void;
  /** `submit` as a promise. It rejects only if `submit` throws. */
  propose(command: Uint8Array): Promise<Outcome<Result>>;
  /**
   * Calls `done` once the state machine of this node, whatever its role, may be read linearizably: its leader has confirmed that it still leads,
   * and everything that was committed when this was called is applied. Nothing is written. Never calls `done` inside this call.
   */
  read(done: (outcome: ReadOutcome) => void): void;
  /** `read` as a promise. */
  readable(): Promise<ReadOutcome>;
  /**
   * Takes a snapshot of the state machine now, whatever `snapshotBytes` and `snapshotEntries` say. Resolves when one of everything that is applied here is durable; rejects
   * if the state machine offers none, or it cannot be saved.
   */
  takeSnapshot(): Promise<void>;
  /** Asks this node, the leader, to hand over to `target`, or to the follower that has most of the log. Thesis §3.10. */
  transferLeadership(target: NodeId | null): Promise<TransferOutcome>;
  /**
   * Asks this node, the leader, for other members, and names the disks that it knows of those who are added or promoted: all of `changes` at once, or none. Resolves when the new configuration is committed. Takes as long as
   * there is progress: a learner that is to vote has to catch up first. Thesis §4. Rejects with a `RangeError` for an address that is empty, not one line, or
   * longer than 256 characters.
   */
  changeMembers(changes: readonly MemberChange[]): Promise<ChangeOutcome>;
  /** Calls `listener` after each change of role or leader; returns a function that unsubscribes it. */
  onChange(listener: (status: NodeStatus) => void): () => void;
  /** Resolves once this node knows that it was removed from the cluster, by its log or from most of the voters that it knows; it runs on. */
  readonly removed: Promise<void>;
  /** Resolves when the node has stopped, with the error that stopped it or null after `stop`. */
  readonly stopped: Promise<Error | null>;
  /** Stops cleanly: waiting commands are answered `unknownOutcome`, connections and storage are closed. */
  stop(): Promise<void>;
}
