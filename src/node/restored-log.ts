import type { Storage } from '../ports/storage.ts';
import { append, type EntryShape, emptyLog, type LogShape } from '../raft/log-shape.ts';

const chunkEntries = 4096;

/** The shape of the log in `storage`, which was just opened. */
export const restoredLog = (storage: Storage, maxMessageBytes: number): LogShape => {
  const { baseIndex, baseTerm } = storage.recovered;
  let log: LogShape = { ...emptyLog, snapshotIndex: baseIndex, snapshotTerm: baseTerm, lastIndex: baseIndex };
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
