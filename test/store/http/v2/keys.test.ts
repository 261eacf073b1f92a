import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePut } from '../../../../src/store/kv/commands.ts';
import { ServedNode } from './served.ts';

let served: ServedNode;
beforeEach(async () => {
  served = await ServedNode.open();
});
afterEach(() => served.close());

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a key of version 2', () => {
  it('is put and read with its revisions', async () => {
    const put = await served.put('x', 'one');
    expect(put).toMatchObject({ status: 200, body: { revision: 2, index: 2, term: 2 } });
    expect(put.headers.get('etag')).toBe('"2"');
    await served.put('x', 'two');
    await served.put('y', '');
    const { status, headers, body } = await served.get('/v2/kv/x');
    const told = [
      'etag',
      'x-raft-revision',
      'x-raft-create-revision',
      'x-raft-mod-revision',
      'x-raft-version',
    ];
    expect({ status, body, told: told.map((name) => headers.get(name)) }).toEqual({
      status: 200,
      body: 'two',
      told: ['"3"', '4', '2', '3', '2'],
    });
    expect(headers.get('x-raft-lease')).toBeNull();
  });

  it('that was put by version 1 is the same one, whichever came first', async () => {
    served.node.kv.apply(encodePut('x', Buffer.from('1')));
    expect(await served.get('/v2/kv/x')).toMatchObject({ status: 200, body: '1' });
    await served.ask('PUT', '/v1/kv/x', '2');
    const read = await served.get('/v2/kv/x');
    expect(read).toMatchObject({ status: 200, body: '2' });
    expect(read.headers.get('x-raft-mod-revision')).toBe('2');
    await served.put('x', '3');
    expect((await served.get('/v1/kv/x')).body).toBe('3');
  });

  it('that is absent is not found, as of a revision', async () => {
    expect(await served.get('/v2/kv/x')).toMatchObject({
      status: 404,
      body: { error: 'key_not_found', revision: 1, index: 2, term: 2 },
    });
  });

  it('is not sent again to a reader who has it', async () => {
    await served.put('x', 'one');
    const known = await served.get('/v2/kv/x', { 'if-none-match': '"1", "2"' });
    expect(known).toMatchObject({ status: 304, body: '' });
    expect(known.headers.get('etag')).toBe('"2"');
    expect((await served.get('/v2/kv/x', { 'if-none-match': '"1"' })).status).toBe(200);
  });

  it('is read as it was at a revision, unless that is compacted or has not come', async () => {
    await served.put('x', 'one');
    await served.put('x', 'two');
    expect((await served.get('/v2/kv/x?revision=2')).body).toBe('one');
    expect(await served.get('/v2/kv/x?revision=1')).toMatchObject({ status: 404 });
    expect(await served.get('/v2/kv/x?revision=9')).toMatchObject({
      status: 409,
      body: { error: 'future_revision', revision: 3 },
    });
    expect(await served.ask('POST', '/v2/compact', { revision: 3 })).toMatchObject({ status: 200 });
    expect(await served.get('/v2/kv/x?revision=2')).toMatchObject({
      status: 410,
      body: { error: 'compacted', oldest: 3 },
    });
    expect((await served.get('/v2/kv/x?revision=3')).body).toBe('two');
  });

  it('of any bytes is percent-encoded', async () => {
    await served.put('a%2F%ff', '1');
    expect((await served.get('/v2/kv?prefix=a/')).body.kvs).toMatchObject([
      { key_base64: Buffer.from('a/\xff', 'latin1').toString('base64') },
    ]);
    expect((await served.get('/v2/kv/a%2F%FF')).body).toBe('1');
  });

  it.each([
    ['PUT', '/v2/kv/', 400, 'the key is empty'],
    ['PUT', `/v2/kv/${'k'.repeat(1025)}`, 414, 'a key has at most 1024 bytes'],
    ['PUT', '/v2/kv/a%zz', 400, 'a key must be percent-encoded'],
    ['GET', '/v2/kv/a/b', 404, 'no such path'],
    ['GET', '/v2/kv/a?revision=0', 400, 'revision is a number from 1'],
    ['GET', '/v2/kv/a?revision=1&revision=2', 400, 'revision is given twice'],
    [
      'GET',
      '/v2/kv/a?when=1',
      400,
      'unknown query parameter "when": this request takes revision and consistency',
    ],
    ['GET', '/v2/kv/a?consistency=x', 400, 'consistency is linearizable, lease or stale, not "x"'],
    ['PUT', '/v2/kv/a?lease=0', 400, 'lease is a decimal number from 1'],
    ['DELETE', '/v2/kv/a?prev=true', 400, 'this request takes no query parameters'],
    ['POST', '/v2/kv/a', 405, 'allowed here: GET, HEAD, PUT, DELETE'],
    ['GET', '/v2/nothing', 404, 'no such path'],
  ])('%s %s is refused with %i: %s', async (method, path, status, words) => {
    const answer = await served.ask(method, path, method === 'PUT' ? '1' : null);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(words);
  });
});

