import type { Storage } from '../ports/storage.ts';
import { encodeConfiguration } from '../raft/configuration-payload.ts';
import type {
  Accept,
  AcceptRequest,
  Apply,
  Compact,
  ConfirmRead,
  EffectName,
  EffectParams,
  InstallReceived,
  Persist,
  Reject,
  RejectRead,
  RejectRequest,
  Replicate,
  Report,
  Send,
  SendChunk,
  StoreChunk,
} from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { Applier } from './applier.ts';
import { chunkMessage } from './chunk-message.ts';
import type { DurableOutbox } from './durable-outbox.ts';
import { readReplicate } from './replication-reader.ts';
import type { SnapshotReceiver } from './snapshot-receiver.ts';
import type { SnapshotSender } from './snapshot-sender.ts';
import type { WaitingChanges } from './waiting-changes.ts';
import type { WaitingCommands } from './waiting-commands.ts';
import type { WaitingReads } from './waiting-reads.ts';
import type { WaitingTransfers } from './waiting-transfers.ts';

export interface EffectPorts<Result> {
  readonly id: NodeId;
  readonly storage: Storage;
  readonly outbox: DurableOutbox;
  readonly applier: Applier<Result>;
  readonly waiting: WaitingCommands<Result>;
  readonly reads: WaitingReads;
  readonly transfers: WaitingTransfers;
  readonly changes: WaitingChanges;
  readonly sender: SnapshotSender;
  readonly receiver: SnapshotReceiver;
  /** A peer did what no correct one does. */
  readonly report: (report: Report) => void;
  /** Sends now; may drop. */
  readonly transmit: (message: Message) => void;
  /** A write up to `sequence` waits for its sync. */
  readonly appended: (sequence: number) => void;
  readonly fail: (error: Error) => void;
}

type EffectHandlers = { [Name in EffectName]: (args: unknown, params: EffectParams[Name]) => void };

/** What each effect of the chart does in a node. None decides anything, and none throws: an effect that fails stops the node. */
export const raftEffects = <Result>(ports: EffectPorts<Result>): EffectHandlers => {
  const { id, storage, outbox, applier, waiting, reads, transfers, changes, sender, receiver } = ports;
  const { transmit, appended, report, fail } = ports;
  return {
    persist: (_, params: Persist) => {
      const { currentTerm, votedFor, firstIndex, entries } = params;
      storage.append({ hardState: { currentTerm, votedFor }, firstIndex, entries });
      appended(outbox.persist(params));
    },
    send: (_, { message }: Send) => outbox.send(message),
    replicate: (_, params: Replicate) => {
      try {
        const message = readReplicate(storage, id, params);
        if (message !== null) transmit(message);
      } catch (error) {
        fail(error as Error);
      }
    },
    sendChunk: (_, params: SendChunk) => {
      const found = sender.chunkFor(params.to, params.snapshot.index, params.offset);
      if (found !== null) transmit(chunkMessage(id, params, found));
    },
    storeChunk: (_, { chunk }: StoreChunk) => {
      const { lastIncludedIndex: index, lastIncludedTerm: term, sizeBytes, checksum } = chunk;
      const configuration = encodeConfiguration(chunk.configuration);
      const info = { index, term, configuration, sizeBytes, checksum };
      const { offset, data: bytes, dataChecksum } = chunk;
      receiver.take(info, { offset, bytes, checksum: dataChecksum }, chunk.done);
    },
    installSnapshot: (_, params: InstallReceived) => {
      const { currentTerm, votedFor, snapshot } = params;
      storage.append({ hardState: { currentTerm, votedFor }, firstIndex: 0, entries: [] });
      storage.compact(snapshot.index, snapshot.term);
      applier.restoreSnapshot();
      appended(outbox.persist(params));
    },
    compact: (_, { index, term }: Compact) => storage.compact(index, term),
    apply: (_, { lastIndex }: Apply) => applier.commit(lastIndex),
    accept: (_, { ids, firstIndex, term }: Accept) => waiting.accept(ids, firstIndex, term),
    reject: (_, { ids, leaderId }: Reject) => waiting.reject(ids, leaderId),
    acceptRequest: (_, { id: requestId, index }: AcceptRequest) => changes.accept(requestId, index),
    rejectRequest: (_, { id: requestId, leaderId, reason }: RejectRequest) => {
      transfers.reject(requestId, leaderId, reason);
      changes.reject(requestId, leaderId, reason);
    },
    confirmRead: (_, { id: readId, index }: ConfirmRead) => reads.confirm(readId, index),
    rejectRead: (_, { id: readId, leaderId }: RejectRead) => reads.reject(readId, leaderId),
    report: (_, params: Report) => report(params),
  };
};
