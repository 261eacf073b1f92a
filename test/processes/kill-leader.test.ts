import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LeadersByTerm } from './leaders-by-term.ts';
import { ProcessCluster } from './process-cluster.ts';
import { WritingLoad } from './writing-load.ts';

/** The longer form, which also changes the transport and the storage one at a time: `KILLS=20 WRITES=3000 npx vitest run test/processes/kill-leader.test.ts`. */
const kills = Number(process.env.KILLS ?? 3);
const writes = Number(process.env.WRITES ?? 1000);

let dataDir: string;
let cluster: ProcessCluster | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-kill-'));
});
afterEach(async () => {
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const oneAtATime: [string, readonly string[]][] = [
  ['over HTTP', ['--transport', 'http']],
  ['with their states as JSON', ['--storage', 'json']],
];

it.each<[string, readonly string[]]>([
  ['by default', []],
  ...(process.env.KILLS === undefined ? [] : oneAtATime),
  ['over HTTP and with their states as JSON', ['--transport', 'http', '--storage', 'json']],
])(
  `three processes %s lose no acknowledged write while the leader is killed ${kills} times (kill -9)`,
  async (adapters, flags) => {
    const leaders = new LeadersByTerm();
    cluster = await ProcessCluster.start({
      size: 3,
      dataDir,
      flags,
      onLog: (id, line) => leaders.observe(id, line),
    });
    const load = new WritingLoad(cluster.endpoints, 8);
    const elections: number[] = [];
    for (let kill = 1; kill <= kills; kill++) {
      const goal = Math.ceil((writes * kill) / (kills + 1));
      while (load.acknowledged < goal) await new Promise((resolve) => setTimeout(resolve, 5));
      const leader = await cluster.leader();
      await cluster.end(leader, 'SIGKILL');
      const from = performance.now();
      await cluster.leader();
      elections.push(performance.now() - from);
      cluster.start(leader);
    }
    while (load.acknowledged < writes) await new Promise((resolve) => setTimeout(resolve, 5));
    await load.stop();

    const missing = await load.missing();
    load.close();
    elections.sort((a, b) => a - b);
    const figure = (share: number) => `${Math.round(elections[Math.floor(share * (kills - 1))]!)} ms`;
    console.log(
      `${adapters}: ${kills} kills; ${load.acknowledged} acknowledged of ${load.attempts} attempted puts; ` +
        `${missing.length} lost; ${leaders.terms} terms with a leader, ${leaders.violations.length} with two; ` +
        `another leader after ${figure(0.5)} (median), ${figure(1)} (worst)`,
    );
    expect(missing).toEqual([]);
    expect(leaders.violations).toEqual([]);
    expect(leaders.terms).toBeGreaterThanOrEqual(kills);
  },
  600_000,
);