describe('a write under a condition', () => {
  it.each([
    ['PUT', { 'if-none-match': '*' }],
    ['PUT', { 'if-match': '"3"' }],
    ['PUT', { 'if-none-match': '"2"' }],
    ['DELETE', { 'if-match': '"1"' }],
  ])('%s %o does nothing where it does not hold, and says what is there', async (method, headers) => {
    await served.put('x', 'one');
    const refused = await served.ask(method, '/v2/kv/x', method === 'PUT' ? 'two' : null, headers);
    expect(refused).toMatchObject({
      status: 412,
      body: {
        error: 'precondition_failed',
        revision: 2,
        current: { create_revision: 2, mod_revision: 2, version: 1 },
      },
    });
    expect(refused.headers.get('etag')).toBe('"2"');
    expect((await served.get('/v2/kv/x')).body).toBe('one');
  });

  it('of a key that must exist says that it does not', async () => {
    for (const headers of [{ 'if-match': '*' }, { 'if-match': '"7"' }, { 'if-match': '"0"' }])
      expect(await served.put('x', 'one', headers)).toMatchObject({ status: 412, body: { current: null } });
  });

  it.each([
    ['PUT', { 'if-match': '"2"' }, { revision: 3 }],
    ['PUT', { 'if-match': '*' }, { revision: 3 }],
    ['PUT', { 'if-none-match': '"1"' }, { revision: 3 }],
    ['DELETE', { 'if-match': '"2"' }, { revision: 3, deleted: 1 }],
  ])('%s %o is done where it holds', async (method, headers, body) => {
    await served.put('x', 'one');
    const done = await served.ask(method, '/v2/kv/x', method === 'PUT' ? 'two' : null, headers);
    expect(done).toMatchObject({ status: 200, body });
    if (method === 'PUT') expect(done.headers.get('etag')).toBe('"3"');
  });

  it('If-None-Match of a revision holds where there is no key', async () => {
    expect((await served.put('x', 'one', { 'if-none-match': '"7"' })).status).toBe(200);
    expect((await served.put('y', 'one', { 'if-none-match': '"0"' })).status).toBe(200);
    expect((await served.put('y', 'two', { 'if-none-match': '"0"' })).status).toBe(200);
  });

  it('that names no revision is refused', async () => {
    expect((await served.put('x', '1', { 'if-match': 'W/"2"' })).body.message).toBe(
      'If-Match is * or one revision in quotes, such as "7"',
    );
  });
});

