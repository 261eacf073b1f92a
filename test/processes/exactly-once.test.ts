import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SessionEnd } from '../../src/cli/client/session.ts';
import { Counter } from './counter.ts';
import { ProcessCluster } from './process-cluster.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-once-'));
});

/** The longer form: `KILLS=20 WRITES=10000 npx vitest run test/processes/exactly-once.test.ts`. */
const kills = Number(process.env.KILLS ?? 3);
const writes = Number(process.env.WRITES ?? 600);
const writers = 4;

let cluster: ProcessCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it(`every write takes effect exactly once while the leader is killed ${kills} times (kill -9)`, async () => {
  const running = await ProcessCluster.start({ size: 3, dataDir: folder });
  cluster = running;
  const counters = Array.from({ length: writers }, (_, at) => new Counter(`c${at}`, running.endpoints));
  const total = () => counters.reduce((sum, { count }) => sum + count, 0);
  const failures: SessionEnd[] = [];
  const load = counters.map(async (counter) => {
    while (total() < writes && failures.length === 0) {
      const failure = await counter.step();
      if (failure !== null) failures.push(failure);
    }
  });
  for (let kill = 1; kill <= kills; kill++) {
    const goal = Math.ceil((writes * kill) / (kills + 1));
    while (total() < goal && failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const leader = await running.leader();
    await running.end(leader, 'SIGKILL');
    await running.leader();
    running.start(leader);
  }
  await Promise.all(load);

  const replayed = counters.reduce((sum, counter) => sum + counter.replayed, 0);
  console.log(`${kills} kills; ${total()} writes, ${replayed} of them answered by a later attempt`);
  expect(failures).toEqual([]);
  for (const counter of counters) expect(await counter.stored()).toBe(String(counter.count));
}, 600_000);

it('an idempotency key is known after kill -9 of the leader, and after kill -9 of every node', async () => {
  const running = await ProcessCluster.start({ size: 3, dataDir: folder });
  cluster = running;
  /** To whoever leads, until one accepts it. */
  const put = async (value: string) => {
    for (;;) {
      const { clientPort } = running.members[(await running.leader()) - 1]!;
      const response = await fetch(`http://127.0.0.1:${clientPort}/v1/kv/x`, {
        method: 'PUT',
        headers: { 'Idempotency-Key': 'order-17' },
        body: value,
      });
      const body = await response.json();
      if (response.status !== 200 && response.status !== 422) continue;
      return { status: response.status, replayed: response.headers.get('idempotent-replayed'), body };
    }
  };

  const first = await put('1');
  expect(first).toMatchObject({ status: 200, replayed: null });
  const leader = await running.leader();
  await running.end(leader, 'SIGKILL');
  expect(await put('1')).toEqual({ ...first, replayed: 'true' });
  await Promise.all(running.members.map(({ id }) => running.end(id, 'SIGKILL')));
  for (const { id } of running.members) running.start(id);
  expect(await put('1')).toEqual({ ...first, replayed: 'true' });
  expect(await put('2')).toMatchObject({ status: 422, body: { error: 'key_reused' } });
}, 120_000);
