import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreClient } from '../../../src/store/client/store-client.ts';
import { ServedNode } from '../http/v2/served.ts';
import { FakeNodes, FakeStream, json, never } from './fake-nodes.ts';

let client: StoreClient;
afterEach(() => client.close());

const clientOf = (nodes: FakeNodes, ...endpoints: string[]): StoreClient =>
  new StoreClient({ endpoints: endpoints.length === 0 ? ['http://a'] : endpoints, fetch: nodes.fetch });

describe('a watch', () => {
  let served: ServedNode;

  beforeEach(async () => {
    served = await ServedNode.open();
    client = new StoreClient({ endpoints: [`http://127.0.0.1:${served.api.port}`] });
  });

  afterEach(() => served.close());

  const watched = async (count: number): Promise<void> => {
    while (served.node.watches.size !== count) await new Promise((resolve) => setImmediate(resolve));
  };

  it('tells the first change that is asked for once it has begun, though nobody has iterated it yet', async () => {
    await client.put('a', '1');
    const watch = client.watch({ key: 'a' });
    const revision = await watch.begun;
    await client.put('a', '2');
    expect((await watch.next()).value).toMatchObject({ type: 'put', key: 'a', revision });
    await watch.return();
    await watched(0);
  });

  it('connects when it is made, and ends with its client though nobody iterates it', async () => {
    client.watch({ key: 'a' });
    await watched(1);
    client.close();
    await watched(0);
  });

  it('ends when it is given up while it waits for an event', async () => {
    const watch = client.watch({ key: 'a' });
    await watch.begun;
    const next = watch.next();
    await watch.return();
    expect(await next).toEqual({ done: true, value: undefined });
    await watched(0);
  });
});

