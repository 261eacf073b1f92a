import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { LeadersByTerm } from './leaders-by-term.ts';
import { ProcessCluster } from './process-cluster.ts';
import { WritingLoad } from './writing-load.ts';

/** The longer form: `KILLS=20 WRITES=10000 npx vitest run test/processes/kill-leader.test.ts`. */
const kills = Number(process.env.KILLS ?? 3);
const writes = Number(process.env.WRITES ?? 1000);

const dataDir = mkdtempSync(join(tmpdir(), 'raftchart-kill-'));
let cluster: ProcessCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it(`three processes lose no acknowledged write while the leader is killed ${kills} times (kill -9)`, async () => {
  const leaders = new LeadersByTerm();
  cluster = await ProcessCluster.start({ size: 3, dataDir, onLog: (id, line) => leaders.observe(id, line) });
  const load = new WritingLoad(cluster.endpoints, 8);
  for (let kill = 1; kill <= kills; kill++) {
    const goal = Math.ceil((writes * kill) / (kills + 1));
    while (load.acknowledged < goal) await new Promise((resolve) => setTimeout(resolve, 5));
    const leader = await cluster.leader();
    await cluster.end(leader, 'SIGKILL');
    await cluster.leader();
    cluster.start(leader);
  }
  while (load.acknowledged < writes) await new Promise((resolve) => setTimeout(resolve, 5));
  await load.stop();

  const missing = await load.missing();
  load.close();
  console.log(
    `${kills} kills; ${load.acknowledged} acknowledged of ${load.attempts} attempted puts; ` +
      `${missing.length} lost; ${leaders.terms} terms with a leader, ${leaders.violations.length} with two`,
  );
  expect(missing).toEqual([]);
  expect(leaders.violations).toEqual([]);
  expect(leaders.terms).toBeGreaterThanOrEqual(kills);
}, 600_000);
