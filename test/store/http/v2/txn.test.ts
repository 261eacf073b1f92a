import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServedNode } from './served.ts';

let served: ServedNode;
beforeEach(async () => {
  served = await ServedNode.open();
});
afterEach(() => served.close());

const txn = (body: object | string) => served.ask('POST', '/v2/txn', body);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const put = (key: string, value = '1') => ({ type: 'put', key, value_text: value });

describe('a transaction', () => {
  it('does what stands under success where all that is compared holds', async () => {
    await served.put('a', '1');
    const done = await txn({
      compare: [
        { key: 'a', target: 'value', result: 'equal', value_text: '1' },
        { key: 'a', target: 'mod', result: 'greater', number: 1 },
        { prefix: 'b', target: 'version', result: 'equal', number: 0 },
      ],
      success: [
        { type: 'put', key: 'a', value: base64('2'), prev: true },
        { type: 'range', prefix: '' },
        { type: 'delete', key: 'a', prev: true },
        { type: 'txn', success: [put('b')] },
      ].filter(({ type }) => type !== 'delete'),
      failure: [{ type: 'delete', prefix: '' }],
    });
    expect(done).toMatchObject({
      status: 200,
      body: {
        revision: 3,
        succeeded: true,
        index: 3,
        results: [
          { type: 'put', prev: { key: 'a', value: base64('1'), mod_revision: 2 } },
          { type: 'range', count: 1, more: false, kvs: [{ key: 'a', value: base64('2'), mod_revision: 3 }] },
          { type: 'txn', succeeded: true, results: [{ type: 'put' }] },
        ],
      },
    });
  });

  it('does what stands under failure where something does not hold', async () => {
    await served.put('a', '1');
    const compare = [{ key: 'a', target: 'create', result: 'not_equal', number: 2 }];
    const failure = [{ type: 'delete', prefix: 'a', prev: true }];
    expect((await txn({ compare, success: [put('b')], failure })).body).toMatchObject({
      succeeded: false,
      results: [{ type: 'delete', deleted: 1, prev: [{ key: 'a', value: base64('1') }] }],
    });
  });

  it('has keys and values of any bytes', async () => {
    const key = Buffer.from([0xff, 0xfe]).toString('base64');
    const value = Buffer.from([0, 0xff]).toString('base64');
    await txn({ success: [{ type: 'put', key_base64: key, value }] });
    expect((await txn({ success: [{ type: 'range', from_base64: key }] })).body.results[0].kvs).toMatchObject(
      [{ key_base64: key, value }],
    );
  });

  it('has no values where only keys are asked for', async () => {
    await served.put('a', '1');
    const { body } = await txn({ success: [{ type: 'range', key: 'a', keys_only: true }] });
    expect(body.results[0].kvs).toEqual([{ key: 'a', create_revision: 2, mod_revision: 2, version: 1 }]);
  });

  it('keeps the value or the lease of a key that exists, and is refused for one that does not', async () => {
    await served.ask('POST', '/v2/leases', { ttl: 60, id: '7' });
    await served.ask('PUT', '/v2/kv/a?lease=7', '1');
    await txn({ success: [{ type: 'put', key: 'a', keep_value: true, keep_lease: true }] });
    const { headers, body } = await served.get('/v2/kv/a');
    expect([body, headers.get('x-raft-lease'), headers.get('x-raft-version')]).toEqual(['1', '7', '2']);
    expect(await txn({ success: [{ type: 'put', key: 'b', keep_value: true }] })).toMatchObject({
      status: 404,
      body: { error: 'key_not_found' },
    });
    expect(await txn({ success: [{ ...put('a'), lease: '8' }] })).toMatchObject({
      status: 404,
      body: { error: 'lease_not_found' },
    });
  });

  it('has an answer of a bounded size, which says what is left out', async () => {
    for (const key of ['a', 'b', 'c']) await served.put(key, key.repeat(500_000));
    const { body } = await txn({
      success: [
        { type: 'range', prefix: '' },
        { ...put('a'), prev: true },
        { type: 'delete', from: 'b', prev: true },
      ],
    });
    expect(body.results).toMatchObject([
      { type: 'range', count: 3, more: true, kvs: [{ key: 'a' }, { key: 'b' }] },
      { type: 'put', prev_omitted: true },
      { type: 'delete', deleted: 2, prev: [], prev_omitted: true },
    ]);
  });

  it('may write a key in either branch of one within it, but not twice in one', async () => {
    const inner = { type: 'txn', success: [put('a')], failure: [put('a', '2')] };
    expect((await txn({ success: [inner], failure: [put('a')] })).status).toBe(200);
    for (const other of [put('a'), { type: 'delete', prefix: 'a' }, inner]) {
      for (const success of [
        [inner, other],
        [other, inner],
      ])
        expect(await txn({ success })).toMatchObject({
          status: 400,
          body: { message: 'duplicate key: one branch of a transaction writes {"key":"a"} twice' },
        });
    }
    const deletes = ['a', 'ab'].map((prefix) => ({ type: 'delete', prefix }));
    expect((await txn({ success: deletes })).status).toBe(200);
  });

  const nested = (depth: number): object =>
    depth === 0 ? put('a') : { type: 'txn', success: [nested(depth - 1)] };
  const compare = { key: 'a', target: 'mod', result: 'equal' };

  it.each<[object | string, string]>([
    ['{', 'the body is not JSON in UTF-8'],
    ['[]', 'the body must be an object'],
    ['{"success":1}', 'success: expected Array, got 1'],
    ['{"then":[]}', 'then: there is no such field here'],
    [
      { success: [{ type: 'get', key: 'a' }] },
      'success[0].type: expected "range" or "put" or "delete" or "txn", got "get"',
    ],
    [{ success: [{ key: 'a' }] }, 'success[0].type: is missing'],
    [{ failure: [put('a'), { type: 'put', key: 'b', value: '?' }] }, 'failure[1].value: is not base64'],
    [{ success: [{ type: 'put', key: 'a' }] }, 'success[0]: give a value, a value_text, or keep_value'],
    [{ success: [{ ...put('a'), value: '' }] }, 'success[0]: give value or value_text, not both'],
    [
      { success: [{ ...put('a'), keep_value: true }] },
      'success[0]: give a value, a value_text, or keep_value',
    ],
    [
      { success: [{ ...put('a'), lease: '1', keep_lease: true }] },
      'success[0]: give a lease or keep_lease, not both',
    ],
    [{ success: [{ ...put('a'), lease: 1 }] }, 'success[0].lease: expected string, got 1'],
    [
      { success: [{ ...put('a'), lease: '9223372036854775808' }] },
      'success[0].lease: must be from 1 to 2^63 - 1',
    ],
    [{ success: [put('')] }, 'success[0]: the key is empty'],
    [{ success: [put('k'.repeat(1025))] }, 'success[0]: key has at most 1024 bytes'],
    [{ success: [{ type: 'put', value: '' }] }, 'success[0]: the key is missing'],
    [{ success: [{ type: 'put', key: '\ud800', value: '' }] }, 'success[0].key: is not valid Unicode'],
    [{ success: [{ type: 'range' }] }, 'success[0]: give a key, or a prefix, or from and to'],
    [{ success: [{ type: 'delete' }] }, 'success[0]: give a key, or a prefix, or from and to'],
    [{ success: [{ type: 'range', prefix: '', limit: 1001 }] }, 'success[0].limit: is at most 1000'],
    [{ success: [{ type: 'range', prefix: '', revision: -1 }] }, 'success[0].revision: must not be below 0'],
    [{ compare: [{ ...compare, number: 0.5 }] }, 'compare[0].number: must be an integer'],
    [{ compare: [{ ...compare }] }, 'compare[0]: mod is compared with a number, and with nothing else'],
    [
      { compare: [{ ...compare, target: 'lease', number: 1, lease: '0' }] },
      'compare[0]: lease is compared with a lease, and with nothing else',
    ],
    [
      { success: [{ type: 'txn', failure: [{ type: 'put', key: 'a' }] }] },
      'success[0].failure[0]: give a value, a value_text, or keep_value',
    ],
    [
      { success: Array.from({ length: 129 }, (_, at) => put(`${at}`)) },
      'a transaction has at most 128 operations',
    ],
    [
      { success: [{ type: 'txn', failure: Array.from({ length: 128 }, (_, at) => put(`${at}`)) }] },
      'a transaction has at most 128 operations',
    ],
    [
      { compare: Array.from({ length: 129 }, () => ({ ...compare, number: 1 })) },
      'a transaction has at most 128 comparisons',
    ],
    [{ success: [nested(16)] }, 'more than 16 transactions within each other'],
    [{ success: [nested(40)] }, 'the body is nested more than 40 levels deep'],
    [
      `{"success":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'the body is nested more than 40 levels deep',
    ],
  ])('%j is refused: %s', async (body, message) => {
    const { status, body: refused } = await txn(body);
    expect({ status, message: refused.message }).toEqual({ status: 400, message });
    expect(served.node.submitted).toBe(0);
  });

  it('within 15 others is done', async () => {
    expect((await txn({ success: [nested(15)] })).status).toBe(200);
    expect((await served.get('/v2/kv/a')).body).toBe('1');
  });
});