describe('a watch, where nodes answer otherwise,', () => {
  it('has asked a node by the time that it is given out, before anybody iterates it', () => {
    const nodes = new FakeNodes(() => never);
    client = clientOf(nodes);
    client.watch({ key: 'k' });
    expect(nodes.asked).toEqual(['GET http://a/v2/watch']);
  });

  it('ends when its signal comes while a node is asked, and asks no other', async () => {
    const aborter = new AbortController();
    const nodes = new FakeNodes(() => {
      aborter.abort();
      return json(503, {});
    });
    client = clientOf(nodes, 'http://a', 'http://b');
    expect(await client.watch({ key: 'k' }, { signal: aborter.signal }).next()).toMatchObject({ done: true });
    expect(nodes.asked).toEqual(['GET http://a/v2/watch']);
  });

  it('leaves a node alone that does not begin to answer, after a second, and later after more', async () => {
    vi.useFakeTimers();
    try {
      const nodes = new FakeNodes(() => never);
      client = clientOf(nodes, 'http://a', 'http://b');
      const { begun } = client.watch({ key: 'k' });
      begun.catch(() => {});
      const watches = () => nodes.asked.filter((asked) => asked.endsWith('/v2/watch')).length;
      await vi.advanceTimersByTimeAsync(999);
      expect(watches()).toBe(1);
      await vi.advanceTimersByTimeAsync(2);
      expect(nodes.asked.at(-1)).toBe('GET http://b/v2/watch');
      await vi.advanceTimersByTimeAsync(1100);
      expect(watches()).toBe(3);
      await vi.advanceTimersByTimeAsync(1800);
      expect(watches()).toBe(3);
      await vi.advanceTimersByTimeAsync(200);
      expect(watches()).toBe(4);
    } finally {
      client.close();
      vi.useRealTimers();
    }
  });

  it('has not begun where its client is closed before', async () => {
    client = clientOf(new FakeNodes(() => never));
    const { begun } = client.watch({ key: 'k' });
    client.close();
    await expect(begun).rejects.toMatchObject({ code: 'closed' });
  });

  it('follows a node that says who leads, and asks there for the members', async () => {
    const stream = new FakeStream();
    stream.progress(6);
    const nodes = new FakeNodes((_, { host, pathname }) => {
      if (host === 'a') return json(421, { error: 'not_leader', endpoint: 'http://leader' });
      return pathname === '/v2/watch' ? stream.response : json(200, { members: {} });
    });
    client = clientOf(nodes, 'http://a', 'http://b');
    expect(await client.watch({ key: 'k' }).begun).toBe(7);
    expect(nodes.asked).toEqual([
      'GET http://a/v2/watch',
      'GET http://leader/v2/watch',
      'GET http://leader/v1/members',
    ]);
  });

  it('goes on behind the last revision where its connection broke, at any node that has that past, with its token', async () => {
    const streams = [new FakeStream(), new FakeStream()];
    const asked: string[] = [];
    const open: AbortSignal[] = [];
    const nodes = new FakeNodes((_method, { pathname, search }, { headers, signal }) => {
      if (pathname !== '/v2/watch') return never;
      open.push(signal!);
      asked.push(`${search} ${new Headers(headers).get('authorization')}`);
      return streams[asked.length - 1]!.response;
    });
    client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch, token: 'secret' });
    const watch = client.watch({ key: 'k' }, { previous: true });
    streams[0]!.progress(6);
    streams[0]!.delete('k', 7);
    expect((await watch.next()).value).toMatchObject({ revision: 7 });
    streams[0]!.break();
    streams[1]!.tell('event: delete\ndata: {"revision":9,"key":"k","prev":null}\nid: 9\n\n');
    expect((await watch.next()).value).toMatchObject({ revision: 9, previous: null });
    expect(asked).toEqual([
      '?key=k&prev=true Bearer secret',
      '?key=k&prev=true&revision=8&consistency=stale Bearer secret',
    ]);
    expect(open.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('waits for a revision that is still to come, though a node tells how far it is', async () => {
    const streams = [new FakeStream(), new FakeStream()];
    const asked: string[] = [];
    const nodes = new FakeNodes((_method, { pathname, search }) =>
      pathname === '/v2/watch' ? streams[asked.push(search) - 1]!.response : never,
    );
    client = clientOf(nodes);
    const next = client.watch({ key: 'k' }, { from: 10 }).next();
    streams[0]!.progress(6);
    streams[0]!.end();
    streams[1]!.delete('k', 10);
    expect((await next).value).toMatchObject({ revision: 10 });
    expect(asked[1]).toBe('?key=k&revision=10&consistency=stale');
  });

  it('goes on as long as one of its nodes may yet be reached', async () => {
    const stream = new FakeStream();
    stream.progress(6);
    let isUp = false;
    const nodes = new FakeNodes((_method, { host }) => {
      if (host === 'a') return json(421, { error: 'not_leader', endpoint: 'http://leader' });
      if (isUp) return stream.response;
      isUp = true;
      return json(503, {});
    });
    client = clientOf(nodes, 'https://a', 'https://b');
    expect(await client.watch({ key: 'k' }).begun).toBe(7);
  });

  it('has begun at once where it is told from when on, and tells so', async () => {
    client = clientOf(new FakeNodes(() => never));
    expect(await client.watch({ key: 'k' }, { from: 3 }).begun).toBe(3);
  });

  it.each([408, 429, 500, 503])('asks another node where one answers %d', async (status) => {
    const stream = new FakeStream();
    stream.progress(6);
    const nodes = new FakeNodes((_method, { host }) =>
      host === 'a' ? json(status, { error: 'not_now' }) : stream.response,
    );
    client = clientOf(nodes, 'http://a', 'http://b');
    expect(await client.watch({ key: 'k' }).begun).toBe(7);
  });

  it('throws what a node refuses it with, and asks no other', async () => {
    const nodes = new FakeNodes(() => json(401, { error: 'unauthorized', message: 'no token' }));
    client = clientOf(nodes, 'http://a', 'http://b');
    const watch = client.watch({ key: 'k' });
    const refusal = { code: 'unauthorized', message: 'no token', status: 401 };
    await expect(watch.begun).rejects.toMatchObject(refusal);
    await expect(watch.next()).rejects.toMatchObject(refusal);
    expect(nodes.asked).toEqual(['GET http://a/v2/watch']);
  });

  it('throws where a node has forgotten meanwhile what comes next', async () => {
    const stream = new FakeStream();
    stream.progress(6);
    stream.tell('event: compacted\ndata: {"oldest":20}\n\n');
    client = clientOf(new FakeNodes(() => stream.response));
    await expect(client.watch({ key: 'k' }).next()).rejects.toMatchObject({
      code: 'compacted',
      message: expect.stringContaining('what happened before revision 20 is forgotten'),
    });
  });

  it('tells neither twice nor not at all what a node tells in several events of one revision', async () => {
    const streams = [new FakeStream(), new FakeStream()];
    let opened = 0;
    const nodes = new FakeNodes((_method, { pathname }) =>
      pathname === '/v2/watch' ? streams[opened++]!.response : never,
    );
    client = clientOf(nodes);
    const watch = client.watch({ prefix: '' }, { from: 7 });
    const part = (key: string): string => `event: delete\ndata: ${JSON.stringify({ revision: 7, key })}\n\n`;
    streams[0]!.tell(part('a'));
    expect((await watch.next()).value).toMatchObject({ key: 'a' });
    streams[0]!.break();
    streams[1]!.tell(part('a') + part('b'));
    streams[1]!.delete('c', 7);
    expect((await watch.next()).value).toMatchObject({ key: 'b' });
    expect((await watch.next()).value).toMatchObject({ key: 'c' });
  });

  it('follows none from HTTPS to HTTP, and says so', async () => {
    const nodes = new FakeNodes(() => json(421, { error: 'not_leader', endpoint: 'http://leader' }));
    client = clientOf(nodes, 'https://a');
    await expect(client.watch({ key: 'k' }).next()).rejects.toMatchObject({
      code: 'unreachable',
      message:
        'no node can be reached: https://a names a leader that speaks HTTP, http://leader: give its https:// address',
    });
    expect(nodes.asked).toEqual(['GET https://a/v2/watch']);
  });

  it('throws where something else than a node answers', async () => {
    const stream = new FakeStream();
    stream.tell('event: put\ndata: <html>\n\n');
    client = clientOf(new FakeNodes(() => stream.response));
    await expect(client.watch({ key: 'k' }).next()).rejects.toMatchObject({ code: 'bad_answer' });
  });
});

describe('a watch, as time goes by,', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks again and again where no node has one, after longer and longer, but no more than a second', async () => {
    const nodes = new FakeNodes(() => json(503, {}));
    client = clientOf(nodes);
    const ended = client.watch({ key: 'k' }).next();
    const askedWithin = async (ms: number): Promise<number> => {
      const before = nodes.asked.length;
      await vi.advanceTimersByTimeAsync(ms);
      return nodes.asked.length - before;
    };
    // At 25, 75, 175, 375 and 775 ms, then at 1575, and each second after.
    expect(await askedWithin(24)).toBe(0);
    expect(await askedWithin(1)).toBe(1);
    expect(await askedWithin(975)).toBe(4);
    expect(await askedWithin(600)).toBe(1);
    expect(await askedWithin(10_000)).toBe(10);
    client.close();
    expect(await ended).toMatchObject({ done: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes to a node again that falls silent, but not for what its consumer takes to handle an event', async () => {
    const streams: FakeStream[] = [];
    const nodes = new FakeNodes((_, { pathname }) => {
      if (pathname !== '/v2/watch') return json(200, { members: {} });
      streams.push(new FakeStream());
      streams.at(-1)!.progress(1);
      return streams.at(-1)!.response;
    });
    client = clientOf(nodes);
    const watch = client.watch({ prefix: '' });
    await watch.begun;
    streams[0]!.delete('a', 2);
    expect((await watch.next()).value).toMatchObject({ key: 'a' });
    await vi.advanceTimersByTimeAsync(100_000);
    streams[0]!.delete('b', 3);
    expect((await watch.next()).value).toMatchObject({ key: 'b' });
    expect(streams).toHaveLength(1);

    const next = watch.next();
    await vi.advanceTimersByTimeAsync(29_900);
    expect(streams).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(streams).toHaveLength(2);
    streams[1]!.delete('c', 4);
    expect((await next).value).toMatchObject({ key: 'c' });
  });
});
