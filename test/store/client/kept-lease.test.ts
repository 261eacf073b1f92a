import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptLease } from '../../../src/store/client/kept-lease.ts';
import { StoreClient } from '../../../src/store/client/store-client.ts';
import { defaultSessionLimits } from '../../../src/store/sessions/limits.ts';
import { FakeNodes, json, never } from './fake-nodes.ts';

let closing: AbortController;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  closing = new AbortController();
});

afterEach(() => {
  closing.abort();
  vi.useRealTimers();
});

const kept = (ttlSeconds: number, renew: () => Promise<void>): KeptLease =>
  new KeptLease({
    id: '7',
    ttlSeconds,
    sentMs: performance.now(),
    renew,
    revoke: async () => {},
    closing: closing.signal,
  });

describe('a kept lease', () => {
  it('is lost at the end of its time, though a renewal is still under way', async () => {
    const lease = kept(10, () => never);
    await vi.advanceTimersByTimeAsync(9999);
    expect(lease.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(lease.lost.aborted).toBe(true);
  });

  it('lives as long as it is renewed, and for its time after', async () => {
    let isUp = true;
    const lease = kept(10, () => (isUp ? Promise.resolve() : never));
    await vi.advanceTimersByTimeAsync(34_000);
    expect(lease.lost.aborted).toBe(false);
    // It was renewed last when 33.3 seconds had passed.
    isUp = false;
    await vi.advanceTimersByTimeAsync(9250);
    expect(lease.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(lease.lost.aborted).toBe(true);
  });

  it('is renewed in time where its time is longer than a timer can wait', async () => {
    let renewals = 0;
    const lease = kept(100 * 24 * 3600, async () => {
      renewals++;
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect([renewals, lease.lost.aborted]).toEqual([0, false]);
    await vi.advanceTimersByTimeAsync(30 * 24 * 3600 * 1000);
    expect([renewals, lease.lost.aborted]).toEqual([1, false]);
  });

  it('leaves nothing behind at the client once it is over', async () => {
    const lease = kept(10, async () => {});
    await lease.revoke();
    expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is renewed while other writes wait for their answers', async () => {
    let renewals = 0;
    const nodes = new FakeNodes((_, { pathname }) => {
      if (pathname === '/v2/leases') return json(200, { id: '7', ttl: 10 });
      if (pathname === '/v1/members') return json(200, { members: {} });
      if (pathname !== '/v2/leases/7/keepalive') return never;
      renewals++;
      return json(200, { id: '7', ttl: 10 });
    });
    const client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch, timeoutMs: 60_000 });
    const lease = await client.lease(10);
    const writes = Array.from({ length: defaultSessionLimits.maxAnswersPerSession + 5 }, () =>
      client.put('k', '').catch(() => {}),
    );
    await vi.advanceTimersByTimeAsync(30_000);
    expect(renewals).toBeGreaterThan(5);
    expect(lease.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all(writes);
    client.close();
  });
});
