import { type Storage, StorageRefused } from '../ports/storage.ts';
import type { Configuration } from '../raft/configuration.ts';
import { configurationsIn, decodeConfiguration } from '../raft/configuration-payload.ts';
import type { RaftInput, Settings } from '../raft/context.ts';
import { append, type EntryShape, type LogShape, logAfter } from '../raft/log-shape.ts';
import { compactedLog } from '../raft/snapshots.ts';
import type { LogIndex } from '../raft/types.ts';

const chunkEntries = 4096;

/** What a node is started from, as `storage` has it, which was just opened: what the snapshot stands for is dropped, as far as that had not been done before. Throws `StorageRefused` for a configuration that cannot be read, in the log or of the snapshot. */
export const restoredState = (
  storage: Storage,
  settings: Settings,
): Pick<RaftInput, 'log' | 'snapshot' | 'configurations'> => {
  const { latest } = storage.snapshots;
  const { log: found, configurations } = scanned(storage, settings.maxMessageBytes);
  if (latest === null) return { log: found, configurations };
  const { index, term } = latest;
  const configuration = decodeConfiguration(latest.configuration);
  if (configuration === null) {
    throw new StorageRefused('damaged', `snapshot ${index} (term ${term}): its configuration cannot be read`);
  }
  const log = compactedLog(found, settings, index);
  storage.compact(log.snapshotIndex, log.snapshotTerm);
  return { log, configurations, snapshot: { index, term, configuration } };
};

/** The latest configuration in `storage`, which was just opened; null: it has none of its own. */
export const restoredConfiguration = (storage: Storage): Configuration | null => {
  const indexes: LogIndex[] = [];
  storage.visitEntries((index, _term, _bytes, isConfiguration) => {
    if (isConfiguration) indexes.push(index);
  });
  const { latest } = storage.snapshots;
  const inLog = configurationsAt(storage, indexes).at(-1);
  const inSnapshot = latest === null ? null : decodeConfiguration(latest.configuration);
  // The log may still have what the snapshot stands for, and end before it.
  if (inLog === undefined || inSnapshot === null) return inLog ?? inSnapshot;
  return inLog.index > inSnapshot.index ? inLog : inSnapshot;
};

/** The shape of the log in `storage`, which was just opened. */
export const restoredLog = (storage: Storage, maxMessageBytes: number): LogShape =>
  scanned(storage, maxMessageBytes).log;

const scanned = (
  storage: Storage,
  maxMessageBytes: number,
): { readonly log: LogShape; readonly configurations: readonly Configuration[] } => {
  const { baseIndex, baseTerm } = storage.recovered;
  let log: LogShape = logAfter(baseIndex, baseTerm);
  let chunk: EntryShape[] = [];
  const configurations: LogIndex[] = [];
  const flush = () => {
    log = append(log, chunk, maxMessageBytes);
    chunk = [];
  };
  storage.visitEntries((index, term, payloadBytes, isConfiguration) => {
    chunk.push({ term, payload: { length: payloadBytes } });
    if (isConfiguration) configurations.push(index);
    if (chunk.length === chunkEntries) flush();
  });
  flush();
  return { log, configurations: configurationsAt(storage, configurations) };
};

/** One that cannot be read was written by another version: this one writes and accepts none of that kind. */
const configurationsAt = (storage: Storage, indexes: readonly LogIndex[]): readonly Configuration[] =>
  indexes.map((index) => {
    const [configuration] = configurationsIn(storage.read(index, index, Number.POSITIVE_INFINITY), index);
    if (configuration !== undefined) return configuration;
    throw new StorageRefused(
      'otherFormat',
      `entry ${index} is a configuration that this program cannot read: a newer raftchart wrote it, start that one`,
    );
  });
