import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWal } from '../../src/adapters/storage/wal/open-wal.ts';
import { nodeFlags } from '../../src/cli/node-flags.ts';
import { silentLog } from '../../src/ports/log.ts';
import { encodePut } from '../../src/store/kv/commands.ts';
import { freePorts } from './free-ports.ts';

const nodeProgram = fileURLToPath(new URL('../../src/cli/raft-node.ts', import.meta.url));

let directory: string;
let dataDir: string;
let peerPort: number;
let clientPort: number;
let child: ChildProcess | null = null;
let logged: Promise<string>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'raftchart-start-'));
  dataDir = join(directory, 'raft-1');
  [peerPort, clientPort] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = null;
  rmSync(directory, { recursive: true, force: true });
});

/** A log of so many entries that reading it takes a while. */
const fill = async (entries: number): Promise<void> => {
  const storage = await openWal({
    directory: dataDir,
    nodeId: 1,
    clusterId: 'raftchart',
    members: [{ id: 1, peer: `127.0.0.1:${peerPort}` }],
    log: silentLog,
  });
  const batch = 5000;
  const payload = encodePut('x', new Uint8Array(16));
  for (let index = 1; index <= entries; index += batch) {
    storage.append({
      hardState: { currentTerm: 1, votedFor: 1 },
      firstIndex: index,
      entries: Array.from({ length: batch }, () => ({ term: 1, kind: 'command', payload })),
    });
    await new Promise<void>((resolve, reject) =>
      storage.sync((error) => (error === null ? resolve() : reject(error))),
    );
  }
  await new Promise<void>((resolve) => storage.close(resolve));
};

const start = (...flags: string[]): ChildProcess => {
  const addresses = ['--listen-peer', `127.0.0.1:${peerPort}`, '--listen-client', `127.0.0.1:${clientPort}`];
  child = spawn(
    process.execPath,
    [...nodeFlags, nodeProgram, '--id', '1', '--data-dir', dataDir, ...addresses, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  logged = text(child.stdout!);
  return child;
};

const ask = async (path: string): Promise<{ status: number; text: string } | null> => {
  const reply = await fetch(`http://127.0.0.1:${clientPort}${path}`).catch(() => null);
  return reply && { status: reply.status, text: await reply.text() };
};

/** Asks until the node is reached and `accept` says so; what it answered before as well. */
const asked = async (path: string, accept: (reply: { status: number; text: string }) => boolean) => {
  const replies: { status: number; text: string }[] = [];
  const deadline = performance.now() + 30_000;
  for (;;) {
    const reply = await ask(path);
    if (reply !== null) replies.push(reply);
    if (reply !== null && accept(reply)) return replies;
    if (performance.now() > deadline) throw new Error(`not within 30 s: ${JSON.stringify(replies.at(-1))}`);
  }
};

it('a node that reads a long log lives, is not ready, and says how far it has come', async () => {
  await fill(150_000);
  start();
  const replies = await asked('/readyz', ({ status }) => status === 200);
  const said = replies.map(({ text: body }) => (JSON.parse(body) as { message?: string }).message ?? 'ready');
  const reading = said.filter((each) => /^reading the log: \d+ %$/.test(each));
  const shares = reading.map((each) => Number(/\d+/.exec(each)));
  expect(new Set(shares).size).toBeGreaterThan(2);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(said.findLastIndex((each) => each.startsWith('reading'))).toBeLessThan(
    said.findIndex(
      (each) => each === 'no leader is known' || each.startsWith('replaying') || each === 'ready',
    ),
  );
}, 60_000);

it('SIGTERM while the log is read ends the node with exit code 0, and the directory is as before', async () => {
  await fill(150_000);
  const reading = start();
  await asked('/readyz', ({ text: body }) => body.includes('reading the log'));
  expect(await ask('/livez')).toMatchObject({ status: 200 });
  reading.kill('SIGTERM');
  const said = text(reading.stderr!);
  const [code, signal] = await once(reading, 'exit');
  expect({ code, signal, said: await said }).toEqual({ code: 0, signal: null, said: '' });
  expect(await logged).not.toContain('log recovered');
  start();
  await asked(
    '/v1/status',
    ({ status, text: body }) => status === 200 && body.includes('"lastLogIndex":15000'),
  );
}, 60_000);

it('a client port that is in use is refused in one line, and leaves no data directory behind', async () => {
  const other = createServer().listen(clientPort, '127.0.0.1');
  await once(other, 'listening');
  try {
    const refused = start();
    const said = text(refused.stderr!);
    const [code] = await once(refused, 'exit');
    expect({ code, said: await said }).toEqual({
      code: 1,
      said: `cannot serve clients on 127.0.0.1:${clientPort}: the port is in use\n`,
    });
    expect(existsSync(dataDir)).toBe(false);
  } finally {
    other.close();
  }
});

it('a peer port that is in use leaves no data directory behind either', async () => {
  const other = createServer().listen(peerPort, '127.0.0.1');
  await once(other, 'listening');
  const node = start('--peers', 'none');
  const said = text(node.stderr!);
  const [code] = await once(node, 'exit');
  other.close();
  expect([code, await said]).toEqual([
    1,
    `cannot listen for peers on 127.0.0.1:${peerPort}: the port is in use\n`,
  ]);
  expect(existsSync(dataDir)).toBe(false);
});

it('a data directory that is refused is one line, although the client port is open by then', async () => {
  await fill(5000);
  const refused = start('--cluster-id', 'other');
  const said = text(refused.stderr!);
  const [code] = await once(refused, 'exit');
  expect(code).toBe(4);
  expect((await said).trimEnd().split('\n')).toHaveLength(1);
});

it('SIGTERM while it looks for a cluster to join ends the node with exit code 0, and nothing is on disk', async () => {
  const [nowhere] = await freePorts(1);
  const joining = start('--join', `127.0.0.1:${nowhere}`);
  const [first] = await asked('/readyz', () => true);
  expect(first).toMatchObject({ status: 503 });
  await asked('/readyz', ({ text: body }) =>
    body.includes(`asking 127.0.0.1:${nowhere} with whom the cluster began`),
  );
  joining.kill('SIGTERM');
  const [code] = await once(joining, 'exit');
  expect(code).toBe(0);
  expect(existsSync(dataDir)).toBe(false);
});
