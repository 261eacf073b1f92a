import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpLimits } from '../../../src/store/http/limits.ts';
import { type HttpApi, HttpListenFailed } from '../../../src/store/http/server.ts';
import { encodeGet } from '../../../src/store/kv/commands.ts';
import { exchangeRaw, statusOf } from './raw-client.ts';
import { SingleNode, serve } from './single-node.ts';

let node: SingleNode;
let api: HttpApi;

const start = async (limits: Partial<HttpLimits> = {}) => {
  node = new SingleNode();
  api = await serve(node, { limits });
};
beforeEach(() => start());
afterEach(() => api.close(0));

const restart = async (limits: Partial<HttpLimits>) => {
  await api.close(0);
  await start(limits);
};

const ask = async (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>) => {
  const response = await fetch(`http://127.0.0.1:${api.port}${path}`, {
    method,
    body: body ?? null,
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text ? JSON.parse(text) : text,
  };
};
const cas = (key: string, from: unknown, to: unknown) =>
  ask('POST', `/v1/kv/${key}/cas`, JSON.stringify({ from, to }));

describe('keys and values', () => {
  it('PUT stores the raw body and answers with index and term', async () => {
    expect(await ask('PUT', '/v1/kv/x', '1')).toMatchObject({ status: 200, body: { index: 2, term: 2 } });
    const got = await ask('GET', '/v1/kv/x');
    expect(got).toMatchObject({ status: 200, body: '1' });
    expect(got.headers.get('content-type')).toBe('application/octet-stream');
    expect(got.headers.get('x-raft-index')).toBe('2');
    expect(got.headers.get('x-raft-term')).toBe('2');
    expect(got.headers.get('x-raft-node')).toBe('1');
  });

  it('keeps any bytes, an empty value and one of the largest size', async () => {
    const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
    const largest = new Uint8Array(1024 * 1024).fill(7);
    for (const value of [binary, new Uint8Array(0), largest]) {
      expect((await ask('PUT', '/v1/kv/b', value)).status).toBe(200);
      const response = await fetch(`http://127.0.0.1:${api.port}/v1/kv/b`);
      expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), value)).toBe(0);
    }
  });

  it('gathers a chunked body of many pieces', async () => {
    const pieces = Array.from({ length: 300 }, (_, i) => `${i},`);
    const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
    const head =
      'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';
    expect(statusOf(await exchangeRaw(api.port, `${head}${chunks}0\r\n\r\n`))).toBe(200);
    expect((await ask('GET', '/v1/kv/x')).body).toBe(pieces.join(''));
  });

  it('GET of a key that is not there is 404', async () => {
    expect(await ask('GET', '/v1/kv/x')).toMatchObject({ status: 404, body: { error: 'key_not_found' } });
  });

  it('HEAD is GET without the value', async () => {
    await ask('PUT', '/v1/kv/x', '12345');
    const head = await ask('HEAD', '/v1/kv/x');
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers.get('content-length')).toBe('5');
    expect((await ask('HEAD', '/v1/kv/y')).status).toBe(404);
  });

  it('DELETE says whether the key was there', async () => {
    await ask('PUT', '/v1/kv/x', '1');
    expect(await ask('DELETE', '/v1/kv/x')).toMatchObject({ status: 200, body: { index: 3, deleted: true } });
    expect(await ask('DELETE', '/v1/kv/x')).toMatchObject({
      status: 200,
      body: { index: 4, deleted: false },
    });
  });

  it('keys are percent-decoded UTF-8 and may hold any character, / included', async () => {
    for (const key of ['a/b', 'é', '日本', '😀', 'a b', '?#%', 'x/cas', 'cas', '.', '~!$&()*+,;=:@']) {
      expect((await ask('PUT', `/v1/kv/k${encodeURIComponent(key)}`, key)).status).toBe(200);
      expect(await ask('GET', `/v1/kv/k${encodeURIComponent(key)}`)).toMatchObject({
        status: 200,
        body: key,
      });
    }
    expect(node.kv.apply(encodeGet('ka/b')).type).toBe('found');
  });
});

