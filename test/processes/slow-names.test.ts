import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useCluster } from './use-cluster.ts';

const { lines, start, client } = useCluster('slow-names');

it('peers behind a name server that takes longer than a connection may: a leader is elected, and the lookups are reported', async () => {
  const preload = fileURLToPath(new URL('./slow-names.preload.ts', import.meta.url));
  await start({ size: 3, peerHost: 'node.slow.test', nodeOptions: ['--import', preload] });
  expect(await client('put', 'a', '1')).toMatchObject({ code: 0 });
  const told = lines.map(({ line }) => line.msg);
  expect(told).toContain('the lookup of node.slow.test takes longer than 1000 ms: check the name servers');
}, 60_000);
