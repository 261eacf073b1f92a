import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FramedAnswer } from '../../../../src/store/frames/frame-codec.ts';
import { protectiveHeaders } from '../../../../src/store/http/access/protective-headers.ts';
import type { HttpApi } from '../../../../src/store/http/server.ts';
import { SingleNode, serve } from '../single-node.ts';
import { errorOf, FramesClient, textOf } from './frames-client.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const get = (path: string, headers = {}): Asked => ({ method: 'GET', path, body: '', headers });
const head = (path: string): Asked => ({ ...get(path), method: 'HEAD' });
const put = (path: string, body: string, headers = {}): Asked => ({ method: 'PUT', path, body, headers });
const remove = (path: string, headers = {}): Asked => ({ ...get(path, headers), method: 'DELETE' });
const post = (path: string, body: unknown, headers = {}): Asked => ({
  method: 'POST',
  path,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

/** In this order: each finds what those before it have left. */
const asked: Readonly<Record<string, readonly Asked[]>> = {
  'keys of version 1': [
    get('/v1/kv/a'),
    put('/v1/kv/a', 'one'),
    put('/v1/kv/%C3%BC%2F', ''),
    get('/v1/kv/a'),
    get('/v1/kv/a?consistency=stale'),
    get('/v1/kv/a?consistency=lease'),
    get('/v1/kv/a?consistency=nonsense'),
    get('/v1/kv/%C3%BC%2F'),
    head('/v1/kv/a'),
    head('/v1/kv/none'),
    post('/v1/kv/a/cas', { from: 'one', to: 'two' }),
    post('/v1/kv/a/cas', { from: 'one', to: 'two' }),
    post('/v1/kv/a/cas', '{'),
    remove('/v1/kv/a'),
    put('/v1/kv/a', '1', { 'idempotency-key': 'k' }),
    put('/v1/kv/a', '2', { 'idempotency-key': 'k' }),
    put('/v1/kv/a', '2', { 'idempotency-key': 'ü' }),
    put('/v1/kv/a', '3', { 'x-raft-session': 's; sequence=1; received=0; age=0' }),
    put('/v1/kv/a', '3', { 'x-raft-session': 's; sequence=1; received=0; age=0' }),
    put('/v1/kv/a', '3', { 'x-raft-session': 'nonsense' }),
  ],
  'keys of version 2': [
    get('/v2/kv/a'),
    put('/v2/kv/a', 'one'),
    put('/v2/kv/b', 'x'.repeat(20_000)),
    get('/v2/kv/a'),
    get('/v2/kv/a', { 'if-none-match': '"1"' }),
    get('/v2/kv/a', { 'if-none-match': '*' }),
    head('/v2/kv/b'),
    get('/v2/kv/a?revision=1'),
    get('/v2/kv/a?revision=99'),
    put('/v2/kv/a', 'two', { 'if-match': '"99"' }),
    put('/v2/kv/a', 'two', { 'if-none-match': '*' }),
    get('/v2/kv?prefix='),
    get('/v2/kv?prefix=&limit=1'),
    get('/v2/kv?prefix=&keys_only=true&order=desc'),
    head('/v2/kv?prefix='),
    get('/v2/kv?nonsense=1'),
    get('/v2/kv/%zz'),
    get(`/v2/kv/${'k'.repeat(1025)}`),
    remove('/v2/kv/a'),
    remove('/v2/kv?prefix=b'),
    remove('/v2/kv/a'),
  ],
  'transactions, leases and compactions': [
    post('/v2/txn', { success: [{ type: 'put', key: 'a', value: '1' }] }),
    post('/v2/txn', { success: [{ type: 'range', key: 'a' }] }),
    post('/v2/txn', { success: 1 }),
    post('/v2/txn', '{', {}),
    post('/v2/txn?x=1', {}),
    post('/v2/leases', { ttl: 60, id: '7' }),
    post('/v2/leases', { ttl: 60, id: '7' }),
    post('/v2/leases', { ttl: -1 }),
    get('/v2/leases'),
    head('/v2/leases'),
    get('/v2/leases/7'),
    get('/v2/leases/x'),
    put('/v2/kv/leased?lease=7', 'x'),
    post('/v2/leases/7/keepalive', ''),
    post('/v2/leases/8/keepalive', ''),
    remove('/v2/leases/7'),
    remove('/v2/leases/7'),
    post('/v2/compact', { revision: 2 }),
    get('/v2/kv/a?revision=1'),
    post('/v2/compact', { revision: 999 }),
  ],
  'what is not there, or has another form': [
    get('/v2/frames'),
    get('/v3'),
    get('/'),
    get('//v1/kv/a'),
    get('/v1/kv/'),
    get('/v1/kv/a/b'),
    post('/v2/nothing', {}),
    get(`/v1/kv/${'k'.repeat(1025)}`),
    post('/v1/kv/a', ''),
    put('/v2/kv', ''),
    get('/v2/txn'),
    get('/v2/compact'),
    put('/v2/leases', ''),
    { ...put('/v1/kv/a', ''), method: 'PATCH' },
    { ...post('/v2/txn', {}), headers: { 'content-type': 'text/plain' } },
    { ...post('/v1/kv/a/cas', {}), headers: { 'content-type': 'text/plain' } },
  ],
};

let apis: HttpApi[];
let nodes: SingleNode[];
const wallClock = () => 1_800_000_000_000;
beforeEach(async () => {
  nodes = [new SingleNode(), new SingleNode()];
  apis = await Promise.all(nodes.map((node) => serve(node, { wallClock })));
});
afterEach(() => Promise.all(apis.map((api) => api.close(0))));

const browsers = protectiveHeaders.filter((_, at) => at % 2 === 0);
/** Those that tell how HTTP carries an answer, and from where. */
const ofHttp = ['content-length', 'date', 'connection', 'keep-alive', 'x-raft-node'];

/** What both say. */
const plain = (status: number, pairs: Iterable<readonly [string, string]>, body: Uint8Array) => {
  const headers = [...pairs].filter(([name]) => ![...browsers, ...ofHttp].includes(name)).sort();
  return { status, headers: Object.fromEntries(headers), body: Buffer.from(body).toString('latin1') };
};

const overHttp = async (api: HttpApi, { method, path, body, headers }: Asked) => {
  const response = await fetch(`http://127.0.0.1:${api.port}${path}`, {
    method,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
    ),
    ...(body === '' ? {} : { body }),
  });
  return plain(response.status, response.headers, new Uint8Array(await response.arrayBuffer()));
};

const pairsOf = ({ headers }: FramedAnswer): [string, string][] =>
  headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]!] as [string, string]] : []));