describe('compare-and-swap', () => {
  it('swaps from the expected value, and shows the actual one otherwise', async () => {
    await ask('PUT', '/v1/kv/x', '1');
    expect(await cas('x', '1', '2')).toMatchObject({ status: 200, body: { index: 3, term: 2 } });
    expect(await cas('x', '1', '3')).toMatchObject({
      status: 409,
      body: { error: 'cas_failed', actual: '2' },
    });
  });

  it('null means absent: from null creates, to null deletes', async () => {
    expect((await cas('x', null, '1')).status).toBe(200);
    expect(await cas('x', null, '2')).toMatchObject({ status: 409, body: { actual: '1' } });
    expect((await cas('x', '1', null)).status).toBe(200);
    expect(await cas('x', '1', '2')).toMatchObject({ status: 409, body: { actual: null } });
  });

  it('shows a value that is no UTF-8 as base64', async () => {
    await ask('PUT', '/v1/kv/x', Uint8Array.of(0xff, 0xfe));
    const { status, body } = await cas('x', 'a', 'b');
    expect(status).toBe(409);
    expect(body).toMatchObject({ error: 'cas_failed', actualBase64: '//4=' });
    expect(body).not.toHaveProperty('actual');
  });

  it.each([
    ['not json', '{'],
    ['not UTF-8', new Uint8Array(Buffer.from('{"from":"1","to":"\xff"}', 'latin1'))],
    ['an array', '[]'],
    ['null', 'null'],
    ['empty', ''],
    ['without from', '{"to":"1"}'],
    ['without to', '{"from":"1"}'],
    ['with a number', '{"from":1,"to":"2"}'],
    ['with an unknown field', '{"from":"1","to":"2","old":"1"}'],
    ['with __proto__', '{"from":"1","to":"2","__proto__":{}}'],
    ['with a lone surrogate', '{"from":"1","to":"\\ud800"}'],
  ])('refuses a body that is %s', async (_what, body) => {
    expect(await ask('POST', '/v1/kv/x/cas', body)).toMatchObject({
      status: 400,
      body: { error: 'bad_request' },
    });
    expect(node.submitted).toBe(0);
  });
});

