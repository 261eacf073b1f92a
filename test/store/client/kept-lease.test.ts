import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientError } from '../../../src/store/client/client-error.ts';
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

const kept = (ttlSeconds: number, renew: (timeoutMs: number) => Promise<void>): KeptLease =>
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

  it('lives as long as the node says that granted it, from when it was asked for', async () => {
    const nodes = new FakeNodes((_, { pathname }) => {
      if (pathname !== '/v2/leases') return never;
      vi.advanceTimersByTime(500);
      return json(200, { id: '7', ttl: 2 });
    });
    const client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch });
    const lease = await client.lease(1);
    expect(lease.ttlSeconds).toBe(2);
    await vi.advanceTimersByTimeAsync(1499);
    expect(lease.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(lease.lost.aborted).toBe(true);
    client.close();
  });

  it.each([
    ['is revoked, also where it has ended already', 404, 'lease_not_found', null],
    ['is not revoked where a node refuses to, and says so', 401, 'unauthorized', 'unauthorized'],
  ])('%s', async (_name, status, error, code) => {
    const nodes = new FakeNodes((method) =>
      method === 'DELETE' ? json(status, { error }) : json(200, { id: '7', ttl: 10 }),
    );
    const client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch });
    const lease = await client.lease(10);
    const outcome = await lease.revoke().catch((refusal: { readonly code: string }) => refusal.code);
    expect(outcome ?? null).toBe(code);
    expect(lease.lost.aborted).toBe(true);
    client.close();
  });

  it('is lost once a node says that it has ended, but not for any other failure', async () => {
    const failures = [new ClientError('timed_out', ''), new ClientError('lease_not_found', '')];
    const lease = kept(10, () => Promise.reject(failures.shift()));
    await vi.advanceTimersByTimeAsync(3400);
    expect([failures.length, lease.lost.aborted]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(3400);
    expect([failures.length, lease.lost.aborted]).toEqual([0, true]);
  });

  it('counts from when its last renewal was sent, and gives it no longer than it has left', async () => {
    const givenMs: number[] = [];
    const lease = kept(10, async (timeoutMs) => {
      givenMs.push(timeoutMs);
      if (givenMs.length > 1) await never;
      await new Promise((resolve) => setTimeout(resolve, 3000));
    });
    await vi.advanceTimersByTimeAsync(13_329);
    expect(lease.lost.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(lease.lost.aborted).toBe(true);
    // Sent after 3330 ms, and again 3330 ms after the answer to that, when 3670 ms are left.
    expect(givenMs).toEqual([6670, 3670]);
  });

  it('is lost with its client, also one that was closed before it was granted', () => {
    const lease = kept(10, async () => {});
    closing.abort();
    expect([lease.lost.aborted, kept(10, async () => {}).lost.aborted]).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
