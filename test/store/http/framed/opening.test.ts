import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/adapters/system/clock.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { TokenFile } from '../../../../src/store/http/access/token-file.ts';
import { newToken } from '../../../../src/store/http/access/tokens.ts';
import type { HttpApi } from '../../../../src/store/http/server.ts';
import { until } from '../../../adapters/transport/until.ts';
import { exchangeRaw, statusOf } from '../raw-client.ts';
import { serverCredentials } from '../server-credentials.ts';
import { open, SingleNode, serve } from '../single-node.ts';
import { errorOf, FramesClient, frameOf, header, textOf, upgradeHead } from './frames-client.ts';

let node: SingleNode;
let api: HttpApi;
beforeEach(async () => {
  node = new SingleNode();
  api = await serve(node, { hostNames: new Set(['raft.example']) });
});
afterEach(() => api.close(0));

const directory = mkdtempSync(join(tmpdir(), 'raftchart-frames-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('a request that asks for frames', () => {
  it('is answered 101 with the name of the node, and what came behind it is read as frames', async () => {
    const client = await FramesClient.open(
      api.port,
      Buffer.concat([Buffer.from(upgradeHead()), frameOf(7, 'PUT', '/v1/kv/a', 'x')]),
    );
    await client.until(() => client.answers.length === 1);
    expect(client.answers[0]).toMatchObject({ id: 7, status: 200 });
    client.socket.destroy();
    const received = await exchangeRaw(api.port, upgradeHead());
    expect(received).toMatch(/^HTTP\/1\.1 101 .*\r\n(?:.*\r\n)*X-Raft-Node: 1\r\n(?:.*\r\n)*\r\n$/);
  });

  it('may name the protocol in capital letters', async () => {
    const head = upgradeHead().replace('raftchart-frames', 'Raftchart-Frames');
    const client = await FramesClient.open(api.port, head);
    expect((await client.ask('GET', '/v1/kv/a')).status).toBe(404);
  });

  it('opens a connection that has spoken HTTP before', async () => {
    const socket = connect(api.port, '127.0.0.1');
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const client = await FramesClient.on(socket);
    expect((await client.ask('GET', '/v1/kv/a')).status).toBe(404);
  });

  it.each([
    ['another path', upgradeHead().replace('/v2/frames', '/livez'), 200],
    ['another protocol', upgradeHead().replace('raftchart-frames', 'h2c'), 404],
    ['another method', upgradeHead().replace('GET', 'POST'), 404],
    ['no wish to upgrade', upgradeHead().replace('connection: Upgrade\r\n', ''), 404],
    ['a query', upgradeHead().replace('/v2/frames', '/v2/frames?x=1'), 404],
  ])('is one of HTTP if it has %s', async (_, head, status) => {
    expect(statusOf(await exchangeRaw(api.port, head))).toBe(status);
  });

  it('is answered 503 before a node is served, and 101 from then on', async () => {
    const starting = await open();
    const answer = await exchangeRaw(starting.port, upgradeHead());
    expect(answer).toMatch(/^HTTP\/1\.1 503 (?:.|\r\n)*"error":"not_ready"/);
    starting.serve({ node, readValue: node.readValue, kv: node.kv, watches: node.watches });
    expect((await (await FramesClient.open(starting.port)).ask('GET', '/v1/kv/a')).status).toBe(404);
    await starting.close(0);
  });

  it('cuts the connection if an earlier request waits for its answer, which no other may be taken for', async () => {
    node.isHolding = true;
    const put = 'PUT /v1/kv/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\nx';
    expect(await exchangeRaw(api.port, `${put}${upgradeHead()}`)).toBe('');
    expect(node.submitted).toBe(1);
    node.release();
    expect((await fetch(`http://127.0.0.1:${api.port}/v1/kv/a`)).status).toBe(200);
  });
});

describe('a web page that reaches for frames', () => {
  it.each([
    [
      'a name that was made to point here',
      upgradeHead().replace('localhost', 'evil.example'),
      'host_not_allowed',
    ],
    ['no name', upgradeHead().replace('host: localhost\r\n', ''), 'host_not_allowed'],
    ['another origin', upgradeHead('origin: http://evil.example\r\n'), 'origin_not_allowed'],
    ['another site', upgradeHead('sec-fetch-site: cross-site\r\n'), 'origin_not_allowed'],
  ])('is refused with %s, whatever its frames say', async (_, head, error) => {
    const client = await FramesClient.open(api.port, head);
    const headers = ['host', 'localhost', 'origin', 'http://localhost', 'sec-fetch-site', 'none'];
    for (const each of [[], headers]) {
      const answer = await client.ask('PUT', '/v1/kv/a', 'x', each);
      expect([answer.status, errorOf(answer)]).toEqual([403, error]);
    }
    expect(node.submitted).toBe(0);
  });

  it('is no program that uses a name which is allowed', async () => {
    const client = await FramesClient.open(api.port, upgradeHead().replace('localhost', 'raft.example'));
    // Nor are names of the frame those of the connection.
    expect((await client.ask('PUT', '/v1/kv/a', 'x', ['host', 'evil.example'])).status).toBe(200);
  });
});

