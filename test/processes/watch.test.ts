import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { ProcessCluster } from './process-cluster.ts';

const clientProgram = new URL('../../src/cli/raft-client.ts', import.meta.url).pathname;
let cluster: ProcessCluster;
let dataDir: string;

afterEach(async () => {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a watch of raft-client goes on when its node and the leader are killed, prints each change once, and ends when it is told to', async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-watch-'));
  cluster = await ProcessCluster.start({ size: 3, dataDir });
  const leader = await cluster.leader();
  const rest = [1, 2, 3].filter((id) => id !== leader);
  // The watch begins at the leader.
  const endpoints = [leader, ...rest].map((id) => cluster.endpoints[id - 1]!).join();
  const client = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [
      clientProgram,
      '--endpoints',
      endpoints,
      '--timeout',
      '20s',
      ...args,
    ]);
  const first = join(dataDir, 'first.json');
  writeFileSync(first, '{"success":[{"type":"put","key":"k0","value_text":"0"}]}');
  await client('txn', first);
  const watch = spawn(
    process.execPath,
    [
      clientProgram,
      '--endpoints',
      endpoints,
      '--timeout',
      '20s',
      'watch',
      '--prefix',
      'k',
      '--revision',
      '2',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface(watch.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value as string;
  try {
    expect(await next()).toBe('put\tk0\t0');
    await client('put', 'k1', '1');
    expect(await next()).toBe('put\tk1\t1');
    await cluster.end(leader, 'SIGKILL');
    await client('put', 'k2', '2');
    await client('lease', 'grant', '60', '--id', '7');
    await client('put', 'k3', '3', '--lease', '7');
    await client('lease', 'revoke', '7');
    const told = [await next(), await next(), await next()];
    expect(told).toEqual(['put\tk2\t2', 'put\tk3\t3', 'delete\tk3']);
    const ended = once(watch, 'exit');
    watch.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  } finally {
    watch.kill('SIGKILL');
  }
});
