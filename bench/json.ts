/**
 * The state as JSON, which is written whole with each commit: `node bench/json.ts [directory]`. For logs of several lengths, entries of 256 bytes that
 * are no text: the size of the file, a durable commit of one more entry, and how long opening takes.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { openJson, stateFileName } from '../src/adapters/storage/json/open-json.ts';
import { silentLog } from '../src/ports/log.ts';
import type { Storage } from '../src/ports/storage.ts';
import type { Entry } from '../src/raft/types.ts';

const directory = fs.mkdtempSync(join(process.argv[2] ?? '.', 'data-bench-json-'));
const hardState = { currentTerm: 1, votedFor: 1 };
const newEntry = (): Entry => ({ term: 1, kind: 'command', payload: new Uint8Array(256).fill(0xf7) });
const commits = 100;

const synced = (storage: Storage) =>
  new Promise<void>((resolve, reject) => storage.sync((failure) => (failure ? reject(failure) : resolve())));
const closed = (storage: Storage) => new Promise<void>((resolve) => storage.close(resolve));
const timed = async <Value>(run: () => Promise<Value>): Promise<{ value: Value; ms: number }> => {
  const from = performance.now();
  const value = await run();
  return { value, ms: performance.now() - from };
};

const rows: object[] = [];
for (const length of [10, 100, 1000, 5000, 20_000]) {
  const options = { directory: join(directory, `${length}`), nodeId: 1, clusterId: 'bench', log: silentLog };
  const filling = await openJson(options);
  filling.append({ hardState, firstIndex: 1, entries: Array.from({ length }, newEntry) });
  await synced(filling);
  await closed(filling);
  const { value: storage, ms: openMs } = await timed(() => openJson(options));
  const millis: number[] = [];
  for (let i = 1; i <= commits; i++) {
    storage.append({ hardState, firstIndex: length + i, entries: [newEntry()] });
    millis.push((await timed(() => synced(storage))).ms);
  }
  await closed(storage);
  millis.sort((a, b) => a - b);
  rows.push({
    entries: length,
    'file KiB': Math.round(fs.statSync(join(options.directory, stateFileName(1))).size / 1024),
    'commit p50 ms': millis[commits / 2]!.toFixed(1),
    'commit p99 ms': millis[commits - 1]!.toFixed(1),
    'open ms': openMs.toFixed(0),
  });
}
console.table(rows);
fs.rmSync(directory, { recursive: true });