it.each(Object.entries(asked))('%s are answered as by HTTP', async (_, all) => {
  const [byHttp, byFrames] = apis as [HttpApi, HttpApi];
  const client = await FramesClient.open(byFrames.port);
  for (const each of all) {
    const answer = await client.ask(each.method, each.path, each.body, Object.entries(each.headers).flat());
    const asHttp = await overHttp(byHttp, each);
    expect(plain(answer.status, pairsOf(answer), answer.body), `${each.method} ${each.path}`).toEqual(asHttp);
  }
  expect(nodes[1]!.submitted).toBe(nodes[0]!.submitted);
});

it.each([
  ['notLeader', 421, { type: 'notLeader', leader: 2 }],
  ['overloaded', 429, { type: 'overloaded' }],
] as const)('a refusal of the node (%s) is answered as by HTTP', async (_, status, refusal) => {
  const [api] = apis as [HttpApi];
  nodes[0]!.refusal = refusal as never;
  const client = await FramesClient.open(api.port);
  for (const each of [get('/v1/kv/a'), put('/v1/kv/a', 'x'), put('/v2/kv/a', 'x'), post('/v2/txn', {})]) {
    const answer = await client.ask(each.method, each.path, each.body, Object.entries(each.headers).flat());
    expect(plain(answer.status, pairsOf(answer), answer.body)).toEqual(await overHttp(api, each));
    expect(answer.status).toBe(status);
  }
});

it.each([
  '/v1/status',
  '/v1/members',
  '/v1/leader',
  '/v1/charts',
  '/v1/backup',
  '/metrics',
  '/livez',
  '/readyz',
  '/v2/watch?prefix=',
  '/v2/openapi.json',
])('%s is refused with not_framed', async (path) => {
  const client = await FramesClient.open(apis[0]!.port);
  for (const method of ['GET', 'POST']) {
    const answer = await client.ask(method, path, '{}', ['content-type', 'application/json']);
    expect([answer.status, errorOf(answer)]).toEqual([400, 'not_framed']);
  }
  expect((await client.ask('GET', '/v1/kv/a')).status).toBe(404);
});

it('a header that comes twice is read as one with both values, as by HTTP', async () => {
  const client = await FramesClient.open(apis[0]!.port);
  const twice = ['idempotency-key', 'a', 'idempotency-key', 'b'];
  const answer = await client.ask('PUT', '/v1/kv/a', 'x', twice);
  expect([answer.status, textOf(answer)]).toEqual([400, expect.stringContaining('Idempotency-Key')]);
  expect(nodes[0]!.submitted).toBe(0);
});
