import '../adapters/system/require-node.ts';

export type { EntryTrace } from '../adapters/codec/trace-context.ts';
export { createMemoryDisk, type MemoryDisk, openMemory } from '../adapters/storage/memory.ts';
export { openWal, type WalOptions } from '../adapters/storage/wal/open-wal.ts';
export type { WhileReading } from '../adapters/storage/wal/stretches.ts';
export { systemClock } from '../adapters/system/clock.ts';
export { openLoopDelayMeter } from '../adapters/system/loop-delay.ts';
export { systemRandom } from '../adapters/system/random.ts';
export {
  type CredentialFiles,
  Credentials,
  type CredentialsOptions,
  CredentialsRefused,
  type Pem,
} from '../adapters/tls/credentials.ts';
export type { NodeIdentity } from '../adapters/tls/node-identity.ts';
export type { DatagramParts, DatagramTransport } from '../adapters/transport/datagram/datagram-transport.ts';
export type { FrameLimits } from '../adapters/transport/frame-limits.ts';
export { MemoryNetwork } from '../adapters/transport/memory.ts';
export type { Resolve } from '../adapters/transport/tcp/addresses.ts';
export { ListenFailed } from '../adapters/transport/tcp/listen.ts';
export { PeerTls, type PeerTlsOptions } from '../adapters/transport/tcp/peer-tls.ts';
export {
  openTcpTransport,
  type TcpOptions,
  type TcpTransport,
} from '../adapters/transport/tcp/tcp-transport.ts';
export type { Application, SendApplication } from '../node/application.ts';
export type { SliceLimits } from '../node/applier.ts';
export type {
  ChangeOutcome,
  ConfigurationStatus,
  LinkState,
  MemberStatus,
  NodePosition,
  NodeStatus,
  Outcome,
  PeerStatus,
  RaftNode,
  ReadOutcome,
  Role,
  Standing,
  TransferOutcome,
} from '../node/node.ts';
export type { Refusal as PeerRefusal } from '../node/peer-trust.ts';
export { SecondProcess } from '../node/second-process.ts';
export type { SnapshotLimits } from '../node/snapshotter.ts';
export type { NodeLimits, NodeParts } from '../node/start-node.ts';
export type { RaftSnapshot } from '../node/step.ts';
export type { ChartStatus, TakenTransition } from '../node/taken-transitions.ts';
export type { TraceCarrier } from '../node/trace-carrier.ts';
export type { WaitingLimits } from '../node/waiting-commands.ts';
export type { Address } from '../ports/address.ts';
export type { Clock } from '../ports/clock.ts';
export type { Disk, DiskClaim, KnownDisk, Member as Founder, Run } from '../ports/disk.ts';
export { type Log, silentLog, withFields } from '../ports/log.ts';
export type { LoopDelay, LoopDelayMeter } from '../ports/loop-delay.ts';
export type { Random } from '../ports/random.ts';
export {
  type ReceivedSnapshot,
  type SnapshotChunk,
  type SnapshotInfo,
  type SnapshotPosition,
  type SnapshotReader,
  SnapshotRefused,
  type SnapshotStore,
} from '../ports/snapshot-store.ts';
export {
  LaterFormat,
  type Position,
  type SnapshotPieces,
  type StateMachine,
} from '../ports/state-machine.ts';
export {
  EntriesCompacted,
  type EntryVisitor,
  type Recovered,
  type Storage,
  StorageFailed,
  StorageRefused,
  type Write,
} from '../ports/storage.ts';
export type { Connection, ConnectionHandlers, Transport } from '../ports/transport.ts';
export type { Member } from '../raft/configuration.ts';
export { defaultSettings, type RaftContext, type Settings } from '../raft/context.ts';
export type { Effect, EffectParams, RefusalReason } from '../raft/effects.ts';
export type { MemberChange } from '../raft/members.ts';
export type { Message, MessageType } from '../raft/messages.ts';
export type { Entry, EntryKind, HardState, LogIndex, NodeId, Term } from '../raft/types.ts';
export type { CallSpan, EtcdTracing } from '../store/etcd/call-span.ts';
export type { HttpTracing, RequestSpan } from '../store/http/request-span.ts';
export {
  decodeCommand,
  encodeCas,
  encodeDelete,
  encodeGet,
  encodePut,
  encodeStamped,
  type KvCommand,
} from '../store/kv/commands.ts';
export {
  defaultHistoryLimits,
  type HistoryLimits,
  Housekeeper,
  type HousekeeperParts,
} from '../store/kv/housekeeper.ts';
export { type KeyRange, rangeOfKey, rangeOfPrefix } from '../store/kv/key-range.ts';
export { type KvResult, KvStateMachine } from '../store/kv/kv-state-machine.ts';
export type { Lease, Leases } from '../store/kv/leases.ts';
export type {
  Compare,
  DeleteRangeOperation,
  KvOperation,
  KvRefusal,
  OperationResult,
  PutOperation,
  RangeOperation,
  TxnOperation,
} from '../store/kv/operations.ts';
export type { OrderedMap, OrderedMapBuilder } from '../store/kv/ordered-map.ts';
export type { SortedPairs } from '../store/kv/past-view.ts';
export { readRange } from '../store/kv/perform.ts';
export type { Done, KvRefusalReason, KvRequest, KvRequestResult } from '../store/kv/requests.ts';
export { kvResultCodec } from '../store/kv/result-codec.ts';
export type {
  AtRevision,
  Change,
  KeyEvent,
  KeyValue,
  Revision,
  RevisionedStore,
  StoreState,
  Transaction,
  Written,
} from '../store/kv/revisioned-store.ts';
export { type Told, type Watch, Watches } from '../store/kv/watches.ts';
export type { LogTime } from '../store/log-time.ts';
export { NodeTracing, type NodeTracingOptions, type SpannedParts } from '../store/tracing/node-tracing.ts';
export { createDatagramTransport, type DatagramOptions } from './create-datagram-transport.ts';
export { createNode, type NodeOptions } from './create-node.ts';
