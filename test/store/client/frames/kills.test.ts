import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../../../../src/store/client/client.ts';
import { Frames } from '../../../../src/store/client/frames/frames.ts';
import { ProcessCluster } from '../../../processes/process-cluster.ts';

let dataDir: string;
let cluster: ProcessCluster;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-frames-'));
  cluster = await ProcessCluster.start({ size: 3, dataDir, flags: ['--log-level', 'warn'] });
});

afterAll(async () => {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('by frames each write is done once, through kills of the leader with many under way', async () => {
  const frames = new Frames();
  const client = new Client({
    endpoints: cluster.endpoints.map((endpoint) => `http://${endpoint}`),
    timeoutMs: 60_000,
    fetch: frames.fetch,
  });
  let done = 0;
  let isOver = false;
  const writing = Array.from({ length: 64 }, async () => {
    while (!isOver) {
      await client.put('counted', 'x');
      done++;
    }
  });
  for (let kill = 0; kill < 2; kill++) {
    const before = done;
    await until(() => done > before + 500);
    const leader = await cluster.leader();
    await cluster.end(leader, 'SIGKILL');
    await cluster.leader();
    cluster.start(leader);
  }
  const last = done;
  await until(() => done > last + 500);
  isOver = true;
  await Promise.all(writing);
  expect((await client.get('counted'))?.version).toBe(done);
  client.close();
  frames.close();
}, 120_000);
