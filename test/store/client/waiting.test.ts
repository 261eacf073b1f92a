import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../../src/store/client/client.ts';
import type { KeyValuePair } from '../../../src/store/client/key-value.ts';
import { ServedNode } from '../http/v2/served.ts';

let served: ServedNode;
let client: Client;
let other: Client;

/** `before` is done each time a request is about to be sent. */
const clientOf = (before: (method: string, path: string) => Promise<void> = async () => {}): Client =>
  new Client({
    endpoints: [`http://127.0.0.1:${served.api.port}`],
    timeoutMs: 5000,
    fetch: async (...args) => {
      const url = new URL(String(args[0]));
      await before(args[1]?.method ?? 'GET', `${url.pathname}${url.search}`);
      return fetch(...args);
    },
  });

beforeEach(async () => {
  served = await ServedNode.open();
  client = clientOf();
  other = clientOf();
});

afterEach(async () => {
  client.close();
  other.close();
  await served.close();
});

const watched = async (count: number): Promise<void> => {
  while (served.node.watches.size !== count) await new Promise((resolve) => setImmediate(resolve));
};

/** Forgets all of the past, which ends with some changes. */
const forget = async (): Promise<void> => {
  for (const value of ['1', '2', '3']) await served.put('elsewhere', value);
  const { store } = served.node.kv;
  store.compact(store.revision);
};

/** Whose first watch comes too late: what happened before it is forgotten. */
const clientThatIsLate = (): { readonly late: Client; readonly isLate: () => boolean } => {
  let isLate = false;
  const late = clientOf(async (_, path) => {
    if (isLate || !path.startsWith('/v2/watch')) return;
    isLate = true;
    await forget();
  });
  return { late, isLate: () => isLate };
};

describe('a lock', () => {
  it('is waited for, though the past in which its holder came is forgotten', async () => {
    const held = await client.lock('door');
    await forget();
    const { late, isLate } = clientThatIsLate();
    const waiting = late.lock('door');
    await watched(1);
    expect(isLate()).toBe(true);
    await held.release();
    const next = await waiting;
    expect(next.token).toBeGreaterThan(held.token);
    await next.release();
    late.close();
  });

  it('is not given to one whose own key is gone', async () => {
    const held = await client.lock('door');
    const waiting = other.lock('door');
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'lease_not_found' });
    await watched(1);
    const { pairs } = await client.page({ prefix: 'door//' }, { sort: 'create' });
    await client.delete(pairs[1]!.key);
    await held.release();
    await outcome;
  });

  it('is given up with the signal, and leaves no key', async () => {
    const held = await client.lock('door');
    const aborter = new AbortController();
    const outcome = expect(other.lock('door', { signal: aborter.signal })).rejects.toMatchObject({
      code: 'aborted',
      message: 'waiting for door was given up',
    });
    await watched(1);
    aborter.abort();
    await outcome;
    expect(await client.count({ prefix: 'door//' })).toBe(1);
    await held.release();
  });

  it('is not waited for any more once the client is closed, and says so', async () => {
    const held = await client.lock('door');
    const outcome = expect(other.lock('door')).rejects.toMatchObject({
      code: 'closed',
      message: 'the client was closed while it waited for door',
    });
    await watched(1);
    other.close();
    await outcome;
    await held.release();
  });

  it('is given up while it is asked who is before, with the signal and with the client', async () => {
    const aborter = new AbortController();
    const asking = clientOf(async (_, path) => {
      if (path.includes('max_create_revision')) aborter.abort();
    });
    await expect(asking.lock('door', { signal: aborter.signal })).rejects.toMatchObject({ code: 'aborted' });
    asking.close();
    const closing = clientOf(async (_, path) => {
      if (path.includes('max_create_revision')) closing.close();
    });
    await expect(closing.lock('door')).rejects.toMatchObject({ code: 'closed' });
  });

  it('says where a key of it is in use already', async () => {
    const robbed = clientOf(async (method, path) => {
      if (method === 'PUT' && path.startsWith('/v2/kv/door')) await served.put(path.split(/[/?]/)[3]!, '');
    });
    await expect(robbed.lock('door')).rejects.toMatchObject({ code: 'key_exists' });
    robbed.close();
  });

  it('has to do with no lock whose name begins with its own', async () => {
    const inner = await client.lock('door/left');
    const outer = await other.lock('door');
    await Promise.all([inner.release(), outer.release()]);
  });
});

