import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpMetrics } from '../../../src/store/http/metrics-answer.ts';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { exchangeRaw } from './raw-client.ts';
import { open, SingleNode, serve } from './single-node.ts';

/** Tells its load, and remembers what it is told. */
class ToldMetrics implements HttpMetrics {
  readonly contentType = 'text/plain; version=0.0.4';
  readonly told: string[] = [];
  failure: Error | null = null;
  onText: () => void = () => {};

  async text(load: unknown): Promise<string> {
    this.onText();
    if (this.failure !== null) throw this.failure;
    return JSON.stringify(load);
  }

  answered(operation: string, status: number, seconds: number): void {
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThan(60);
    this.told.push(`${operation} ${status}`);
  }
}

describe('GET /metrics', () => {
  let node: SingleNode;
  let metrics: ToldMetrics;
  let api: HttpApi;
  beforeEach(async () => {
    node = new SingleNode();
    metrics = new ToldMetrics();
    api = await serve(node, { metrics });
  });
  afterEach(() => api.close(0));
  const ask = (method: string, path = '/metrics', body?: string) =>
    fetch(`http://127.0.0.1:${api.port}${path}`, {
      method,
      body: body ?? null,
      headers: { 'content-type': 'application/json' },
    });

  it('answers what is measured, and how busy the server is', async () => {
    node.isHolding = true;
    const waiting = ask('GET', '/v1/kv/x');
    await node.held(1);
    const response = await ask('GET', '/metrics?name[]=x');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.json()).toEqual({ connections: 2, waiting: 1 });
    node.release();
    await (await waiting).text();
  });

  it('answers HEAD with its headers alone, and refuses to be written', async () => {
    const head = await ask('HEAD');
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
    expect(await head.text()).toBe('');
    const post = await ask('POST', '/metrics', 'x');
    expect(post.status).toBe(405);
    expect(post.headers.get('allow')).toBe('GET, HEAD');
  });

  it('says so where it fails, and is asked again', async () => {
    metrics.failure = new Error('no figures');
    const response = await ask('GET');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'metrics_failed', message: 'no figures' });
    metrics.failure = null;
    expect((await ask('GET')).status).toBe(200);
  });

  it('is refused once the node has stopped', async () => {
    await node.stop();
    expect((await ask('GET')).status).toBe(503);
  });

  it('answers a client that has left meanwhile as if it were there', async () => {
    const asked = new Promise<void>((resolve) => {
      metrics.onText = resolve;
    });
    const leaving = new AbortController();
    const left = fetch(`http://127.0.0.1:${api.port}/metrics`, { signal: leaving.signal }).catch(() => {});
    await asked;
    leaving.abort();
    await left;
    expect((await ask('GET')).status).toBe(200);
  });

  it('measures each request by what it asks for, in words that no client can choose', async () => {
    const get = async (method: string, path: string, body?: string) =>
      void (await (await ask(method, path, body)).text());
    await get('PUT', '/v1/kv/x', '1');
    await get('GET', '/v1/kv/x');
    await get('GET', '/v1/kv/missing');
    await get('HEAD', '/v1/kv/x');
    await get('DELETE', '/v1/kv/x');
    await get('POST', '/v1/kv/x/cas', '{"from":null,"to":"1"}');
    await get('POST', '/v1/kv/x/cas', 'nonsense');
    await get('PATCH', '/v1/kv/x', '1');
    await get('GET', '/v1/leader');
    await get('POST', '/v1/leader', '{"target":2}');
    await get('PUT', '/v1/leader', '');
    await get('GET', '/v1/members');
    await get('POST', '/v1/members', '{"changes":[{"type":"remove","node":1}]}');
    await get('PUT', '/v1/members', '');
    for (const path of ['status', 'charts', 'nowhere']) await get('GET', `/v1/${path}`);
    for (const path of ['/livez', '/readyz', '/metrics', '/v1/kv/', `/v1/kv/${'k'.repeat(5000)}`])
      await get('GET', path);
    node.refusal = { type: 'overloaded' };
    await get('PUT', '/v1/kv/x', '1');
    expect(metrics.told).toEqual([
      'put 200',
      'get 200',
      'get 404',
      'get 200',
      'delete 200',
      'cas 200',
      'cas 400',
      'other 405',
      'leader 200',
      'transfer 200',
      'other 405',
      'members 200',
      expect.stringMatching(/^change_members \d{3}$/),
      'other 405',
      'status 200',
      'charts 200',
      'other 404',
      'livez 200',
      'readyz 200',
      'metrics 200',
      'other 400',
      'other 414',
      'put 429',
    ]);
  });

  it('measures a watch as it begins', async () => {
    const watch = await ask('GET', '/v2/watch?prefix=a');
    expect(metrics.told).toEqual(['watch 200']);
    await watch.body?.cancel();
    expect(metrics.told).toEqual(['watch 200']);
  });

  it('measures a body that is refused before it is sent', async () => {
    const head = 'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n';
    await exchangeRaw(api.port, `${head}content-length: 99999999\r\n\r\n`);
    expect(metrics.told).toEqual(['put 413']);
  });
});

describe('GET /metrics, before there is a node', () => {
  let api: HttpApi;
  afterEach(() => api.close(0));
  const ask = (method: string) =>
    fetch(`http://127.0.0.1:${api.port}/metrics`, {
      method,
      headers: { 'content-type': 'application/json' },
    });

  it('answers already: how a start gets on is worth knowing', async () => {
    api = await open({ metrics: new ToldMetrics() });
    const response = await ask('GET');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ connections: 1, waiting: 0 });
    expect((await ask('POST')).status).toBe(405);
  });

  it('says so where nothing is measured, then as well as later', async () => {
    api = await open();
    const answers: unknown[] = [];
    const note = async () => {
      const response = await ask('GET');
      answers.push([response.status, await response.json()]);
    };
    await note();
    const node = new SingleNode();
    api.serve({ node, readValue: node.readValue, kv: node.kv, watches: node.watches });
    await note();
    expect(answers[0]).toEqual([
      404,
      { error: 'not_found', message: expect.stringMatching(/--metrics off/) },
    ]);
    expect(answers[1]).toEqual(answers[0]);
  });
});
