import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientError } from '../../../src/store/client/client-error.ts';
import { StoreClient } from '../../../src/store/client/store-client.ts';
import { FakeNodes, json, never } from './fake-nodes.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const codeOf = (promise: Promise<unknown>): Promise<string | null> =>
  promise.then(
    () => null,
    (error) => (error as ClientError).code,
  );

describe('a write that waits for its place in the session', () => {
  let nodes: FakeNodes;
  let client: StoreClient;
  let first: Promise<string | null>;

  beforeEach(() => {
    nodes = new FakeNodes(() => never);
    client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch });
    // Nothing goes beside the one that opens the session.
    first = codeOf(client.put('first', '', { timeoutMs: 5000 }));
  });

  afterEach(async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await first).toBe('unknown_outcome');
    client.close();
  });

  it('ends when its time is over', async () => {
    const write = codeOf(client.put('k', '', { timeoutMs: 50 }));
    await vi.advanceTimersByTimeAsync(60);
    expect(await write).toBe('timed_out');
    expect(nodes.asked.join()).not.toContain('/kv/k');
  });

  it('has the time that is left when it is sent', async () => {
    const begunMs = performance.now();
    const write = codeOf(client.put('k', '', { timeoutMs: 6000 }));
    await vi.advanceTimersByTimeAsync(5500);
    expect(nodes.asked.join()).toContain('/kv/k');
    let endedMs = 0;
    void write.then(() => {
      endedMs = performance.now();
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await write).toBe('unknown_outcome');
    expect(endedMs - begunMs).toBeLessThan(6100);
  });

  it('ends with its signal', async () => {
    const aborter = new AbortController();
    const write = codeOf(client.put('k', '', { signal: aborter.signal }));
    aborter.abort();
    expect(await write).toBe('aborted');
  });

  it('ends with its client', async () => {
    const write = codeOf(client.put('k', ''));
    client.close();
    expect(await write).toBe('closed');
  });
});

it('a write ends with its signal while a node is asked, and nobody knows what became of it', async () => {
  const client = new StoreClient({ endpoints: ['http://a'], fetch: new FakeNodes(() => never).fetch });
  const aborter = new AbortController();
  const write = codeOf(client.put('k', '', { signal: aborter.signal }));
  await vi.advanceTimersByTimeAsync(1);
  aborter.abort();
  expect(await write).toBe('unknown_outcome');
  client.close();
});

describe('the time for a request', () => {
  it.each([0, -1, Number.NaN])('is not %d: a RangeError says so, and nothing is sent', async (timeoutMs) => {
    const words = `timeoutMs is a number of milliseconds above 0, such as 10000, not ${timeoutMs}`;
    expect(() => new StoreClient({ endpoints: ['http://a'], timeoutMs })).toThrow(RangeError);
    const nodes = new FakeNodes(() => never);
    const client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch });
    const refusal = new RangeError(words);
    await expect(client.get('k', { timeoutMs })).rejects.toStrictEqual(refusal);
    await expect(client.put('k', '', { timeoutMs })).rejects.toStrictEqual(refusal);
    expect(nodes.asked).toEqual([]);
    client.close();
  });

  it('may have a fraction', async () => {
    const nodes = new FakeNodes(() => json(200, { revision: 2 }));
    const client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch, timeoutMs: 1500.5 });
    expect(await client.put('k', '')).toEqual({ isDone: true, revision: 2 });
    expect(nodes.asked).toContain('GET http://a/v1/members');
    client.close();
  });

  it('may be longer than a timer can wait', async () => {
    const { fetch } = new FakeNodes(() => never);
    const client = new StoreClient({ endpoints: ['http://a'], fetch, timeoutMs: Number.POSITIVE_INFINITY });
    let isOver = false;
    const aborter = new AbortController();
    const read = codeOf(client.get('k', { signal: aborter.signal })).finally(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(isOver).toBe(false);
    aborter.abort();
    expect(await read).toBe('aborted');
    client.close();
  });
});
