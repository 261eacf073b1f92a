import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { fetchStatus } from './process-cluster.ts';
import { until, useCluster } from './use-cluster.ts';

const { start, client } = useCluster('peer-port-flood');

/** So long a stranger may say nothing. */
const helloTimeoutMs = 5000;

it.each([
  ['1,000 connections that say nothing', 1000, () => {}],
  [
    'connections that dribble a Hello byte by byte',
    100,
    (socket: Socket) => {
      const bytes = [0, 0, 15, 255, 0x9e, 0];
      const timer = setInterval(() => socket.write(Uint8Array.of(bytes.shift() ?? 0)), 200);
      socket.once('close', () => clearInterval(timer));
    },
  ],
])(
  '%s at the peer ports change nothing: no election, peers find room, and all are closed in seconds',
  async (_, count, act) => {
    const cluster = await start({
      size: 3,
      flags: ['--election-timeout', '500-1000', '--log-level', 'error'],
    });
    const leader = await cluster.leader();
    const { clientPort } = cluster.members[leader - 1]!;
    const before = await fetchStatus(clientPort);
    const open = new Set<Socket>();
    const follower = leader === 1 ? 2 : 1;
    let isLetInBesideThem = false;
    // A slow machine may take longer to start a process.
    for (let tries = 0; !isLetInBesideThem && tries < 3; tries++) {
      // It ends first, so that strangers take the places of its connections as well.
      await cluster.end(follower, 'SIGKILL');
      const begunMs = performance.now();
      for (let i = 0; i < count; i++) {
        const socket = connect(cluster.members[i % 3]!.peerPort, '127.0.0.1');
        open.add(socket);
        socket.on('error', () => {});
        socket.once('connect', () => act(socket));
        socket.once('close', () => open.delete(socket));
        if (i % 20 === 0) await sleep(5);
      }
      cluster.start(follower);
      await until(async () => {
        const status = await fetchStatus(cluster.members[follower - 1]!.clientPort);
        return status?.peers.every(({ link }) => link === 'open') ?? false;
      });
      isLetInBesideThem = performance.now() - begunMs < helloTimeoutMs;
    }
    expect(isLetInBesideThem).toBe(true);
    expect(await client('put', 'a', '1')).toMatchObject({ code: 0 });
    for (let waited = 0; open.size > 0 && waited < 10_000; waited += 100) await sleep(100);
    expect(open.size).toBe(0);
    const after = await fetchStatus(clientPort);
    expect([after?.term, after?.leader]).toEqual([before?.term, leader]);
    expect(after?.peers.map(({ link }) => link)).toEqual(['open', 'open']);
  },
  60_000,
);
