import type { TimerName } from '../../node/step.ts';
import type { RefusalReason } from '../../raft/effects.ts';
import type { MemberChange } from '../../raft/members.ts';
import type { AppendEntries, InstallSnapshot, Message } from '../../raft/messages.ts';
import type { EntryKind, LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Dispensable } from './chart-without.ts';

/** The version of everything below as it is written to a file. It changes with any change that an older reader would misread. */
export const pathFormatVersion = 3;

/** An entry as tests write it: its payload is text. */
export interface PathEntry {
  readonly term: Term;
  readonly kind: EntryKind;
  readonly payload: string;
}

/** A message as tests write it: plain JSON. */
export type PathMessage =
  | Exclude<Message, AppendEntries | InstallSnapshot>
  | (Omit<AppendEntries, 'entries'> & { readonly entries: readonly PathEntry[] })
  | (Omit<InstallSnapshot, 'data'> & { readonly data: string });

/** What happens to the node under test. */
export type PathEvent =
  /** With `leaseReads`, at `nowMs` of the node's clock. */
  | { readonly type: 'deliver'; readonly message: PathMessage; readonly nowMs?: number }
  /** This timer, which must be armed, expires. */
  | { readonly type: 'timeout'; readonly timer: TimerName }
  /** Clients want these commands replicated, as one batch. */
  | { readonly type: 'propose'; readonly commands: readonly string[] }
  /** A client asks the node to hand over the leadership; null: to whom it likes. */
  | { readonly type: 'transfer'; readonly target: NodeId | null }
  /** A client asks the node for other members: all of these changes at once. */
  | { readonly type: 'change'; readonly changes: readonly MemberChange[] }
  /** A client wants to read; with `leaseReads`, at `nowMs` of the node's clock. */
  | { readonly type: 'read'; readonly id: number; readonly nowMs?: number }
  /** A snapshot of everything that its state machine has applied is durable. */
  | { readonly type: 'snapshot' }
  /** What was received of a snapshot has been checked: it is sound, or of no use. With `disk: 'prompt'` a sound one is by the end of the step. */
  | { readonly type: 'checked'; readonly isSound: boolean }
  /** The node is killed, and restarted on what is durable. */
  | { readonly type: 'restart' }
  /** Only with `disk: 'slow'`: all writes so far become durable, in order; with `writes`, only the oldest. */
  | { readonly type: 'durable'; readonly writes?: 1 }
  /** Only with `disk: 'slow'`: the state machine applies everything committed. */
  | { readonly type: 'applied' };

/** What became of a batch of commands, or of another request of a client. */
export type PathAnswer =
  | { readonly type: 'accept'; readonly commands: number; readonly firstIndex: LogIndex; readonly term: Term }
  | { readonly type: 'reject'; readonly commands: number; readonly leaderId: NodeId | null }
  /** A change of the members is done: the configuration at `index` is committed. */
  | { readonly type: 'acceptRequest'; readonly index: LogIndex }
  | { readonly type: 'rejectRequest'; readonly leaderId: NodeId | null; readonly reason: RefusalReason }
  | { readonly type: 'confirmRead'; readonly id: number; readonly index: LogIndex }
  | { readonly type: 'rejectRead'; readonly id: number; readonly leaderId: NodeId | null };

/** What must be true once the step is over. */
export interface Expectation {
  /** The chart's state, such as `follower.leased` or `leader`. */
  readonly state: string;
  readonly role: 'follower' | 'preCandidate' | 'candidate' | 'leader';
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  /** The entry after which the log begins, which a snapshot stands for; 0 and 0: it begins at index 1. */
  readonly logBegin: { readonly index: LogIndex; readonly term: Term };
  /** The term of each entry, from index `logBegin.index + 1` on. */
  readonly log: readonly Term[];
  /** Everything that left the node in this step, in order. */
  readonly sent: readonly PathMessage[];
  readonly answers: readonly PathAnswer[];
  /** Timers that this step has started or restarted. */
  readonly timers: readonly TimerName[];
}

/** One transition that a step takes, as the chart describes it. */
export interface PathTransition {
  /** As in `src/statechart/read/model.ts`: `source/trigger/branch`. */
  readonly id: string;
  /** The configuration in which it was taken, such as `follower.leased`. */
  readonly state: string;
  /** The event type, as XState matches it; empty for `always`. */
  readonly event: string;
  readonly guard: string | null;
  readonly rule: string | null;
  readonly description: string | null;
}

export interface PathStep {
  readonly event: PathEvent;
  /** The same message as in the step before. */
  readonly isDuplicate: boolean;
  /** No correct peer could have sent this message here: the node's response is its own defence, not the paper's. */
  readonly isHostile: boolean;
  readonly expect: Expectation;
  /** In the order in which they are taken; empty: nothing is enabled. */
  readonly transitions: readonly PathTransition[];
}

/** Settings that a path runs with: small, so that short paths reach the limits. */
export interface PathSettings {
  readonly maxEntriesPerMessage: number;
  readonly maxMessageBytes: number;
  readonly maxMessagesInFlight: number;
  /** Reads go by leases: the path says when things happen. */
  readonly leaseReads: boolean;
  /** How many of the entries that a snapshot stands for stay in the log. */
  readonly trailingEntries: number;
  /** In how many rounds a learner must have caught up. */
  readonly maxCatchUpRounds: number;
}

/** One test of one node, node 1: what happens to it, and what it must do. Plain JSON. */
export interface Path {
  /** Unique within its set, and stable as long as the chart does not change. */
  readonly id: string;
  /** What it is for, in words. */
  readonly title: string;
  readonly voters: readonly NodeId[];
  /** `prompt`: every write is durable, and every committed entry applied, by the end of a step. `slow`: only when a step says so. */
  readonly disk: 'prompt' | 'slow';
  readonly settings: PathSettings;
  /** What the chart of this path does without; absent: nothing. */
  readonly lacks?: readonly Dispensable[];
  readonly steps: readonly PathStep[];
}

/** What a node under test is made of. */
export type PathSetup = Pick<Path, 'voters' | 'disk' | 'settings' | 'lacks'>;

/** The generated tests, with what they were generated from. */
export interface PathSet {
  readonly version: typeof pathFormatVersion;
  /** A hash of the chart's form and of the paths themselves: the same hash means the same tests. */
  readonly chart: string;
  readonly cover: 'transitions' | 'pairs';
  /** What the chart that they come from does without; absent: nothing. */
  readonly lacks?: readonly Dispensable[];
  /** They are those of clusters of this size alone; absent: of all sizes. */
  readonly nodes?: number;
  readonly paths: readonly Path[];
}
