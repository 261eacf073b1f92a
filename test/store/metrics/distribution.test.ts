import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { Distribution } from '../../../src/store/metrics/distribution.ts';

it('a distribution has the buckets, the sum and the count that a histogram of prom-client has', async () => {
  const bounds = [0.001, 0.01, 0.1];
  const distribution = new Distribution(bounds);
  const registers = [new Registry()];
  const theirs = new Histogram({ name: 'theirs', help: 'The same.', buckets: bounds, registers });
  // Below, on and above each bound, and beyond the last.
  for (const seconds of [0, 0.0005, 0.001, 0.002, 0.01, 0.05, 0.1, 0.2, 1000]) {
    distribution.observe(seconds);
    theirs.observe(seconds);
  }
  const { values } = await theirs.get();
  const of = (name: string) => values.filter(({ metricName }) => metricName === `theirs_${name}`);
  expect(distribution.cumulative).toEqual(
    of('bucket').map(({ labels, value }) => ({ le: String(labels.le), count: value })),
  );
  expect(distribution.sum).toBe(of('sum')[0]!.value);
  expect(distribution.cumulative.at(-1)!.count).toBe(of('count')[0]!.value);
});
