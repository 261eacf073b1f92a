import { expect, it } from 'vitest';
import { fetchStatus } from './process-cluster.ts';
import { useCluster } from './use-cluster.ts';

const { start } = useCluster('slow-link');

it.each([
  ['1 MiB over 5 Mbit/s', 5, 1024, 3],
  ['512 KiB over 1 Mbit/s', 1, 512, 2],
])(
  'writes of %s take their time, and nobody is deposed meanwhile',
  async (_, mbit, kib, writes) => {
    const cluster = await start({
      size: 3,
      // No election for want of processor time while other tests run.
      flags: ['--election-timeout', '500-1000'],
      link: { bytesPerSecond: (mbit * 1e6) / 8, latencyMs: 5 },
    });
    const leader = await cluster.leader();
    const { clientPort } = cluster.members[leader - 1]!;
    const before = await fetchStatus(clientPort);
    for (let i = 0; i < writes; i++) {
      const { status } = await fetch(`http://127.0.0.1:${clientPort}/v1/kv/k${i}`, {
        method: 'PUT',
        body: new Uint8Array(kib * 1024),
      });
      expect(status).toBe(200);
    }
    const after = await fetchStatus(clientPort);
    expect([after?.term, after?.leader]).toEqual([before?.term, leader]);
  },
  60_000,
);
