import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/adapters/system/clock.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { TokenFile } from '../../../../src/store/http/access/token-file.ts';
import { newToken } from '../../../../src/store/http/access/tokens.ts';
import { EventStream } from './event-stream.ts';
import { ServedNode } from './served.ts';

let served: ServedNode;
const streams: EventStream[] = [];
beforeEach(async () => {
  served = await ServedNode.open();
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await served.close();
});
const restart = async (options: Parameters<typeof ServedNode.open>[0]) => {
  await served.close();
  served = await ServedNode.open(options);
};

const watch = async (query: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStream> => {
  const stream = await EventStream.open(`http://127.0.0.1:${served.api.port}/v2/watch?${query}`, headers);
  streams.push(stream);
  return stream;
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a watch', () => {
  it('begins with how far the store is, and tells what happens to its keys from then on', async () => {
    await served.put('a/1', 'before');
    const stream = await watch('prefix=a/');
    expect(stream.response.headers['content-type']).toBe('text/event-stream');
    expect(await stream.next()).toEqual({
      type: 'progress',
      id: '2',
      data: { revision: 2, current: 2 },
    });
    await served.put('b', 'no');
    await served.put('a/2', 'yes');
    await served.ask('DELETE', '/v2/kv/a%2F2');
    expect(await stream.take(2)).toEqual([
      {
        type: 'put',
        id: '4',
        data: {
          revision: 4,
          key: 'a/2',
          value: base64('yes'),
          create_revision: 4,
          mod_revision: 4,
          version: 1,
        },
      },
      { type: 'delete', id: '5', data: { revision: 5, key: 'a/2' } },
    ]);
  });

  it('tells what was there before, if it is asked for', async () => {
    await served.put('a', '1');
    const stream = await watch('key=a&prev=true&revision=2');
    await served.put('a', '2');
    await served.ask('DELETE', '/v2/kv/a');
    const [start, ...events] = await stream.take(4);
    expect(start).toMatchObject({ type: 'progress', id: '1', data: { revision: 1, current: 2 } });
    expect(events.map((event) => event?.data.prev)).toMatchObject([
      null,
      { value: base64('1'), mod_revision: 2 },
      { value: base64('2'), version: 2 },
    ]);
  });

  it('tells puts only, or deletes only', async () => {
    const [puts, deletes] = [await watch('prefix=&only=put'), await watch('prefix=&only=delete')];
    await Promise.all([puts.next(), deletes.next()]);
    await served.put('a', '1');
    await served.ask('DELETE', '/v2/kv/a');
    await served.put('b', '1');
    await served.ask('DELETE', '/v2/kv/b');
    expect((await puts.take(2)).map((event) => [event?.type, event?.id])).toEqual([
      ['put', '2'],
      ['put', '4'],
    ]);
    expect((await deletes.take(2)).map((event) => [event?.type, event?.id])).toEqual([
      ['delete', '3'],
      ['delete', '5'],
    ]);
  });

  it('has an id at the last event of a revision only, so that whoever resumes misses none', async () => {
    const puts = ['a', 'b', 'c'].map((key) => ({ type: 'put', key, value_text: key }));
    const stream = await watch('prefix=');
    await stream.next();
    await served.ask('POST', '/v2/txn', { success: puts });
    expect((await stream.take(3)).map((event) => [event?.data.key, event?.id])).toEqual([
      ['a', null],
      ['b', null],
      ['c', '2'],
    ]);
    await served.put('d', '1');
    const resumed = await watch('prefix=&revision=1', { 'last-event-id': '2' });
    expect((await resumed.take(2)).map((event) => [event?.type, event?.id])).toEqual([
      ['progress', '2'],
      ['put', '3'],
    ]);
  });

  it('tells a revision of many events in pieces, and none twice', async () => {
    for (let at = 0; at < 128; at++) await served.put(`k${1000 + at}`, 'x'.repeat(2000));
    const stream = await watch('prefix=&prev=true&only=delete');
    await stream.next();
    await served.ask('DELETE', '/v2/kv?prefix=k');
    const events = await stream.take(128);
    expect(events.map((event) => event?.data.key)).toEqual(
      Array.from({ length: 128 }, (_, at) => `k${1000 + at}`),
    );
    expect(events.map((event) => event?.id).filter((id) => id !== null)).toEqual(['130']);
  });

  it('takes no more from the store than its client reads', async () => {
    const stream = await watch('prefix=');
    await stream.next();
    stream.response.pause();
    const value = 'x'.repeat(500_000);
    for (let at = 0; at < 20; at++) await served.put('a', value);
    // What the system has taken is told, the rest is looked for when there is room; by then it is gone.
    await served.ask('POST', '/v2/compact', { revision: 21 });
    stream.response.resume();
    const told: string[] = [];
    for (let event = await stream.next(); event !== null; event = await stream.next()) told.push(event.type);
    expect(told.length).toBeLessThan(21);
    expect(told.at(-1)).toBe('compacted');
  });

  it('that is over because of a compaction says from where on another may begin', async () => {
    for (const value of ['1', '2', '3']) await served.put('a', value);
    await served.ask('POST', '/v2/compact', { revision: 3 });
    const stream = await watch('key=a&revision=2');
    expect(stream.response.statusCode).toBe(410);
    expect(JSON.parse(await stream.text())).toMatchObject({ error: 'compacted', oldest: 3 });
    expect((await (await watch('key=a&revision=3')).take(2))[1]).toMatchObject({ type: 'put', id: '3' });
  });

  it('of a revision that is still to come waits for it', async () => {
    const stream = await watch('prefix=&revision=4');
    expect(await stream.next()).toMatchObject({ id: '3', data: { revision: 3, current: 1 } });
    for (const value of ['1', '2', '3']) await served.put('a', value);
    expect(await stream.next()).toMatchObject({ type: 'put', id: '4' });
  });

  it('that has nothing to tell shows that it is alive, and how far the store is', async () => {
    await restart({ limits: { watchHeartbeatMs: 5 } });
    const stream = await watch('key=a');
    await stream.next();
    await served.put('b', '1');
    const types: string[] = [];
    for (;;) {
      const event = await stream.next();
      types.push(event!.type);
      if (event?.id !== '2') continue;
      expect(event).toMatchObject({ type: 'progress', data: { revision: 2, current: 2 } });
      break;
    }
    expect(types).toEqual(types.map((_, at) => (at % 2 === 0 ? 'comment' : 'progress')));
  });

  it('is one of a bounded number, and makes room when it ends', async () => {
    await restart({ limits: { maxWatches: 1 } });
    const first = await watch('prefix=');
    await first.next();
    const second = await watch('prefix=');
    expect(second.response).toMatchObject({ statusCode: 429 });
    expect(JSON.parse(await second.text()).error).toBe('too_many_watches');
    const closed = new Promise((resolve) => first.response.once('close', resolve));
    first.close();
    await closed;
    let status: number | undefined;
    do status = (await watch('prefix=')).response.statusCode;
    while (status === 429);
    expect(status).toBe(200);
  });

  it.each([
    ['the node stops', () => served.node.stop()],
    ['the server closes', () => served.api.close()],
  ])('ends when %s', async (_, stop) => {
    const stream = await watch('prefix=');
    await stream.next();
    await stop();
    expect(await stream.next()).toBeNull();
    expect(stream.response.complete).toBe(true);
  });

  it('ends when its token is revoked', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'raftchart-watch-'));
    const path = join(directory, 'tokens');
    const { token, line } = newToken('read', 'reader');
    const write = (text: string) => writeFileSync(path, text, { mode: 0o600 });
    write(line);
    const tokens = new TokenFile(path, systemClock, silentLog);
    try {
      await restart({ tokens });
      served.node.kv.store.begin();
      const stream = await watch('prefix=', { authorization: `Bearer ${token}` });
      await stream.next();
      write(newToken('read', 'another').line);
      tokens.reload();
      expect(await stream.next()).toBeNull();
      expect((await watch('prefix=', { authorization: `Bearer ${token}` })).response.statusCode).toBe(401);
    } finally {
      tokens.close();
      rmSync(directory, { recursive: true });
    }
  });

  it.each([
    ['', {}, 'name the keys to watch'],
    ['key=a&revision=0', {}, 'revision is a number from 1'],
    ['key=a&only=all', {}, 'only is both, put or delete, not "all"'],
    ['key=a', { 'last-event-id': 'x' }, 'Last-Event-ID is a revision, such as 7'],
  ])('of "%s" %o is refused: %s', async (query, headers, words) => {
    const { status, body } = await served.get(`/v2/watch?${query}`, headers);
    expect(status).toBe(400);
    expect(body.message).toContain(words);
  });
});
