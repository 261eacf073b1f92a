import type { TimerName } from '../node/step.ts';
import type { MemberChange } from '../raft/members.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import type { PathMessage, PathSettings } from '../verify/paths/path.ts';

/** The version of the lines between the kit and an adapter. docs/conformance.md */
export const adapterProtocolVersion = 1;

/**
 * What an implementation does that the paper leaves open. An adapter declares what it has; a rule that needs what it does
 * not have is not applicable to it.
 */
export interface Capabilities {
  /** Asks before it campaigns. Thesis §9.6. Without: an election timeout makes it a candidate at once. */
  readonly preVote: boolean;
  /** A follower that has heard from a leader lately ignores requests for votes. Thesis §4.2.3. */
  readonly leaderLease: boolean;
  /** A leader that hears from no majority for an election timeout steps down. Thesis §6.2. */
  readonly quorumCheck: boolean;
  /** A rejected AppendEntries carries `conflictTerm` and `conflictIndex`. Raft paper §5.3, last part. */
  readonly hints: boolean;
  /** Takes and sends several entries in one AppendEntries. */
  readonly batches: boolean;
  /** Sends on before an answer comes back, as `settings` allow. Thesis §10.2.2. */
  readonly pipeline: boolean;
  /** Opens its term with a no-op. Raft paper §8. */
  readonly noop: boolean;
  /** A heartbeat is a message of its own: it carries neither `prevLogIndex` nor entries. */
  readonly separateHeartbeats: boolean;
  /** Answers every stale request with its own term. Raft paper §5.1. Without: it may be silent. */
  readonly answersStale: boolean;
  /** Keeps term, vote and log over a restart. Without: paths restart it all the same, since the paper requires it. */
  readonly durable: boolean;
  /** `state` tells the log's terms. */
  readonly showsLog: boolean;
  /** Its disk and its state machine can be told to wait (`durable`, `applied`). */
  readonly slowDisk: boolean;
  /** Says which timers a step has started. */
  readonly showsTimers: boolean;
  /** Has defences against messages that no correct peer sends. */
  readonly hostilePeers: boolean;
  /** Hands the leadership over when it is asked to, and takes it when a leader says so. Thesis §3.10. */
  readonly transfer: boolean;
  /** Confirms reads by rounds, which AppendEntries and its answers carry, for its followers too. Thesis §6.4. */
  readonly readIndex: boolean;
  /** Confirms reads at once while a majority has answered lately, and owes leases over a restart. Thesis §6.4.1. */
  readonly leaseReads: boolean;
  /** Drops what a snapshot stands for, and sends the snapshot, in chunks, to whoever lacks what was dropped. Raft paper §7. */
  readonly snapshots: boolean;
  /** Limits a message by bytes as well as by entries. */
  readonly byteLimits: boolean;
  /** Its lease lasts as long as its election timeout, and not only the shortest one. */
  readonly leaseUntilTimeout: boolean;
  /** An answer belongs to one request: none comes without one, or twice. */
  readonly rpc: boolean;
  /** Goes on with a follower at the next heartbeat, and not as soon as that has answered or a command has come. */
  readonly retriesAtHeartbeat: boolean;
  /** Says nothing where it refuses a vote. */
  readonly silentRefusals: boolean;
  /** Its answers carry no term. */
  readonly termlessAnswers: boolean;
  /** In a cluster of one, it leads as soon as it starts. */
  readonly leadsAloneAtOnce: boolean;
  /** Changes its members through joint configurations, with learners that catch up first. Thesis §4.2.1, §4.3. */
  readonly members: boolean;
}

/** A line from the kit. Each is answered by one line, in order. */
export type AdapterRequest =
  /** A new node on an empty disk; whatever was before is over. */
  | {
      readonly do: 'init';
      readonly version: typeof adapterProtocolVersion;
      readonly id: NodeId;
      readonly voters: readonly NodeId[];
      readonly disk: 'prompt' | 'slow';
      readonly settings: PathSettings;
    }
  /** With `leaseReads`, `nowMs` is the time by the node's clock. */
  | { readonly do: 'deliver'; readonly message: PathMessage; readonly nowMs?: number }
  | { readonly do: 'timeout'; readonly timer: TimerName }
  | { readonly do: 'propose'; readonly commands: readonly string[] }
  /** With `transfer`: a client wants another node to lead; null: whichever. */
  | { readonly do: 'transfer'; readonly target: NodeId | null }
  /** With `members`: a client wants other members, all of these changes at once. */
  | { readonly do: 'change'; readonly changes: readonly MemberChange[] }
  /** With `readIndex`: a client wants to read. The node calls it `id` where it asks its leader. */
  | { readonly do: 'read'; readonly id: number; readonly nowMs?: number }
  | { readonly do: 'restart' }
  /** All writes so far; with `writes`, the oldest alone. */
  | { readonly do: 'durable'; readonly writes?: 1 }
  | { readonly do: 'applied' }
  /** With `snapshots`: it saves a snapshot of what it has applied, and drops what that stands for but for `trailingEntries`. */
  | { readonly do: 'snapshot' }
  /** With `snapshots` and `slowDisk`: the snapshot that it has received is sound, or of no use. */
  | { readonly do: 'checked'; readonly isSound: boolean }
  /** Asks again for the state; nothing happens. */
  | { readonly do: 'state' };

/** What the kit looks at after each request. */
export interface AdapterState {
  readonly role: 'follower' | 'preCandidate' | 'candidate' | 'leader';
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly commitIndex: LogIndex;
  /** With `snapshots`: the last entry that the log has dropped; absent: none. */
  readonly logBegin?: { readonly index: LogIndex; readonly term: Term };
  /** The term of each entry, from the one after `logBegin` on; absent without `showsLog`. */
  readonly log?: readonly Term[];
}

/**
 * A message as an adapter reports it. It may leave out what its implementation does not have: what is not there is not
 * compared.
 */
export type AdapterMessage = {
  [Type in PathMessage['type']]: Loose<Extract<PathMessage, { readonly type: Type }>, Type>;
}[PathMessage['type']];

/** The fields that an adapter may leave out, by type of message. */
export const optionalFields = {
  RequestVote: ['leadershipTransfer'],
  AppendEntries: ['round'],
  AppendEntriesResponse: ['prevLogIndex', 'matchIndex', 'conflictTerm', 'conflictIndex', 'round'],
  InstallSnapshot: ['configuration', 'sizeBytes', 'checksum', 'dataChecksum', 'round'],
  InstallSnapshotResponse: ['round'],
} as const satisfies {
  readonly [Type in PathMessage['type']]?: readonly (keyof Extract<PathMessage, { readonly type: Type }>)[];
};

type OptionalOf<Type extends string> = Type extends keyof typeof optionalFields
  ? (typeof optionalFields)[Type][number]
  : never;

type Loose<Whole, Type extends string> = Omit<Whole, OptionalOf<Type>> &
  Partial<Pick<Whole, OptionalOf<Type> & keyof Whole>>;

/** A line from the adapter. */
export type AdapterResponse =
  | {
      readonly ok: true;
      readonly state: AdapterState;
      /** What left the node since the last request, in order for each addressee. */
      readonly sent: readonly AdapterMessage[];
      /** With `showsTimers`. */
      readonly timers?: readonly TimerName[];
      /** In the answer to `init` alone. */
      readonly implementation?: { readonly name: string; readonly version: string };
      /** What is left out is not there. */
      readonly capabilities?: Partial<Capabilities>;
    }
  /** It cannot do that: the path ends, as a failure. */
  | { readonly ok: false; readonly error: string };
