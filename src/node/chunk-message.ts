import type { SnapshotChunk, SnapshotInfo } from '../ports/snapshot-store.ts';
import type { SendChunk } from '../raft/effects.ts';
import type { InstallSnapshot } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';

/** A part of a snapshot, as far as a message says it. */
export interface FoundChunk {
  readonly info: Pick<SnapshotInfo, 'sizeBytes' | 'checksum'>;
  readonly chunk: Pick<SnapshotChunk, 'bytes' | 'checksum'>;
  readonly isLast: boolean;
}

/** The InstallSnapshot that a `sendChunk` names, with what the store of snapshots has there. */
export const chunkMessage = (
  from: NodeId,
  { to, term, snapshot, offset, round }: SendChunk,
  { info, chunk, isLast }: FoundChunk,
): InstallSnapshot => ({
  type: 'InstallSnapshot',
  from,
  to,
  term,
  lastIncludedIndex: snapshot.index,
  lastIncludedTerm: snapshot.term,
  configuration: snapshot.configuration,
  sizeBytes: info.sizeBytes,
  checksum: info.checksum,
  offset,
  data: chunk.bytes,
  dataChecksum: chunk.checksum,
  done: isLast,
  round,
});
