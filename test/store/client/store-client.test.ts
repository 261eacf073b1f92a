import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientError } from '../../../src/store/client/client-error.ts';
import { StoreClient } from '../../../src/store/client/store-client.ts';
import type { StoreClientOptions } from '../../../src/store/client/store-client-options.ts';
import type { WatchEvent } from '../../../src/store/client/watching.ts';
import { ServedNode } from '../http/v2/served.ts';

let served: ServedNode;
let client: StoreClient;

const clientOf = (options: Partial<StoreClientOptions> = {}): StoreClient =>
  new StoreClient({ endpoints: [`http://127.0.0.1:${served.api.port}`], timeoutMs: 2000, ...options });

beforeEach(async () => {
  served = await ServedNode.open();
  client = clientOf();
});

afterEach(async () => {
  client.close();
  await served.close();
});

const codeOf = (promise: Promise<unknown>): Promise<string | null> =>
  promise.then(
    () => null,
    (error) => (error as ClientError).code,
  );

const firstOf = async (events: AsyncIterable<WatchEvent>, count: number): Promise<readonly WatchEvent[]> => {
  const all: WatchEvent[] = [];
  for await (const event of events) if (all.push(event) === count) break;
  return all;
};

const eventText = (event: WatchEvent): string =>
  event.type === 'put'
    ? `${event.revision} ${event.key}=${event.pair.text()}`
    : `${event.revision} -${event.key}`;

describe('a store client', () => {
  it('writes, reads and deletes keys of any text, with values of any bytes', async () => {
    for (const key of ['a', 'a/b', 'ä ö?&#%', '日本', '.', '..']) {
      const value = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
      const { revision } = (await client.put(key, value)) as { revision: number };
      expect(await client.get(key)).toMatchObject({
        key,
        value,
        createRevision: revision,
        modRevision: revision,
        version: 1,
        lease: null,
      });
      expect(await client.delete(key)).toEqual({ isDone: true, revision: revision + 1 });
      expect(await client.get(key)).toBeNull();
    }
  });

  it('keeps a U+FEFF at the beginning of a key and of a value', async () => {
    await client.put('\uFEFFa', '\uFEFFx');
    expect((await client.get('\uFEFFa'))?.text()).toBe('\uFEFFx');
    const [listed] = (await client.page({ prefix: '\uFEFF' })).pairs;
    expect([listed?.key, listed?.text()]).toEqual(['\uFEFFa', '\uFEFFx']);
    const [event] = await firstOf(client.watch({ prefix: '' }, { from: 1 }), 1);
    expect(event?.key).toBe('\uFEFFa');
  });

  it('writes only where the key is as it is thought to be', async () => {
    const first = await client.put('a', '1', { ifRevision: 0 });
    expect(first).toEqual({ isDone: true, revision: 2 });
    expect(await client.put('a', '2', { ifRevision: 0 })).toEqual({ isDone: false, current: 2 });
    expect(await client.put('a', '2', { ifRevision: 2 })).toEqual({ isDone: true, revision: 3 });
    expect(await client.delete('a', { ifRevision: 2 })).toEqual({ isDone: false, current: 3 });
    expect(await client.put('b', '1', { ifRevision: 5 })).toEqual({ isDone: false, current: null });
    expect((await client.get('a'))?.text()).toBe('2');
  });

  it('writes a key that a URL cannot name only where it is as it is thought to be', async () => {
    await client.put('.', '1');
    await client.put('.', '2');
    expect(await client.put('.', '3', { ifRevision: 2 })).toEqual({ isDone: false, current: 3 });
    expect(await client.delete('.', { ifRevision: 2 })).toEqual({ isDone: false, current: 3 });
    expect(await client.put('..', '1', { ifRevision: 2 })).toEqual({ isDone: false, current: null });
    expect(await client.put('..', '1', { ifRevision: 0 })).toEqual({ isDone: true, revision: 4 });
  });

  it('lists keys page by page, as of one revision', async () => {
    for (let n = 0; n < 25; n++) await client.put(`k${String(n).padStart(2, '0')}`, `${n}`);
    const listed: string[] = [];
    for await (const pair of client.list({ prefix: 'k' }, { pageSize: 10 })) {
      listed.push(pair.text());
      if (listed.length === 5) await client.deleteAll({ prefix: 'k' });
    }
    expect(listed).toEqual(Array.from({ length: 25 }, (_, n) => `${n}`));
    expect(await client.count({ prefix: 'k' })).toBe(0);
    expect(await client.count({ prefix: 'k' }, { revision: 26 })).toBe(25);
    const newest = await client.page(
      { from: 'k05', to: 'k20' },
      { revision: 26, order: 'desc', pageSize: 2, keysOnly: true },
    );
    expect(newest.pairs.map(({ key, value }) => [key, value.length])).toEqual([
      ['k19', 0],
      ['k18', 0],
    ]);
    expect(newest).toMatchObject({ count: 15, revision: 26 });
    expect(newest.cursor).not.toBeNull();
  });

  it('makes a transaction as a whole, or does what is to be done otherwise', async () => {
    const moved = {
      when: [
        { key: 'a', version: 0 },
        { key: 'b', value: 'x', is: 'not_equal' as const },
      ],
      do: [{ put: 'a', value: '1' }, { put: 'c', value: Uint8Array.of(255) }, { range: { prefix: '' } }],
      else: [{ delete: { key: 'a' } }, { range: { from: 'a' }, limit: 1, keysOnly: true }],
    };
    await client.put('b', 'y');
    const first = await client.txn(moved);
    expect(first).toMatchObject({
      succeeded: true,
      revision: 3,
      results: [{ type: 'put' }, {}, { count: 3, more: false }],
    });
    const second = await client.txn(moved);
    expect(second).toMatchObject({
      succeeded: false,
      results: [
        { type: 'delete', deleted: 1 },
        { type: 'range', count: 2, more: true },
      ],
    });
    expect(await codeOf(client.txn({ do: [{ put: '', value: '' }] }))).toBe('bad_request');
    expect(await client.deleteAll({ key: 'b' })).toBe(1);
  });

  it('refuses what a node refuses, with its error', async () => {
    expect(await codeOf(client.get('a', { revision: 99 }))).toBe('future_revision');
    expect(await codeOf(client.put('a', '', { lease: '7' }))).toBe('lease_not_found');
    await served.close();
    const guarded = new StoreClient({ endpoints: ['http://127.0.0.1:1'], timeoutMs: 200 });
    expect(await codeOf(guarded.get('a'))).toBe('timed_out');
    for (const endpoint of ['127.0.0.1:8001', 'ftp://a', 'http://a/b', ''])
      expect(() => new StoreClient({ endpoints: [endpoint] })).toThrow(
        /an endpoint is a base address such as/,
      );
    expect(() => new StoreClient({ endpoints: [] })).toThrow(
      'a client needs an endpoint, such as http://127.0.0.1:8001',
    );
  });

  it('takes nothing more once it is closed, and gives up what its signal ends', async () => {
    expect(await codeOf(client.get('a', { signal: AbortSignal.abort() }))).toBe('aborted');
    expect(await codeOf(client.put('a', '', { signal: AbortSignal.abort() }))).toBe('aborted');
    served.node.isHolding = true;
    const aborter = new AbortController();
    const open = codeOf(client.put('a', '', { signal: aborter.signal }));
    await served.node.held(1);
    aborter.abort();
    expect(await open).toBe('unknown_outcome');
    client.close();
    expect(await codeOf(client.get('a'))).toBe('closed');
  });
});

