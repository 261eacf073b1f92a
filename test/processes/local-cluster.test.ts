import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ClusterEvent, LocalCluster } from '../../src/cli/cluster/local-cluster.ts';
import { narrate } from '../../src/cli/cluster/narrate.ts';
import { freePorts } from './free-ports.ts';

it('a node of a local cluster that was told to stop, and one that was killed, are each reported as that, and start again', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'raftchart-cluster-'));
  const [peerPort, clientPort] = await freePorts(2);
  const said: string[] = [];
  const output = { isTTY: false, write: (text: string) => said.push(text) } as unknown as NodeJS.WriteStream;
  const tell = narrate(output, 1, { isTls: false, wantsCertificate: false, wantsToken: false });
  const events: ClusterEvent[] = [];
  let pid = 0;
  const cluster = new LocalCluster({
    size: 1,
    dataDir,
    extraFlags: ['--listen-peer', `127.0.0.1:${peerPort}`, '--listen-client', `127.0.0.1:${clientPort}`],
    traces: false,
    restartDelayMs: 50,
    tell: (event) => {
      tell(event);
      if (event.type === 'started') pid = event.pid;
      if (event.type !== 'log') events.push(event);
      const isLeading = event.type === 'log' && event.fields.role === 'leader';
      const restarts = events.filter(({ type }) => type === 'started').length - 1;
      if (!isLeading) return;
      if (restarts < 2) process.kill(pid, restarts === 0 ? 'SIGTERM' : 'SIGKILL');
      else cluster.stop();
    },
  });
  expect(await cluster.run()).toBe(0);
  rmSync(dataDir, { recursive: true });
  const started = { type: 'started', id: 1, pid: expect.any(Number) };
  expect(events).toEqual([
    started,
    { type: 'stopped', id: 1, restartDelayMs: 50 },
    started,
    { type: 'killed', id: 1, signal: 'SIGKILL', restartDelayMs: 50 },
    started,
    { type: 'stopping' },
  ]);
  expect(said.join('')).toMatch(/node1 {2}stopped, as it was told to; restarts in 0\.05 s\n/);
});
