import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFlags } from '../../src/cli/node-flags.ts';
import { freePorts } from './free-ports.ts';
import { openNamedPipe } from './named-pipe.ts';
import { fetchStatus } from './process-cluster.ts';

const nodeProgram = fileURLToPath(new URL('../../src/cli/raft-node.ts', import.meta.url));

let dataDir: string;
let child: ChildProcess | null = null;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-log-'));
});
afterEach(async () => {
  if (child !== null && child.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = null;
  rmSync(dataDir, { recursive: true, force: true });
});

/** Starts a node of one that logs all it can into `output`; resolves with its client port once it leads. */
const lead = async (output: number | 'pipe', format: string): Promise<number> => {
  const [peerPort, clientPort] = await freePorts(2);
  const flags = [
    '--id',
    '1',
    '--data-dir',
    join(dataDir, 'raft-1'),
    '--log-level',
    'debug',
    '--log-format',
    format,
  ];
  const addresses = ['--listen-peer', `127.0.0.1:${peerPort}`, '--listen-client', `127.0.0.1:${clientPort}`];
  child = spawn(process.execPath, [...nodeFlags, nodeProgram, ...flags, ...addresses], {
    stdio: ['ignore', output, 'pipe'],
  });
  // A reader that is gone before the first line.
  child.stdout?.destroy();
  while ((await fetchStatus(clientPort!))?.role !== 'leader') {
    if (child.exitCode !== null) throw new Error(`the node ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return clientPort!;
};

const put = async (clientPort: number): Promise<number> =>
  (await fetch(`http://127.0.0.1:${clientPort}/v1/kv/x`, { method: 'PUT', body: '1' })).status;

const stopped = async (): Promise<number | null> => {
  const exit = once(child!, 'exit');
  child!.kill('SIGTERM');
  const [code] = await exit;
  return code as number | null;
};

test.each(['json', 'pretty'])(
  'a node serves although its log cannot be written: a full disk, %s',
  async (format) => {
    const full = openSync('/dev/full', 'w');
    try {
      const clientPort = await lead(full, format);
      let said = '';
      child!.stderr!.on('data', (data) => {
        said += data;
      });
      expect(await put(clientPort)).toBe(200);
      expect(await stopped()).toBe(0);
      expect(said.match(/cannot write the log, continuing without it: ENOSPC/g)).toHaveLength(1);
    } finally {
      closeSync(full);
    }
  },
);

test.each(['json', 'pretty'])('a node serves although its log is no longer read: %s', async (format) => {
  const clientPort = await lead('pipe', format);
  expect(await put(clientPort)).toBe(200);
  expect(await stopped()).toBe(0);
});

test.each(['json', 'pretty'])(
  'a node starts, serves and stops although nobody drains its log: %s',
  async (format) => {
    const { reader, writer } = openNamedPipe(join(dataDir, 'fifo'));
    try {
      expect(() => {
        for (;;) writeSync(writer, 'x'.repeat(4096));
      }).toThrow('EAGAIN');
      const clientPort = await lead(writer, format);
      expect(await put(clientPort)).toBe(200);
      expect(await stopped()).toBe(0);
    } finally {
      closeSync(reader);
      closeSync(writer);
    }
  },
);
