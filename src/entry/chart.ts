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
} from '../node/step.ts';
export {
  defaultSettings,
  initialContext,
  type RaftContext,
  type RaftInput,
  type Settings,
} from '../raft/context.ts';
export {
  type Accept,
  type Apply,
  type Effect,
  type EffectParams,
  isEffectName,
  type Persist,
  type Reject,
  type Replicate,
  type Send,
} from '../raft/effects.ts';
export type { Applied, Input, Persisted, Proposal, Proposed, RaftEvent, Received } from '../raft/inputs.ts';
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
export type {
  AppendEntries,
  AppendEntriesResponse,
  Message,
  MessageType,
  PreVote,
  PreVoteResponse,
  RequestVote,
  RequestVoteResponse,
} from '../raft/messages.ts';
export type { Progress } from '../raft/progress.ts';
export type { Entry, EntryKind, HardState, LogIndex, NodeId, Term } from '../raft/types.ts';
export type { TimerChange } from '../statechart/read/xstate-internals.ts';
