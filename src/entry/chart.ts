import '../adapters/system/require-node.ts';

export { raftMachine } from '../../machines/raft/raft.machine.ts';
export { readReplicate } from '../node/replication-reader.ts';
export { restoredLog, restoredState } from '../node/restored-log.ts';
export { roleOf } from '../node/roles.ts';
export {
  createStepper,
  type RaftSnapshot,
  type Step,
  type Stepper,
  type Taken,
  type TimerEvent,
  type Unanswered,
} from '../node/step.ts';
export type { Configuration, Member, SeenDisk } from '../raft/configuration.ts';
export {
  defaultSettings,
  type Incoming,
  initialContext,
  type OpenRound,
  type RaftContext,
  type RaftInput,
  type Settings,
  type WaitingRead,
} from '../raft/context.ts';
export {
  type Accept,
  type AcceptRequest,
  type Apply,
  type Compact,
  type ConfirmRead,
  type Effect,
  type EffectName,
  type EffectParams,
  type InstallReceived,
  isEffectName,
  type Persist,
  type Problem,
  type RefusalReason,
  type Reject,
  type RejectRead,
  type RejectRequest,
  type Replicate,
  type Report,
  type Send,
  type SendChunk,
  type StoreChunk,
} from '../raft/effects.ts';
export type {
  Applied,
  ConfigurationProposed,
  Input,
  Persisted,
  Proposal,
  Proposed,
  RaftEvent,
  Raised,
  ReadRequested,
  Received,
  SnapshotFailed,
  SnapshotReceived,
  SnapshotSaved,
  TransferRequested,
} from '../raft/inputs.ts';
export {
  append,
  type EntryShape,
  emptyLog,
  type LogShape,
  lastTerm,
  type TermRun,
  termAt,
  truncateFrom,
} from '../raft/log-shape.ts';
export type { Change, MemberChange, Reached, Target } from '../raft/members.ts';
export type {
  AppendEntries,
  AppendEntriesResponse,
  Envelope as MessageEnvelope,
  InstallSnapshot,
  InstallSnapshotResponse,
  Message,
  MessageType,
  PreVote,
  PreVoteResponse,
  ReadIndex,
  ReadIndexResponse,
  RequestVote,
  RequestVoteResponse,
  TimeoutNow,
} from '../raft/messages.ts';
export type {
  Lost,
  Probe,
  Progress,
  Replicate as ReplicateProgress,
  Snapshotting,
} from '../raft/progress.ts';
export type { Snapshot } from '../raft/snapshot.ts';
export type { Entry, EntryKind, HardState, LogIndex, NodeId, Round, Term } from '../raft/types.ts';
export type { TimerChange, TimerType } from '../statechart/read/xstate-internals.ts';