describe('a write of version 2 under a key', () => {
  it('happens once, however late it is repeated', async () => {
    let clockMs = 1_700_000_000_000;
    await served.close();
    served = await ServedNode.open({ wallClock: () => clockMs });
    const once = { 'idempotency-key': 'once' };
    const first = await served.put('x', '1', once);
    await served.put('x', '2');
    clockMs += 5000;
    const again = await served.put('x', '1', once);
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await served.get('/v2/kv/x')).body).toBe('2');
    expect((await served.put('x', '3', once)).body.error).toBe('key_reused');
    const session = { 'x-raft-session': 's; sequence=1; received=0; age=0' };
    const granted = await served.ask('POST', '/v2/leases', { ttl: 60 }, session);
    clockMs += 1;
    expect((await served.ask('POST', '/v2/leases', { ttl: 60 }, session)).body).toEqual(granted.body);
  });
});

describe('a list', () => {
  const fill = async () => {
    for (const key of ['a/1', 'a/2', 'b/1', 'a/3']) await served.put(key, `value of ${key}`);
    await served.put('a/1', 'anew');
  };
  const keysIn = ({ body }: { readonly body: { readonly kvs: readonly { readonly key: string }[] } }) =>
    body.kvs.map(({ key }) => key);

  it('has the pairs with a prefix, and how many there are', async () => {
    await fill();
    expect(await served.get('/v2/kv?prefix=a/&limit=2')).toMatchObject({
      status: 200,
      body: {
        revision: 6,
        count: 3,
        more: true,
        next: expect.stringMatching(/^[\w-]+$/),
        kvs: [
          { key: 'a/1', value: base64('anew'), create_revision: 2, mod_revision: 6, version: 2 },
          { key: 'a/2', value: base64('value of a/2'), create_revision: 3, mod_revision: 3, version: 1 },
        ],
      },
    });
  });

  it.each([
    ['', ['a/1', 'a/2', 'a/3', 'b/1']],
    ['?prefix=', ['a/1', 'a/2', 'a/3', 'b/1']],
    ['?key=a/2', ['a/2']],
    ['?from=a/2&to=b', ['a/2', 'a/3']],
    ['?from=a/3', ['a/3', 'b/1']],
    ['?to=a/3', ['a/1', 'a/2']],
    ['?order=desc', ['b/1', 'a/3', 'a/2', 'a/1']],
    ['?sort=mod', ['a/2', 'b/1', 'a/3', 'a/1']],
    ['?sort=version&order=desc&limit=1', ['a/1']],
    ['?min_mod_revision=4', ['a/1', 'a/3', 'b/1']],
    ['?max_create_revision=3', ['a/1', 'a/2']],
    ['?revision=3', ['a/1', 'a/2']],
    ['?count_only=true', []],
  ])('%s has %j', async (query, keys) => {
    await fill();
    expect(keysIn(await served.get(`/v2/kv${query}`))).toEqual(keys);
  });

  it('without values has none', async () => {
    await fill();
    const { kvs } = (await served.get('/v2/kv?keys_only=true&limit=1')).body;
    expect(kvs).toEqual([{ key: 'a/1', create_revision: 2, mod_revision: 6, version: 2 }]);
  });

  it.each(['', '&order=desc', '&sort=value', '&min_mod_revision=3'])(
    'goes on page by page as it was at first%s, whatever is written meanwhile',
    async (more) => {
      await fill();
      const whole = keysIn(await served.get(`/v2/kv?prefix=${more}`));
      const seen: string[] = [];
      let page = await served.get(`/v2/kv?prefix=&limit=1${more}`);
      for (let pages = 0; ; pages++) {
        seen.push(...keysIn(page));
        expect(page.body).toMatchObject({ revision: 6, count: 4, more: page.body.next !== undefined });
        if (page.body.next === undefined) break;
        await served.put(`a/${pages}x`, '1');
        page = await served.get(`/v2/kv?cursor=${page.body.next}`);
      }
      expect(seen).toEqual(whole);
    },
  );

  it('has pages of a bounded size, and at least one pair on each', async () => {
    for (const key of ['a', 'b', 'c']) await served.put(key, key.repeat(600_000));
    const first = await served.get('/v2/kv?prefix=');
    expect(keysIn(first)).toEqual(['a']);
    const second = await served.get(`/v2/kv?cursor=${first.body.next}&limit=5`);
    expect(keysIn(second)).toEqual(['b']);
    expect(keysIn(await served.get('/v2/kv?keys_only=true'))).toEqual(['a', 'b', 'c']);
  });

  it('looks at a bounded number of keys for one page, which may be empty', async () => {
    for (let at = 0; at < 10_001; at++) served.node.kv.apply(encodePut(`k${10_000 + at}`, Buffer.from('')));
    await served.put('z', '1');
    const first = await served.get('/v2/kv?min_mod_revision=2');
    expect(first.body).toMatchObject({ count: 10_002, more: true, kvs: [] });
    expect(keysIn(await served.get(`/v2/kv?cursor=${first.body.next}`))).toEqual(['z']);
    expect((await served.get('/v2/kv?sort=mod')).body.message).toBe(
      'at most 10000 keys are sorted, this range has 10002: name fewer, or sort by key',
    );
  });

  it.each([
    ['?limit=0', 'limit is a number from 1 to 1000, not "0"'],
    ['?limit=1001', 'limit is a number from 1 to 1000, not "1001"'],
    ['?key=a&prefix=b', 'give a key, or a prefix, or from and to'],
    ['?key=', 'the key is empty'],
    ['?to=', 'to is empty'],
    ['?order=up', 'order is asc or desc, not "up"'],
    ['?sort=size', 'sort is key, version, create, mod or value, not "size"'],
    ['?keys_only=1', 'keys_only is false or true, not "1"'],
    ['?prefix=%zz', 'prefix must be percent-encoded'],
    [`?prefix=${'p'.repeat(1025)}`, 'prefix has at most 1024 bytes'],
    ['?cursor=abc', 'cursor is not one that a list has given as next'],
    ['?cursor=abc&prefix=a', 'prefix is in the cursor'],
  ])('%s is refused: %s', async (query, words) => {
    const answer = await served.get(`/v2/kv${query}`);
    expect(answer).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    expect(answer.body.message).toContain(words);
  });
});

