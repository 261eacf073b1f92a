import { createClient } from '../src/entry/client.ts';
import { Frames } from '../src/entry/client-frames.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { compareRounds } from './client-load.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/*
 * Durable writes of 256-byte values by `raftchart/client`, three processes: by HTTP, as the platform's `fetch` speaks it, and by frames, in turn.
 *
 *   npm run bench:frames [rounds] [seconds]
 */
const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 4);
const value = 'v'.repeat(256);
const directory = temporaryDirectory();
const cluster = await ProcessCluster.start({ size: 3, dataDir: directory, flags: ['--log-level', 'warn'] });
const leader = `http://${cluster.endpoints[(await cluster.leader()) - 1]!}`;
const frames = new Frames();
const clients = {
  HTTP: createClient({ endpoints: [leader] }),
  frames: createClient({ endpoints: [leader], fetch: frames.fetch }),
};

console.log(`raftchart/client, ${rounds} rounds of ${seconds} s each, the median round`);
await compareRounds(['frames', 'HTTP'], { rounds, seconds }, (kind, key) => clients[kind].put(key, value));
for (const client of Object.values(clients)) client.close();
frames.close();
await cluster.stop();
