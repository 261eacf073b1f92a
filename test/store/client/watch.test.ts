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
    client = clientOf(nodes);
    expect(await client.watch({ key: 'k' }).begun).toBe(7);
    expect(nodes.asked).toEqual([
      'GET http://a/v2/watch',
      'GET http://leader/v2/watch',
      'GET http://leader/v1/members',
    ]);
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
