import { expect, it } from 'vitest';
import { createMemoryDisk, openMemory } from '../../src/adapters/storage/memory.ts';
import { restoredConfiguration, restoredLog } from '../../src/node/restored-log.ts';
import type { Configuration } from '../../src/raft/configuration.ts';
import { encodeConfiguration } from '../../src/raft/configuration-payload.ts';
import { append, emptyLog } from '../../src/raft/log-shape.ts';
import type { LogIndex } from '../../src/raft/types.ts';

const configuration = (index: LogIndex): Configuration => ({
  index,
  voters: [1, 2, 3],
  outgoing: [],
  learners: [],
  members: {},
});

/** Opens a disk whose log has the entries 1 to 6, of which entry `inLog` is a configuration, and a snapshot that has another. */
const opened = (inLog: LogIndex | null, inSnapshot: Configuration | null) => {
  const entries = Array.from({ length: 6 }, (_, at) =>
    at + 1 === inLog
      ? { term: 1, kind: 'configuration' as const, payload: encodeConfiguration(configuration(inLog)) }
      : { term: 1, kind: 'command' as const, payload: new Uint8Array(1) },
  );
  const snapshot = inSnapshot && {
    info: { index: 5, term: 1, configuration: encodeConfiguration(inSnapshot), sizeBytes: 0, checksum: 0 },
    chunks: [],
  };
  return openMemory({ ...createMemoryDisk(), entries, snapshot });
};

it.each([
  ['that of the log, where it is later', 6, configuration(4), 6],
  ['that of the snapshot, where it is later: the log is not compacted yet', 2, configuration(4), 4],
  ['that of the log, where the snapshot began with the cluster', 2, configuration(0), 2],
  ['that of the log, where there is no snapshot', 2, null, 2],
  ['that of the snapshot, where the log has none', null, configuration(4), 4],
  ['none, where neither has one', null, null, undefined],
] as const)('the latest configuration on a disk is %s', (_, inLog, inSnapshot, index) => {
  expect(restoredConfiguration(opened(inLog, inSnapshot))?.index).toBe(index);
});

it.each([0, 1, 4095, 4096, 4097, 8192, 10_000])(
  'a log of %i entries is restored as it was written',
  (count) => {
    const entries = Array.from({ length: count }, (_, at) => ({
      term: 1 + Math.floor(at / 1000),
      kind: 'command' as const,
      payload: new Uint8Array(at % 7),
    }));
    const restored = restoredLog(openMemory({ ...createMemoryDisk(), entries }), 4096);
    expect(restored).toEqual(append(emptyLog, entries, 4096));
    expect(restored.lastIndex).toBe(count);
  },
);