it('each frame needs a token that is known at that moment, and permits what it asks for', async () => {
  const [reader, writer] = [newToken('read', 'reader'), newToken('write', 'writer')];
  const file = join(directory, 'tokens');
  writeFileSync(file, `${reader.line}\n${writer.line}\n`, { mode: 0o600 });
  const tokens = new TokenFile(file, systemClock, silentLog);
  const secured = await serve(node, { tokens });
  const client = await FramesClient.open(
    secured.port,
    upgradeHead(`authorization: Bearer ${writer.token}\r\n`),
  );
  const put = (...headers: string[]) => client.ask('PUT', '/v1/kv/a', 'x', headers);
  const missing = await put();
  expect([missing.status, errorOf(missing)]).toEqual([401, 'token_missing']);
  expect(header(missing, 'www-authenticate')).toBe('Bearer realm="raftchart"');
  expect(errorOf(await put('authorization', 'Bearer nonsense'))).toBe('token_unknown');
  expect(errorOf(await put('authorization', `Bearer ${reader.token}`))).toBe('forbidden');
  expect(errorOf(await put('authorization', `Bearer ${writer.token}`, 'authorization', 'Bearer x'))).toBe(
    'token_unknown',
  );
  expect(node.submitted).toBe(0);
  // As it is read from a file, with the space around it that is no part of a header's value.
  expect((await put('authorization', ` Bearer ${writer.token}\n`)).status).toBe(200);
  writeFileSync(file, reader.line);
  tokens.reload();
  expect(errorOf(await put('authorization', `Bearer ${writer.token}`))).toBe('token_unknown');
  expect(node.submitted).toBe(1);
  await secured.close(0);
  tokens.close();
});

describe('over TLS', () => {
  it('frames are answered, and closing the API ends their connections', async () => {
    const { tls, ca } = await serverCredentials(directory);
    const secured = await serve(node, { tls });
    const dial = () => FramesClient.on(connectTls({ host: '127.0.0.1', port: secured.port, ca }));
    const [client, idle] = [await dial(), await dial()];
    expect((await client.ask('PUT', '/v2/kv/a', 'x')).status).toBe(200);
    expect(textOf(await client.ask('GET', '/v2/kv/a'))).toBe('x');
    node.isHolding = true;
    const waiting = client.ask('GET', '/v2/kv/a');
    await node.held(1);
    const closing = secured.close(60_000);
    await idle.closed;
    node.release();
    expect((await waiting).status).toBe(200);
    await Promise.all([closing, client.closed]);
    tls.close();
  });
});

describe('an API that closes', () => {
  it('answers what is under way, takes nothing more, and ends the connections', async () => {
    const [client, idle] = [await FramesClient.open(api.port), await FramesClient.open(api.port)];
    node.isHolding = true;
    const waiting = [client.ask('PUT', '/v1/kv/a', 'x'), client.ask('GET', '/v1/kv/b')];
    await node.held(2);
    const closing = api.close(60_000);
    const late = client.ask('PUT', '/v1/kv/late', 'x').catch((error: Error) => error.message);
    await idle.closed;
    expect(node.submitted).toBe(1);
    node.release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 404]);
    await Promise.all([closing, client.closed]);
    expect(await late).toBe('the connection was closed');
    expect(node.submitted).toBe(1);
  });

  it('ends a connection that asks for frames only then', async () => {
    const socket = connect(api.port, '127.0.0.1');
    const head = upgradeHead();
    socket.write(head.slice(0, 20));
    for (let round = 0; round < 10; round++) await fetch(`http://127.0.0.1:${api.port}/livez`);
    const closing = api.close(60_000);
    const client = await FramesClient.on(socket, head.slice(20));
    await Promise.all([closing, client.closed]);
  });

  it('cuts after its grace those that still wait', async () => {
    const client = await FramesClient.open(api.port);
    node.isHolding = true;
    const waiting = client.ask('PUT', '/v1/kv/a', 'x').catch((error: Error) => error.message);
    await node.held(1);
    await api.close(10);
    expect(await waiting).toBe('the connection was closed');
  });

  it('ends a connection that has sent a part of a frame', async () => {
    const client = await FramesClient.open(api.port);
    client.socket.write(frameOf(1, 'PUT', '/v1/kv/a', 'x').subarray(0, 9));
    await client.ask('GET', '/livez').catch(() => {});
    await api.close(60_000);
    await client.closed;
  });
});

it('a node that has stopped says so to each frame', async () => {
  const client = await FramesClient.open(api.port);
  await node.stop();
  const answer = await client.ask('GET', '/v1/kv/a');
  const byHttp = await fetch(`http://127.0.0.1:${api.port}/v1/kv/a`);
  expect([answer.status, textOf(answer)]).toEqual([503, await byHttp.text()]);
});

it('a connection that is silent for too long is closed', async () => {
  const impatient = await serve(node, { limits: { idleTimeoutMs: 30 } });
  const client = await FramesClient.open(impatient.port);
  expect((await client.ask('GET', '/v1/kv/a')).status).toBe(404);
  await client.closed;
  await impatient.close(60_000);
});

it('what a client has asked is answered after it has ended its side', async () => {
  const client = await FramesClient.open(api.port);
  node.isHolding = true;
  client.socket.end(Buffer.concat([1, 2, 3].map((id) => frameOf(id, 'PUT', `/v1/kv/${id}`, 'x'))));
  await node.held(3);
  // By then its end has arrived as well.
  for (let round = 0; round < 10; round++) await fetch(`http://127.0.0.1:${api.port}/livez`);
  node.release();
  await client.closed;
  expect(client.answers.map(({ id, status }) => [id, status])).toEqual([
    [1, 200],
    [2, 200],
    [3, 200],
  ]);
});

it('one connection too many costs a connection of frames that is idle', async () => {
  const crowded = await serve(node, { limits: { maxConnections: 1 } });
  const client = await FramesClient.open(crowded.port);
  await client.ask('GET', '/v1/kv/a');
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  expect((await fetch(`http://127.0.0.1:${crowded.port}/livez`)).status).toBe(200);
  await client.closed;
  await until(() => client.socket.destroyed);
  await crowded.close(0);
});
