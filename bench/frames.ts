import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../src/entry/client.ts';
import { Frames } from '../src/entry/client-frames.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { loops, type ProgramFigures } from './client-load.ts';

/*
 * Durable writes of 256-byte values by `raftchart/client`, three processes: by HTTP, as the platform's `fetch` speaks it, and by frames, in turn.
 *
 *   npm run bench:frames [rounds] [seconds]
 */
const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 4);
const value = 'v'.repeat(256);
const directory = mkdtempSync(join(tmpdir(), 'raftchart-frames-'));
const cluster = await ProcessCluster.start({ size: 3, dataDir: directory, flags: ['--log-level', 'warn'] });
const leader = `http://${cluster.endpoints[(await cluster.leader()) - 1]!}`;
const frames = new Frames();
const clients = {
  HTTP: createClient({ endpoints: [leader] }),
  frames: createClient({ endpoints: [leader], fetch: frames.fetch }),
};
type Kind = keyof typeof clients;

const put = (kind: Kind, count: number, forSeconds: number): Promise<ProgramFigures> =>
  loops(count, forSeconds, (loop, at) => clients[kind].put(`key${(loop * 7919 + at) % 1000}`, value));

const median = (all: readonly ProgramFigures[]): ProgramFigures =>
  [...all].sort((a, b) => a.perSecond - b.perSecond)[Math.floor(all.length / 2)]!;

console.log(`raftchart/client, ${rounds} rounds of ${seconds} s each, the median round`);
for (const kind of ['HTTP', 'frames'] as const) await put(kind, 64, seconds);
for (const count of [1, 16, 64, 256]) {
  const found: Record<Kind, ProgramFigures[]> = { HTTP: [], frames: [] };
  for (let round = 0; round < rounds; round++)
    for (const kind of ['HTTP', 'frames'] as const) found[kind].push(await put(kind, count, seconds));
  for (const kind of ['HTTP', 'frames'] as const) {
    const { perSecond, p50Ms, p99Ms } = median(found[kind]);
    console.log(
      `${String(count).padStart(4)} at once  ${kind.padEnd(6)} ${perSecond.toFixed(0).padStart(6)} writes/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`,
    );
  }
  console.log(
    `${' '.repeat(14)}frames / HTTP = ${(median(found.frames).perSecond / median(found.HTTP).perSecond).toFixed(2)}`,
  );
}
for (const client of Object.values(clients)) client.close();
frames.close();
await cluster.stop();
rmSync(directory, { recursive: true, force: true });
