import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { until, useCluster } from './use-cluster.ts';

const { lines, start } = useCluster('suspended');

it('a follower that was stopped for longer than its election timeout reads what has arrived before it campaigns, and tells that it stood still', async () => {
  const cluster = await start({ size: 3, flags: ['--election-timeout', '600-900'] });
  const leader = await cluster.leader();
  const stopped = leader === 1 ? 2 : 1;
  const campaigns = () =>
    lines.filter(({ id, line }) => id === stopped && line.role === 'preCandidate').length;
  const before = campaigns();
  for (let round = 0; round < 3; round++) {
    process.kill(cluster.pid(stopped), 'SIGSTOP');
    await sleep(1500);
    process.kill(cluster.pid(stopped), 'SIGCONT');
    await sleep(300);
  }
  expect(campaigns()).toBe(before);
  const isTold = ({ id, line }: (typeof lines)[number]) =>
    id === stopped && `${line.msg}`.startsWith('the event loop stood still for');
  await until(async () => lines.some(isTold));
});