it.each(['', 'a/', 'a//b', '/'])('a lock, election or queue has no such name: %j', async (name) => {
  const words = 'a name such as jobs/mail has no // in it and no / at the end, unlike';
  await expect(client.lock(name)).rejects.toThrow(words);
  expect(() => client.queue(name)).toThrow(words);
  expect(() => client.election(name)).toThrow(words);
});

describe('an election', () => {
  it('is observed, though what happened meanwhile is forgotten', async () => {
    const chief = await client.election('chief').campaign('a');
    const { late } = clientThatIsLate();
    const aborter = new AbortController();
    const seen: (string | null)[] = [];
    const observing = (async () => {
      for await (const leader of late.election('chief').observe(aborter.signal)) seen.push(nameOf(leader));
    })();
    await watched(1);
    await chief.release();
    const next = await client.election('chief').campaign('b');
    while (seen.at(-1) !== 'b') await new Promise((resolve) => setImmediate(resolve));
    expect(seen.filter((name) => name !== null)).toEqual(['a', 'b']);
    aborter.abort();
    await observing;
    await next.release();
    late.close();
  });

  it('is not observed any more once the signal comes, though it was just being asked who leads', async () => {
    const aborter = new AbortController();
    const asking = clientOf(async (_, path) => {
      if (path.startsWith('/v2/kv?')) aborter.abort();
    });
    expect(await asking.election('chief').observe(aborter.signal).next()).toMatchObject({ done: true });
    asking.close();
  });

  it('is not observed any more once the client is closed', async () => {
    const observing = other.election('chief').observe();
    expect((await observing.next()).value).toBeNull();
    const next = observing.next();
    await watched(1);
    other.close();
    expect(await next).toMatchObject({ done: true });
  });
});

const nameOf = (leader: KeyValuePair | null): string | null => leader?.text() ?? null;

describe('a queue', () => {
  it('gives items in the order in which they were added, by any client, and finds them by their keys', async () => {
    const lists: string[] = [];
    const taking = clientOf(async (_, path) => {
      if (path.startsWith('/v2/kv?')) lists.push(path);
    });
    const added = Array.from({ length: 30 }, (_, n) => `${n}`);
    for (const [at, value] of added.entries()) await (at % 2 === 0 ? client : other).queue('jobs').add(value);
    const taken: string[] = [];
    for (;;) {
      const item = await taking.queue('jobs').poll();
      if (item === null) break;
      taken.push(item.text());
    }
    expect(taken).toEqual(added);
    // Any other sort would read the whole queue for each item.
    expect(new Set(lists)).toEqual(new Set(['/v2/kv?prefix=jobs%2F%2F&limit=10']));
    taking.close();
  });

  it('is waited at, though what happened meanwhile is forgotten', async () => {
    const { late } = clientThatIsLate();
    const taking = late.queue('jobs').take();
    await watched(1);
    await client.queue('jobs').add('sweep');
    expect((await taking).text()).toBe('sweep');
    late.close();
  });

  it('is not waited at any more once the signal comes, nor once the client is closed', async () => {
    const aborter = new AbortController();
    const outcomes = [
      expect(client.queue('jobs').take(aborter.signal)).rejects.toMatchObject({ code: 'aborted' }),
      expect(other.queue('jobs').take()).rejects.toMatchObject({ code: 'closed' }),
    ];
    await watched(2);
    aborter.abort();
    other.close();
    await Promise.all(outcomes);
    const late = new AbortController();
    const asking = clientOf(async () => late.abort());
    await expect(asking.queue('jobs').take(late.signal)).rejects.toMatchObject({ code: 'aborted' });
    asking.close();
  });

  it('has none of the items of a queue whose name begins with its own', async () => {
    await client.queue('jobs/mail').add('letter');
    expect(await client.queue('jobs').poll()).toBeNull();
    expect((await client.queue('jobs/mail').poll())?.text()).toBe('letter');
  });
});
