import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJson } from '../../../src/adapters/storage/json/open-json.ts';
import { createMemoryDisk, openMemory } from '../../../src/adapters/storage/memory.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { storageContract } from '../../contracts/storage.contract.ts';

storageContract('the storage in memory', async () => {
  const disk = createMemoryDisk();
  return { open: async () => openMemory(disk), dispose: async () => {} };
});

for (const cacheBytes of [0, 16 * 1024 * 1024]) {
  storageContract(`the write-ahead log with ${cacheBytes} bytes of cache`, async () => {
    const directory = fs.mkdtempSync(join(tmpdir(), 'raftchart-wal-'));
    const options = {
      directory,
      nodeId: 1,
      clusterId: 'test',
      segmentSizeBytes: 8192,
      cacheBytes,
      log: silentLog,
    };
    return {
      open: () => openWal(options),
      dispose: () => fs.promises.rm(directory, { recursive: true }),
    };
  });
}

storageContract('the state of a node as JSON', async () => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'raftchart-json-'));
  return {
    open: () => openJson({ directory, nodeId: 1, clusterId: 'test', log: silentLog }),
    dispose: () => fs.promises.rm(directory, { recursive: true }),
  };
});
