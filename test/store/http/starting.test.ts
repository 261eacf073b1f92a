import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { exchangeRaw } from './raw-client.ts';
import { open, SingleNode } from './single-node.ts';

let api: HttpApi;
let words: string;

beforeEach(async () => {
  words = 'reading the log';
  api = await open({ startingWords: () => words });
});
afterEach(() => api.close(0));

const ask = async (method: string, path: string, body?: string) => {
  const response = await fetch(`http://127.0.0.1:${api.port}${path}`, {
    method,
    body: body ?? null,
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
};

describe('before there is a node', () => {
  it('lives', async () => {
    const { status, headers, body } = await ask('GET', '/livez');
    expect({ status, body }).toEqual({ status: 200, body: { status: 'live' } });
    expect(headers.get('x-raft-node')).toBe('1');
    expect((await ask('HEAD', '/livez?verbose')).status).toBe(200);
    expect(await ask('POST', '/livez')).toMatchObject({
      status: 405,
      body: { error: 'method_not_allowed', message: 'allowed here: GET, HEAD' },
    });
  });

  it('is not ready, and says what it is doing as of now', async () => {
    const reading = await ask('GET', '/readyz');
    expect(reading).toMatchObject({ status: 503, body: { error: 'not_ready', message: 'reading the log' } });
    words = 'reading the log, 40 %';
    expect((await ask('GET', '/readyz')).body).toEqual({
      error: 'not_ready',
      message: 'reading the log, 40 %',
    });
  });

  it.each([
    ['GET', '/v1/status', undefined, 'not_ready'],
    ['POST', '/v1/members', '{"changes":[]}', 'not_ready'],
    ['GET', '/v1/charts', undefined, 'not_ready'],
    ['GET', '/nowhere', undefined, 'not_ready'],
    ['GET', '/v1/kv/x', undefined, 'no_leader'],
    ['GET', '/v1/kv/x?consistency=stale', undefined, 'no_leader'],
    ['PUT', '/v1/kv/x', '1', 'no_leader'],
    ['DELETE', '/v1/kv/x', undefined, 'no_leader'],
    ['POST', '/v1/kv/x/cas', '{"from":null,"to":"1"}', 'no_leader'],
    ['GET', '/v1/leader', undefined, 'no_leader'],
  ])('%s %s is to be tried again', async (method, path, body, error) => {
    const { status, headers, body: answer } = await ask(method, path, body);
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('1');
    expect(headers.get('x-raft-node')).toBe('1');
    expect(answer).toEqual({ error, message: 'reading the log' });
  });

  it('an upload that is announced is refused before it is sent, and one that is sent is read to its end', async () => {
    const head = 'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n';
    const announced = await exchangeRaw(api.port, `${head}expect: 100-continue\r\n\r\n`);
    // The body is not sent, so the connection is of no more use.
    expect(announced).toMatch(/^HTTP\/1\.1 503 (.|\r\n)*connection: close\r\n/i);
    const get = 'GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
    const both = await exchangeRaw(api.port, `${head}\r\n${'x'.repeat(100_000)}${get}`);
    expect(both.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200']);
  });

  it('bytes that are no request are refused as later', async () => {
    expect(await exchangeRaw(api.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 (.|\r\n)*bad_request/);
  });

  it('closes without ever having had a node', async () => {
    await api.close();
    await expect(ask('GET', '/livez')).rejects.toThrow();
  });
});

it('serves the node from the moment it is there, on connections that were open before', async () => {
  expect((await ask('GET', '/v1/status')).status).toBe(503);
  const node = new SingleNode();
  api.serve({ node, readValue: node.readValue, kv: node.kv, watches: node.watches });
  expect(await ask('GET', '/v1/status')).toMatchObject({ status: 200, body: { id: 1 } });
  expect((await ask('PUT', '/v1/kv/x', '1')).status).toBe(200);
  expect((await ask('GET', '/readyz')).body).toEqual({ status: 'ready' });
  await node.stop();
  expect((await ask('GET', '/livez')).status).toBe(503);
});

it('takes one node only, and names it as it was told', () => {
  const node = new SingleNode();
  expect(() =>
    api.serve({ node: new SingleNode(2), readValue: node.readValue, kv: node.kv, watches: node.watches }),
  ).toThrow(/node 1 is served/);
  api.serve({ node, readValue: node.readValue, kv: node.kv, watches: node.watches });
  expect(() => api.serve({ node, readValue: node.readValue, kv: node.kv, watches: node.watches })).toThrow(
    /one node is served/,
  );
});