describe('what a node cannot do', () => {
  it('421 names the leader and its endpoint', async () => {
    const endpoint = 'http://127.0.0.1:8003';
    node.current = {
      ...node.current,
      role: 'follower',
      leader: 3,
      peers: [{ id: 3, link: 'open', endpoint }],
    };
    node.refusal = { type: 'notLeader', leader: 3 };
    const expected = { status: 421, body: { error: 'not_leader', leader: 'node3', endpoint } };
    expect(await ask('PUT', '/v1/kv/x', '1')).toMatchObject(expected);
    expect(await ask('GET', '/v1/kv/x')).toMatchObject(expected);
  });

  it('421 says that an endpoint is not known yet', async () => {
    node.refusal = { type: 'notLeader', leader: 3 };
    expect((await ask('GET', '/v1/kv/x')).body).toEqual({
      error: 'not_leader',
      leader: 'node3',
      endpoint: null,
    });
  });

  it.each([
    [503, { type: 'notLeader', leader: null }, { error: 'no_leader' }],
    [429, { type: 'overloaded' }, { error: 'overloaded' }],
    [409, { type: 'overwritten', index: 7, term: 3 }, { error: 'overwritten', index: 7, term: 3 }],
    [504, { type: 'unknownOutcome', index: 7, term: 3 }, { error: 'unknown_outcome' }],
  ] as const)('%i for %o', async (status, refusal, body) => {
    node.refusal = refusal;
    expect(await ask('PUT', '/v1/kv/x', '1')).toMatchObject({ status, body });
  });

  it('504 when the outcome does not come in time, and the late outcome is dropped', async () => {
    await restart({ outcomeTimeoutMs: 20 });
    node.isHolding = true;
    expect(await ask('PUT', '/v1/kv/x', '1')).toMatchObject({
      status: 504,
      body: { error: 'unknown_outcome' },
    });
    node.release();
    expect(await ask('GET', '/v1/kv/x')).toMatchObject({ status: 200, body: '1' });
  });

  it('drops the answer for a client that went away', async () => {
    node.isHolding = true;
    const socket = connect(api.port, '127.0.0.1');
    socket.write('PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1');
    await node.held(1);
    socket.resetAndDestroy();
    await once(socket, 'close');
    node.release();
    expect(await ask('GET', '/v1/kv/x')).toMatchObject({ status: 200, body: '1' });
  });

  it('does what is pipelined in its order: what changes something waits for all before it, and all after it wait', async () => {
    const head = (line: string, more = '') => `${line} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`;
    const put = (value: string) => head('PUT /v1/kv/x', `content-length: ${value.length}\r\n`) + value;
    const get = head('GET /v1/kv/x?consistency=stale');
    const asked = [get, put('1'), get, put('22'), put('333'), get, head('DELETE /v1/kv/x'), get, get];
    const last = head('GET /livez', 'connection: close\r\n');
    const received = await exchangeRaw(api.port, [...asked, last].join(''));
    expect(received.match(/HTTP\/1.1 \d+/g)!.map((line) => Number(line.slice(9)))).toEqual([
      404, 200, 200, 200, 200, 200, 200, 404, 404, 200,
    ]);
    expect(received.match(/(?<=\r\n\r\n)(?:\d+|\{"index":\d+)/g)).toEqual([
      '{"index":2',
      '1',
      '{"index":3',
      '{"index":4',
      '333',
      '{"index":5',
    ]);
  });

  it('never answers junk while an earlier request on that connection waits: it would be taken for its answer', async () => {
    node.isHolding = true;
    const put = 'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1';
    expect(await exchangeRaw(api.port, `${put}\0junk\r\n\r\n`)).toBe('');
    node.release();
  });
});

describe('limits', () => {
  const key = (length: number) => `/v1/kv/${'k'.repeat(length)}`;

  it('414 for a key longer than 1 KiB as UTF-8; the longest, percent-encoded, passes', async () => {
    expect((await ask('PUT', key(1024), '1')).status).toBe(200);
    expect(await ask('PUT', key(1025), '1')).toMatchObject({ status: 414, body: { error: 'key_too_long' } });
    expect((await ask('PUT', key(10_000), '1')).status).toBe(414);
    expect((await ask('PUT', `/v1/kv/${'%C3%A9'.repeat(512)}`, '1')).status).toBe(200);
    expect((await ask('PUT', `/v1/kv/${'%C3%A9'.repeat(513)}`, '1')).status).toBe(414);
    expect((await ask('PUT', `${key(500)}${'%C3%A9'.repeat(300)}`, '1')).status).toBe(414);
    expect((await ask('POST', `${key(1025)}/cas`, '{}')).status).toBe(414);
  });

  it("431 beyond node's own limit on headers", async () => {
    const received = await exchangeRaw(api.port, `GET ${key(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    expect(statusOf(received)).toBe(431);
    expect(received).toContain('{"error":"headers_too_large"}');
  });

  it('413 for a value over 1 MiB, whether its length is announced or not, and the client gets to read it', async () => {
    const body = new Uint8Array(3 * 1024 * 1024);
    expect(await ask('PUT', '/v1/kv/x', body)).toMatchObject({
      status: 413,
      body: { error: 'body_too_large' },
    });
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const head =
      'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';
    expect(statusOf(await exchangeRaw(api.port, `${head}${chunk}1\r\nx\r\n0\r\n\r\n`))).toBe(413);
    expect(node.submitted).toBe(0);
  });

  it('ends a connection on which a body was announced (Expect: 100-continue) to be refused: what follows may be the body, or not', async () => {
    const head =
      'PUT /v1/kv/x HTTP/1.1\r\nhost: evil.example\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n';
    const received = await exchangeRaw(api.port, head);
    expect(statusOf(received)).toBe(403);
    expect(received).toMatch(/^connection: close\r$/im);
  });

  it('invites a body that fits (Expect: 100-continue), and refuses one that does not before it is sent', async () => {
    const expectBody = (length: number) =>
      `PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`;
    const invited = await exchangeRaw(api.port, `${expectBody(1)}1`);
    expect(invited).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(statusOf(await exchangeRaw(api.port, expectBody(1024 * 1024 + 1)))).toBe(413);
    expect(node.submitted).toBe(1);
  });

  it('429 when the bodies of all requests together are too much, and room again once they are done', async () => {
    await restart({ maxBufferedBytes: 1000 });
    const socket = connect(api.port, '127.0.0.1');
    socket.write(`PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n\r\n${'x'.repeat(800)}`);
    const fits = () => ask('PUT', '/v1/kv/y', 'y'.repeat(500));
    while ((await fits()).status === 200);
    expect(await fits()).toMatchObject({ status: 429, body: { error: 'overloaded' } });
    socket.write('x'.repeat(100));
    await once(socket, 'data');
    expect((await fits()).status).toBe(200);
    socket.destroy();
  });

  it('408 for a request that takes too long to arrive, and it is not proposed', async () => {
    await restart({ receiveTimeoutMs: 20 });
    const socket = connect(api.port, '127.0.0.1');
    socket.write('PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n1');
    const [data] = await once(socket, 'data');
    expect(statusOf(String(data))).toBe(408);
    expect(node.submitted).toBe(0);
    socket.destroy();
  });

  it('closes a connection that stays silent', async () => {
    await restart({ idleTimeoutMs: 20 });
    const socket = connect(api.port, '127.0.0.1');
    await once(socket.resume(), 'close');
  });

  it('never proposes an upload that breaks off', async () => {
    const socket = connect(api.port, '127.0.0.1');
    socket.write('PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n12345');
    socket.end();
    await once(socket.resume(), 'close');
    expect(await ask('GET', '/v1/kv/x')).toMatchObject({ status: 404 });
    expect(node.submitted).toBe(0);
  });
});

describe('requests that make no sense', () => {
  it.each([
    ['PUT', '/v1/kv/', 400],
    ['PUT', '/v1/kv/%', 400],
    ['PUT', '/v1/kv/%zz', 400],
    ['PUT', '/v1/kv/%ff', 400],
    ['PUT', '/v1/kv/x?y=1', 400],
    ['PUT', '/v1/kv/x?consistency=stale', 400],
    ['DELETE', '/v1/kv/x?consistency=stale', 400],
    ['POST', '/v1/kv/x/cas?consistency=stale', 400],
    ['GET', '/v1/kv/?consistency=stale', 400],
    ['PUT', '/v1/kv/a/b', 404],
    ['PUT', '/v1/kv', 404],
    ['POST', '/v1/kv/a/b/cas', 404],
    ['POST', '/v1/kv//cas', 400],
    ['GET', '/', 404],
    ['GET', '/v3/kv/x', 404],
    ['POST', '/v1/kv/x', 405],
    ['PATCH', '/v1/kv/x', 405],
    ['PUT', '/v1/kv/x/cas', 405],
    ['POST', '/v1/status', 405],
    ['PUT', '/livez', 405],
    ['PUT', '/v1/leader', 405],
    ['DELETE', '/v1/leader', 405],
    ['POST', '/v1/leader?target=2', 400],
  ])('%s %s is %i and proposes nothing', async (method, path, status) => {
    const answer = await ask(method, path, method === 'GET' ? undefined : '1');
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveProperty('error');
    expect(node.submitted).toBe(0);
  });

  it('405 says what is allowed', async () => {
    expect((await ask('POST', '/v1/kv/x')).headers.get('allow')).toBe('GET, HEAD, PUT, DELETE');
    expect((await ask('GET', '/v1/kv/x/cas')).headers.get('allow')).toBe('POST');
  });

  it('takes a target in the absolute form, as sent to proxies', async () => {
    const request = 'GET http://any.host/livez HTTP/1.1\r\nhost: any.host\r\nconnection: close\r\n\r\n';
    expect(statusOf(await exchangeRaw(api.port, request))).toBe(200);
  });
});

describe('status and health', () => {
  it('status shows the node as it sees itself', async () => {
    expect(await ask('GET', '/v1/status')).toMatchObject({
      status: 200,
      body: { id: 1, role: 'leader', term: 2, leader: 1, commitIndex: 1, lastApplied: 1, peers: [] },
    });
  });

  it('is ready while a leader is known and all that is known committed is applied', async () => {
    expect(await ask('GET', '/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    expect((await ask('GET', '/readyz')).body).not.toHaveProperty('refusals');
    node.current = { ...node.current, commitIndex: 5, lastApplied: 4, replayed: 0.8 };
    expect(await ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { error: 'not_ready', message: 'replaying 80 %' },
    });
    node.current = { ...node.current, lastApplied: 5, leader: null };
    expect(await ask('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { error: 'not_ready', message: 'no leader is known' },
    });
    expect((await ask('GET', '/livez')).status).toBe(200);
  });

  describe('with a peer that is refused, or refuses this node', () => {
    const refusedBy = (by: number, leader: number | null) => {
      const refusal = { by, reason: 'node2 is on another disk' };
      const peers = [
        { id: 2, link: 'refused', endpoint: null, refusal },
        { id: 3, link: 'open', endpoint: null },
      ] as const;
      node.current = { ...node.current, role: 'follower', leader, peers };
    };

    it.each([
      ['this node refuses it', 1, 1],
      ['it is not the leader that refuses this node', 2, 3],
    ])('is ready, and names it: %s', async (_, by, leader) => {
      refusedBy(by, leader);
      expect(await ask('GET', '/readyz')).toMatchObject({
        status: 200,
        body: {
          status: 'ready',
          refusals: [{ peer: 'node2', by: `node${by}`, reason: 'node2 is on another disk' }],
        },
      });
    });

    it.each([
      ['the leader', 2],
      ['a peer, while no leader is known', null],
    ])('is not ready, and says why: it is refused by %s', async (_, leader) => {
      refusedBy(2, leader);
      expect(await ask('GET', '/readyz')).toMatchObject({
        status: 503,
        body: { error: 'refused', message: 'node2 is on another disk' },
      });
    });

    it('is not ready while no leader is known, though it is this node that refuses', async () => {
      refusedBy(1, null);
      expect(await ask('GET', '/readyz')).toMatchObject({ status: 503, body: { error: 'not_ready' } });
    });
  });

  it('neither lives nor is ready once the node has stopped', async () => {
    await node.stop();
    expect((await ask('GET', '/livez')).status).toBe(503);
    expect((await ask('GET', '/readyz')).status).toBe(503);
  });
});

describe('start and close', () => {
  it('rejects with one line when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const failure = await serve(node, { port }).catch((error) => error);
    expect(failure).toBeInstanceOf(HttpListenFailed);
    expect(failure).toMatchObject({
      code: 'EADDRINUSE',
      message: `cannot serve clients on 127.0.0.1:${port}: the port is in use`,
    });
    other.close();
  });

  it('close lets an open request be answered, and ends its connection', async () => {
    node.isHolding = true;
    const put = exchangeRaw(
      api.port,
      'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1',
    );
    await node.held(1);
    const closed = api.close(5000);
    node.release();
    expect(await put).toMatch(/connection: close\r\n(.|\r\n)*\{"index":2,"term":2\}$/i);
    await closed;
  });

  it('close cuts what is not answered in time', async () => {
    node.isHolding = true;
    const put = exchangeRaw(
      api.port,
      'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1',
    );
    await node.held(1);
    await api.close(0);
    expect(await put).toBe('');
    node.release();
  });
});
