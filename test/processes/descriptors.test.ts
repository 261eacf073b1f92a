import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePorts } from './free-ports.ts';
import { KvHttpClient } from './kv-http-client.ts';
import { fetchStatus } from './process-cluster.ts';
import { until } from './use-cluster.ts';

const nodeProgram = fileURLToPath(new URL('../../src/cli/raft-node.ts', import.meta.url));

let directory: string;
let child: ChildProcess;
const idle: Socket[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'raftchart-descriptors-'));
});
afterEach(async () => {
  for (const socket of idle.splice(0)) socket.destroy();
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

it('a node that may open 64 files serves a writer while 150 idle clients are connected, and strangers come to the peer port', async () => {
  const [peerPort, clientPort] = (await freePorts(2)) as [number, number];
  const flags = [
    '--id',
    '1',
    '--peers',
    'none',
    '--data-dir',
    join(directory, 'raft-1'),
    '--log-level',
    'silent',
  ];
  const addresses = ['--listen-peer', `127.0.0.1:${peerPort}`, '--listen-client', `127.0.0.1:${clientPort}`];
  const command = [process.execPath, nodeProgram, ...flags, ...addresses];
  child = spawn('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...command], { stdio: 'ignore' });
  await until(async () => (await fetchStatus(clientPort))?.role === 'leader');
  const writer = new KvHttpClient(1);
  const body = 'v'.repeat(1_000_000);
  const endpoint = `127.0.0.1:${clientPort}`;
  const put = (at: number) => writer.send('PUT', endpoint, `/v1/kv/key${at % 4}`, body, 20_000);
  await put(0);
  for (let at = 0; at < 150; at++) idle.push(connect(clientPort, '127.0.0.1').on('error', () => {}));
  // Strangers are turned away after a while: there are always new ones.
  const strangers = setInterval(() => {
    while (idle.filter(({ closed }) => !closed).length < 200)
      idle.push(connect(peerPort, '127.0.0.1').on('error', () => {}));
  }, 20);
  // Enough for three more segments of the log, which take descriptors of their own.
  for (let at = 0; at < 25; at++) expect((await put(at)).status).toBe(200);
  clearInterval(strangers);
  expect(child.exitCode).toBeNull();
  writer.close();
});