describe('a delete of many keys', () => {
  it('says how many there were', async () => {
    for (const key of ['a/1', 'a/2', 'b/1']) await served.put(key, '1');
    expect(await served.ask('DELETE', '/v2/kv?prefix=a/')).toMatchObject({
      status: 200,
      body: { revision: 5, deleted: 2 },
    });
    expect((await served.ask('DELETE', '/v2/kv?prefix=a/')).body).toMatchObject({ revision: 5, deleted: 0 });
    expect((await served.ask('DELETE', '/v2/kv?prefix=')).body).toMatchObject({ revision: 6, deleted: 1 });
  });

  it('that names none deletes nothing', async () => {
    await served.put('a', '1');
    expect(await served.ask('DELETE', '/v2/kv')).toMatchObject({ status: 400 });
    expect((await served.get('/v2/kv')).body.count).toBe(1);
  });
});

describe('a read before revisions have begun', () => {
  it('begins them, once', async () => {
    expect((await served.get('/v2/kv')).body).toMatchObject({ revision: 1, count: 0 });
    expect(served.node.submitted).toBe(1);
    await served.get('/v2/kv/x');
    expect(served.node.submitted).toBe(1);
  });

  it.each([
    [421, { type: 'notLeader', leader: 3 }, 'not_leader'],
    [429, { type: 'overloaded' }, 'overloaded'],
    [504, { type: 'unknownOutcome', index: 2, term: 2 }, 'read_timed_out'],
    [504, { type: 'overwritten', index: 2, term: 2 }, 'read_timed_out'],
  ] as const)('is answered %i for %o', async (status, outcome, error) => {
    served.node.readOutcome = { type: 'ready', index: 1 };
    served.node.refusal = outcome;
    expect(await served.get('/v2/kv/x')).toMatchObject({ status, body: { error } });
  });
});
