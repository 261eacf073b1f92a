import { expect, it } from 'vitest';
import { StoreClient } from '../../../src/store/client/store-client.ts';
import { FakeNodes, json } from './fake-nodes.ts';

/** Method, path and query of the one request that `act` makes, with its conditions and its body. */
const requestOf = async (act: (client: StoreClient) => Promise<unknown>): Promise<string> => {
  const requests: string[] = [];
  const nodes = new FakeNodes((method, { pathname, search }, { headers, body }) => {
    if (pathname === '/v1/members') return json(200, {});
    const sent = new Headers(headers);
    const conditions = ['if-match', 'if-none-match'].flatMap((name) => sent.get(name) ?? []);
    requests.push([method, `${pathname}${search}`, ...conditions, ...(body ? [String(body)] : [])].join(' '));
    return json(200, { kvs: [], count: 0, revision: 1, results: [], succeeded: true });
  });
  const client = new StoreClient({ endpoints: ['http://a'], fetch: nodes.fetch });
  await act(client);
  client.close();
  return requests.join();
};

const list = { order: 'desc', sort: 'mod', keysOnly: true, maxCreateRevision: 9 } as const;
const past = { revision: 8, consistency: 'stale' } as const;

it.each<readonly [string, (client: StoreClient) => Promise<unknown>, string]>([
  [
    'a read of the past',
    (client) => client.get('a b', past),
    'GET /v2/kv/a%20b?revision=8&consistency=stale',
  ],
  ['a page', (client) => client.page({ prefix: 'k' }), 'GET /v2/kv?prefix=k&limit=100'],
  [
    'a page with all options',
    (client) => client.page({ from: 'a', to: 'c' }, { ...list, ...past, pageSize: 7 }),
    'GET /v2/kv?from=a&to=c&revision=8&consistency=stale&order=desc&sort=mod&keys_only=true&max_create_revision=9&limit=7',
  ],
  [
    'a next page, whose cursor knows the rest',
    (client) => client.page({ prefix: 'k' }, { ...list, ...past, cursor: 'x' }),
    'GET /v2/kv?cursor=x&consistency=stale&limit=100',
  ],
  [
    'a count',
    (client) => client.count({ prefix: 'k' }, past),
    'GET /v2/kv?prefix=k&revision=8&consistency=stale&count_only=true',
  ],
  ['a write with a lease', (client) => client.put('k', 'x', { lease: '7' }), 'PUT /v2/kv/k?lease=7 x'],
  ['a write of a new key', (client) => client.put('k', 'x', { ifRevision: 0 }), 'PUT /v2/kv/k * x'],
  ['a conditional delete', (client) => client.delete('k', { ifRevision: 3 }), 'DELETE /v2/kv/k "3"'],
  ['a delete of a range', (client) => client.deleteAll({ from: 'a' }), 'DELETE /v2/kv?from=a'],
  [
    'a write of a key that a URL cannot name',
    (client) => client.put('..', 'x', { lease: '7', ifRevision: 3 }),
    'POST /v2/txn {"compare":[{"key":"..","target":"mod","result":"equal","number":3}],"success":[{"type":"put","key":"..","value_text":"x","lease":"7"}],"failure":[{"type":"range","key":"..","keys_only":true}]}',
  ],
  [
    'a transaction with all kinds of conditions',
    (client) =>
      client.txn({
        when: [
          { prefix: 'a', version: 1, is: 'greater' },
          { from: 'a', to: 'b', createRevision: 2, is: 'less' },
          { key: 'a', value: Uint8Array.of(255), is: 'not_equal' },
        ],
      }),
    'POST /v2/txn {"compare":[{"prefix":"a","target":"version","result":"greater","number":1},{"from":"a","to":"b","target":"create","result":"less","number":2},{"key":"a","target":"value","result":"not_equal","value":"/w=="}],"success":[],"failure":[]}',
  ],
  [
    'a transaction with all kinds of steps',
    (client) =>
      client.txn({
        do: [
          { put: 'a', value: 'x' },
          { delete: { from: 'a' } },
          { range: { prefix: '' }, limit: 5, keysOnly: true },
        ],
      }),
    'POST /v2/txn {"compare":[],"success":[{"type":"put","key":"a","value_text":"x"},{"type":"delete","from":"a"},{"type":"range","prefix":"","limit":5,"keys_only":true}],"failure":[]}',
  ],
])('%s is asked for in one request', async (_name, act, request) => {
  expect(await requestOf(act)).toBe(request);
});
