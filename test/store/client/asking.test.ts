import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, type Question } from '../../../src/store/client/asking.ts';
import { FakeNodes, json, never } from './fake-nodes.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const read: Question = {
  method: 'GET',
  path: '/v2/kv/k',
  write: null,
  endpoints: ['http://a', 'http://b'],
  timeoutMs: 10_000,
};
const write: Question = {
  ...read,
  method: 'POST',
  path: '/v2/txn',
  body: '{}',
  write: { session: 's', sequence: 7, received: 4 },
};

describe('what a node is asked', () => {
  it('has the same place in the session at each attempt of a write, and says how old it is', async () => {
    const sent: Headers[] = [];
    const nodes = new FakeNodes((_method, _url, init) => {
      sent.push(new Headers(init.headers));
      return sent.length === 1 ? never : json(200, {});
    });
    const reply = ask(write, { fetch: nodes.fetch, token: 'secret' });
    await vi.advanceTimersByTimeAsync(2500);
    expect((await reply).endpoint).toBe('http://b');
    expect(sent.map((headers) => headers.get('x-raft-session'))).toEqual([
      's; sequence=7; received=4; age=0',
      's; sequence=7; received=4; age=2500',
    ]);
    for (const headers of sent) {
      expect(headers.get('authorization')).toBe('Bearer secret');
      expect(headers.get('content-type')).toBe('application/json');
    }
  });

  it('has no token and no place in a session where there is none', async () => {
    let sent = new Headers();
    const nodes = new FakeNodes((_method, _url, init) => {
      sent = new Headers(init.headers);
      return new Response('x');
    });
    await ask(read, { fetch: nodes.fetch, token: null });
    expect([...sent.keys()]).toEqual([]);
  });

  it('is given up at a silent node before a write goes to another, but not before a read does', async () => {
    const open: AbortSignal[] = [];
    const nodes = new FakeNodes((_method, _url, { signal }) => {
      open.push(signal!);
      return never;
    });
    const aborter = new AbortController();
    const given = [write, read].map((question) =>
      ask({ ...question, signal: aborter.signal }, { fetch: nodes.fetch, token: null }).catch(() => {}),
    );
    // A read waits 625 ms, a write 2500.
    await vi.advanceTimersByTimeAsync(700);
    expect(nodes.asked).toEqual(['POST http://a/v2/txn', 'GET http://a/v2/kv/k', 'GET http://b/v2/kv/k']);
    expect(open.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    await vi.advanceTimersByTimeAsync(1800);
    expect(nodes.asked).toContain('POST http://b/v2/txn');
    expect(open[0]!.aborted).toBe(true);
    aborter.abort();
    await Promise.all(given);
    expect(open.every(({ aborted }) => aborted)).toBe(true);
  });

  it('leaves no listener at its signal, and no open request, once a node has answered', async () => {
    const { signal } = new AbortController();
    let silent: AbortSignal | undefined;
    const nodes = new FakeNodes((_method, { host }, init) => {
      if (host === 'b') return new Response('x');
      silent = init.signal!;
      return never;
    });
    const reply = ask({ ...read, signal }, { fetch: nodes.fetch, token: null });
    await vi.advanceTimersByTimeAsync(700);
    expect((await reply).endpoint).toBe('http://b');
    expect(silent?.aborted).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is not followed by `fetch` to where a node redirects: a node names the leader in its answer alone', async () => {
    const modes: (string | undefined)[] = [];
    const nodes = new FakeNodes((_method, { host }, { redirect }) => {
      modes.push(redirect);
      if (host === 'a') return json(421, { error: 'not_leader', endpoint: 'http://leader' });
      return json(200, {});
    });
    expect((await ask(write, { fetch: nodes.fetch, token: null })).endpoint).toBe('http://leader');
    expect(modes).toEqual(['manual', 'manual']);
  });
});

describe('a request that is given up while a node is asked', () => {
  it.each([
    ['aborted, if it is a read', read, 'aborted'],
    ['of unknown outcome, if it is a write that may have arrived', write, 'unknown_outcome'],
  ])('is %s', async (_name, question, code) => {
    const aborter = new AbortController();
    const nodes = new FakeNodes(() => never);
    const outcome = expect(
      ask({ ...question, signal: aborter.signal }, { fetch: nodes.fetch, token: null }),
    ).rejects.toMatchObject({ code });
    await vi.advanceTimersByTimeAsync(1);
    aborter.abort();
    await outcome;
  });
});