describe('a write of a store client', () => {
  it('is done once, though its answers are lost', async () => {
    let lost = 3;
    const losing = clientOf({
      fetch: async (...args) => {
        const response = await fetch(...args);
        if (args[1]?.method === 'PUT' && lost-- > 0) throw new TypeError('fetch failed');
        return response;
      },
    });
    const written = await losing.put('a', 'x');
    expect(written).toEqual({ isDone: true, revision: 2 });
    expect(await client.get('a')).toMatchObject({ version: 1 });
    // What it found is found again, not once more.
    lost = 1;
    expect(await losing.put('a', 'y', { ifRevision: 2 })).toEqual({ isDone: true, revision: 3 });
    lost = 1;
    expect(await losing.put('a', 'z', { ifRevision: 2 })).toEqual({ isDone: false, current: 3 });
  });

  it('is one of many at a time', async () => {
    const patient = clientOf({ timeoutMs: 60_000 });
    const written = await Promise.all(Array.from({ length: 600 }, (_, n) => patient.put(`k${n}`, '')));
    expect(new Set(written.map((each) => each.isDone && each.revision)).size).toBe(600);
    expect(await client.count({ prefix: 'k' })).toBe(600);
  });
});

describe('a watch of a store client', () => {
  it('tells what happens to its keys, in order, from a revision on and from now on', async () => {
    await client.put('a', '1');
    await client.txn({ do: [{ put: 'b', value: '2' }, { put: 'c', value: '3' }, { delete: { key: 'a' } }] });
    const past = await firstOf(client.watch({ prefix: '' }, { from: 1, previous: true }), 4);
    expect(past.map(eventText)).toEqual(['2 a=1', '3 b=2', '3 c=3', '3 -a']);
    expect(past[3]?.previous?.text()).toBe('1');
    expect(past[0]?.previous).toBeNull();

    const next = firstOf(client.watch({ key: 'b' }), 1);
    while (served.node.watches.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await client.put('a', '4');
    await client.put('b', '5');
    expect((await next).map(eventText)).toEqual(['5 b=5']);
  });

  it('goes on where its connection broke, with none left out and none twice, within a revision as well', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (let n = 0; n < 4; n++) await client.txn({ do: keys.map((key) => ({ put: key, value: `${n}` })) });
    let opened = 0;
    const breaking = clientOf({
      fetch: async (...args) => {
        const response = await fetch(...args);
        if (!String(args[0]).includes('/watch')) return response;
        const cutAt = 300 * ++opened;
        let passed = 0;
        const cut = new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) => {
            const left = chunk.subarray(0, Math.max(0, cutAt - passed));
            passed += chunk.length;
            controller.enqueue(left);
            if (passed > cutAt) controller.error(new TypeError('terminated'));
          },
        });
        return new Response(response.body!.pipeThrough(cut), { status: response.status });
      },
    });
    const events = await firstOf(breaking.watch({ prefix: '' }, { from: 2 }), 20);
    expect(events.map(eventText)).toEqual(
      [0, 1, 2, 3].flatMap((n) => keys.map((key) => `${n + 2} ${key}=${n}`)),
    );
    expect(opened).toBeGreaterThan(3);
    breaking.close();
  });

  it('ends with its signal and with the client, and says what is forgotten', async () => {
    for (let n = 0; n < 5; n++) await client.put('a', `${n}`);
    served.node.kv.store.compact(4);
    expect(await codeOf(firstOf(client.watch({ key: 'a' }, { from: 2 }), 1))).toBe('compacted');
    const aborter = new AbortController();
    const ended = firstOf(client.watch({ key: 'z' }, { signal: aborter.signal }), 1);
    const closed = firstOf(client.watch({ key: 'z' }), 1);
    while (served.node.watches.size < 2) await new Promise((resolve) => setImmediate(resolve));
    aborter.abort();
    expect(await ended).toEqual([]);
    client.close();
    expect(await closed).toEqual([]);
  });
});
