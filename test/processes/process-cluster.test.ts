import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchStatus, ProcessCluster } from './process-cluster.ts';

let dataDir: string;
let cluster: ProcessCluster;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-cluster-'));
  cluster = await ProcessCluster.reserve({ size: 3, dataDir });
});
afterEach(async () => {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a leader of real nodes is found once every node that runs takes requests, however long it takes to start', async () => {
  for (const { id } of cluster.members) cluster.start(id);
  process.kill(cluster.pid(3), 'SIGSTOP');
  const [one, two, three] = cluster.members.map(({ clientPort }) => clientPort) as [number, number, number];
  // The others need no third to elect one of them.
  while (!((await fetchStatus(one)) && (await fetchStatus(two))?.leader)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  process.kill(cluster.pid(3), 'SIGCONT');
  expect([1, 2]).toContain(await cluster.leader());
  expect(await fetchStatus(three)).toMatchObject({ id: 3 });
}, 60_000);

it('a leader of real nodes is found also while one of them stands still, or is gone', async () => {
  for (const { id } of cluster.members) cluster.start(id);
  const still = ((await cluster.leader()) % 3) + 1;
  process.kill(cluster.pid(still), 'SIGSTOP');
  expect(await cluster.leader()).not.toBe(still);
  process.kill(cluster.pid(still), 'SIGCONT');
  await cluster.end(still, 'SIGKILL');
  expect(await cluster.leader()).not.toBe(still);
}, 60_000);
