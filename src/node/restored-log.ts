import { type Storage, StorageRefused } from '../ports/storage.ts';
import { decodeConfiguration } from '../raft/configuration-payload.ts';
import type { RaftInput, Settings } from '../raft/context.ts';
import { append, type EntryShape, type LogShape, logAfter } from '../raft/log-shape.ts';
import { compactedLog } from '../raft/snapshots.ts';

const chunkEntries = 4096;

/** What a node is started from, as `storage` has it, which was just opened: what the snapshot stands for is dropped, as far as that had not been done before. Throws `StorageRefused` for a snapshot without a configuration. */
export const restoredState = (storage: Storage, settings: Settings): Pick<RaftInput, 'log' | 'snapshot'> => {
  const { latest } = storage.snapshots;
  const found = restoredLog(storage, settings.maxMessageBytes);
  if (latest === null) return { log: found };
  const { index, term } = latest;
  const configuration = decodeConfiguration(latest.configuration);
  if (configuration === null) {
    throw new StorageRefused('damaged', `snapshot ${index} (term ${term}): its configuration cannot be read`);
  }
  const log = compactedLog(found, settings, index);
  storage.compact(log.snapshotIndex, log.snapshotTerm);
  return { log, snapshot: { index, term, configuration } };
};

/** The shape of the log in `storage`, which was just opened. */
export const restoredLog = (storage: Storage, maxMessageBytes: number): LogShape => {
  const { baseIndex, baseTerm } = storage.recovered;
  let log: LogShape = logAfter(baseIndex, baseTerm);
  let chunk: EntryShape[] = [];
  const flush = () => {
    log = append(log, chunk, maxMessageBytes);
    chunk = [];
  };
  storage.visitEntries((_, term, payloadBytes) => {
    chunk.push({ term, payload: { length: payloadBytes } });
    if (chunk.length === chunkEntries) flush();
  });
  flush();
  return log;
};
