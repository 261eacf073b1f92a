import { expect, it } from 'vitest';
import { openLoopDelayMeter } from '../../../src/adapters/system/loop-delay.ts';

const turnOfTimers = () => new Promise<void>((resolve) => setTimeout(resolve, 25));

it('an event loop that stands still shows in the time in which it did, and not in the next', async () => {
  const meter = openLoopDelayMeter();
  await turnOfTimers();
  meter.take();
  await turnOfTimers();
  const end = performance.now() + 400;
  while (performance.now() < end);
  await turnOfTimers();
  const { p50Ms, p99Ms, maxMs } = meter.take();
  expect(maxMs).toBeGreaterThan(350);
  expect(p99Ms).toBeLessThanOrEqual(maxMs + 1);
  expect(p50Ms).toBeLessThanOrEqual(p99Ms);
  await turnOfTimers();
  expect(meter.take().maxMs).toBeLessThan(maxMs);
  meter.close();
});
