import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packFrame } from '../../../../src/adapters/codec/msgpack.ts';
import { Client } from '../../../../src/store/client/client.ts';
import type { Fetched, FetchedWith } from '../../../../src/store/client/fetching.ts';
import { FramedConnection } from '../../../../src/store/client/frames/framed-connection.ts';
import { Frames } from '../../../../src/store/client/frames/frames.ts';
import { encodeAnswer, type FramedRequest } from '../../../../src/store/frames/frame-codec.ts';
import type { HttpApi } from '../../../../src/store/http/server.ts';
import { maxResultBytes } from '../../../../src/store/kv/perform.ts';
import { until } from '../../../adapters/transport/until.ts';
import { serverCredentials } from '../../http/server-credentials.ts';
import { open, SingleNode, serve } from '../../http/single-node.ts';
import { answerTo, MisbehavingNode, upgraded } from './misbehaving-node.ts';

/** What went by HTTP: method and path. */
let plain: string[];
let frames: Frames;
const closers: (() => unknown)[] = [];
beforeEach(() => {
  plain = [];
  frames = new Frames({ fetch: noting });
});
afterEach(async () => {
  vi.useRealTimers();
  frames.close();
  for (const close of closers.splice(0)) await close();
});
const noting: typeof fetch = (url, init) => {
  plain.push(`${init?.method} ${new URL(String(url)).pathname}`);
  return fetch(url, init);
};

const ask = (url: string, asked: Partial<FetchedWith> = {}): Promise<Fetched> =>
  frames.fetch(url, {
    method: 'GET',
    headers: {},
    redirect: 'manual',
    signal: AbortSignal.timeout(20_000),
    ...asked,
  });
const textOf = async (fetched: Promise<Fetched>): Promise<string> =>
  Buffer.from(await (await fetched).arrayBuffer()).toString();
/** The code of what made `fetch` fail, in the way of the platform's. */
const failureOf = (fetched: Promise<unknown>): Promise<unknown> =>
  fetched.then(
    () => 'no failure',
    (error: Error) => {
      if (!(error instanceof TypeError) || error.message !== 'fetch failed') return error;
      return (error.cause as { readonly code?: string }).code ?? error.cause;
    },
  );

/** A node with its client API. */
const served = async (): Promise<{ node: SingleNode; api: HttpApi; origin: string }> => {
  const node = new SingleNode();
  const api = await serve(node);
  closers.push(() => api.close(0));
  return { node, api, origin: `http://127.0.0.1:${api.port}` };
};
const misbehaving = async (answer: Parameters<typeof MisbehavingNode.open>[0]): Promise<MisbehavingNode> => {
  const node = await MisbehavingNode.open(answer);
  closers.push(() => node.close());
  return node;
};

describe('a client with frames', () => {
  it('does all that it does by HTTP, on one connection to the node', async () => {
    const { node, origin } = await served();
    const client = new Client({ endpoints: [origin], fetch: frames.fetch });
    closers.push(() => client.close());
    const values = Array.from({ length: 300 }, (_, at) => client.put(`k/${at}`, `${at}`));
    expect((await Promise.all(values)).every(({ isDone }) => isDone)).toBe(true);
    expect((await client.get('k/7'))?.text()).toBe('7');
    expect(await client.get('none')).toBeNull();
    expect(await client.count({ prefix: 'k/' })).toBe(300);
    expect((await client.put('k/7', 'x', { ifRevision: 1 })).isDone).toBe(false);
    expect(await client.deleteAll({ prefix: 'k/' })).toBe(300);
    const { id } = await client.lease(60);
    await client.put('leased', 'x', { lease: id });
    await expect(client.get('x'.repeat(2000))).rejects.toMatchObject({ status: 414 });
    expect(node.submitted).toBeGreaterThan(300);
    expect(plain).toEqual(['GET /v1/members']);
  });

  it('takes HTTP for watches and for large values', async () => {
    const { origin } = await served();
    const client = new Client({ endpoints: [origin], fetch: frames.fetch });
    closers.push(() => client.close());
    const large = 'x'.repeat(100_000);
    await client.put('a', large);
    expect((await client.get('a'))?.text()).toBe(large);
    for await (const change of client.watch({ key: 'a' }, { from: 1 })) {
      expect(change.type).toBe('put');
      break;
    }
    expect(plain).toContain('PUT /v2/kv/a');
    expect(plain).toContain('GET /v2/watch');
    expect(plain).not.toContain('GET /v2/kv/a');
  });

  it('takes HTTP for a request whose headers leave no room in a frame', async () => {
    const { origin } = await served();
    const answer = await ask(`${origin}/v1/kv/a`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${'t'.repeat(9000)}` },
      body: 'x'.repeat(24_000),
    });
    expect([answer.status, plain]).toEqual([200, ['PUT /v1/kv/a']]);
    expect(await textOf(ask(`${origin}/v1/kv/a`))).toBe('x'.repeat(24_000));
  });

  it('takes HTTP for a request whose path leaves too little room for its body', async () => {
    const { origin } = await served();
    const put = { method: 'PUT', body: 'x'.repeat(24_000) } as const;
    for (const key of ['k', 'k'.repeat(1000)])
      expect((await ask(`${origin}/v1/kv/${key}`, put)).status).toBe(200);
    expect(plain).toEqual([`PUT /v1/kv/${'k'.repeat(1000)}`]);
  });

  it('sends values of headers without the space around them, as the platform does', async () => {
    const node = await misbehaving((request, socket) => void socket.write(answerTo(request)));
    await ask(`${node.origin}/v1/kv/a`, { headers: { authorization: ' Bearer secret\r\n' } });
    expect(node.asked[0]!.headers).toEqual(['authorization', 'Bearer secret']);
  });

  it('takes HTTP for a node of an earlier version, and asks it again for frames after a while only', async () => {
    let asks = 0;
    const { createServer } = await import('node:http');
    const old = createServer((request, response) => {
      if (request.url === '/v2/frames') asks++;
      response.statusCode = request.url === '/v2/frames' ? 404 : 200;
      response.end('by HTTP');
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    closers.push(
      () => old.closeAllConnections(),
      () => old.close(),
    );
    const { port } = old.address() as { port: number };
    for (let nth = 0; nth < 3; nth++)
      expect(await textOf(ask(`http://127.0.0.1:${port}/v1/kv/a`))).toBe('by HTTP');
    expect([asks, plain.length]).toEqual([1, 3]);
  });

  it('takes HTTP for a node that is not ready, and frames as soon as it is', async () => {
    const api = await open();
    closers.push(() => api.close(0));
    const url = `http://127.0.0.1:${api.port}/v1/kv/a`;
    expect((await ask(url)).status).toBe(503);
    const node = new SingleNode();
    api.serve({ node, readValue: node.readValue, kv: node.kv, watches: node.watches });
    expect((await ask(url)).status).toBe(404);
    expect(plain).toHaveLength(1);
  });

  it('connects again to a node that was started again', async () => {
    const first = await served();
    expect((await ask(`${first.origin}/v1/kv/a`)).status).toBe(404);
    await first.api.close(0);
    const again = await serve(new SingleNode(), { port: first.api.port });
    closers.push(() => again.close(0));
    let status = 0;
    // The end of the connection may not have arrived yet.
    while (status === 0)
      status = await ask(`${first.origin}/v1/kv/a`).then(
        ({ status }) => status,
        () => 0,
      );
    expect([status, plain]).toEqual([404, []]);
  });

  it('opens one connection for all that are asked at once', async () => {
    const node = await misbehaving((request, socket) => void socket.write(answerTo(request)));
    const paths = Array.from({ length: 50 }, (_, at) => `/v1/kv/${at}`);
    expect(await Promise.all(paths.map((path) => textOf(ask(`${node.origin}${path}`))))).toEqual(paths);
    expect(node.connections).toBe(1);
    node.cut();
    await until(() => node.connections === 1);
    const again = await Promise.allSettled(paths.map((path) => ask(`${node.origin}${path}`)));
    await Promise.allSettled(paths.map((path) => ask(`${node.origin}${path}`)));
    expect(again).toHaveLength(50);
    expect(node.connections).toBe(2);
  });
});

describe('what a node answers', () => {
  it('belongs to the request with its id, whatever its order', async () => {
    const waiting: FramedRequest[] = [];
    const node = await misbehaving((request, socket) => {
      waiting.push(request);
      if (waiting.length === 20) for (const each of waiting.reverse()) socket.write(answerTo(each));
    });
    const paths = Array.from({ length: 20 }, (_, at) => `/v1/kv/${at}`);
    expect(await Promise.all(paths.map((path) => textOf(ask(`${node.origin}${path}`))))).toEqual(paths);
  });

  it('may be as long as JSON makes the longest one: keys of 3 MiB, of which each byte is escaped', async () => {
    const body = Buffer.alloc(6 * maxResultBytes);
    const node = await misbehaving(({ id }, socket) => {
      socket.write(encodeAnswer({ id, status: 200, headers: [], body }));
    });
    const answer = await ask(`${node.origin}/v2/txn`, { method: 'POST' });
    expect((await answer.arrayBuffer()).byteLength).toBe(body.length);
  });

  it('is dropped if nobody waits for it, or a second time', async () => {
    const node = await misbehaving((request, socket) => {
      for (const id of [request.id + 1000, request.id, request.id])
        socket.write(answerTo({ ...request, id }));
    });
    for (const path of ['/v1/kv/a', '/v1/kv/b'])
      expect(await textOf(ask(`${node.origin}${path}`))).toBe(path);
    expect(node.connections).toBe(1);
  });

  it.each<[string, Uint8Array | string]>([
    ['no frame', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a frame that is too long', Buffer.from('7fffffff', 'hex')],
    ['an empty frame', Buffer.alloc(4)],
    ['no msgpack', Buffer.from('00000001c1', 'hex')],
    ['no answer', Buffer.concat([Buffer.of(0, 0, 0, packFrame([1]).length), packFrame([1])])],
    [
      'that it could not read a frame',
      encodeAnswer({ id: 0, status: 400, headers: [], body: Buffer.from('why') }),
    ],
  ])('breaks all that is under way if it is %s, as fetch breaks', async (_, bytes) => {
    let isBad = true;
    const node = await misbehaving((request, socket) => {
      if (!isBad) socket.write(answerTo(request));
      else if (node.asked.length === 2) socket.write(bytes);
    });
    const failures = [ask(`${node.origin}/v1/kv/a`), ask(`${node.origin}/v1/kv/b`)].map(failureOf);
    expect(await Promise.all(failures)).toEqual(['ECONNRESET', 'ECONNRESET']);
    isBad = false;
    expect(await textOf(ask(`${node.origin}/v1/kv/c`))).toBe('/v1/kv/c');
  });

  it('is read even if it comes together with the answer that opens the connection', async () => {
    const node = await misbehaving(() => {});
    node.opening = `${upgraded}\0\0\0\0`;
    expect(await failureOf(ask(`${node.origin}/v1/kv/a`))).toBe('ECONNRESET');
  });

  it('breaks what is under way if the connection ends or is reset', async () => {
    for (const end of ['end', 'resetAndDestroy'] as const) {
      const node = await misbehaving((_, socket) => void socket[end]());
      expect(await failureOf(ask(`${node.origin}/v1/kv/a`))).toBe('ECONNRESET');
    }
  });
});

describe('a connection that does not come about', () => {
  it('fails as fetch does: refused', async () => {
    const node = await misbehaving(() => {});
    const { origin } = node;
    await node.close();
    expect(await failureOf(ask(`${origin}/v1/kv/a`))).toBe('ECONNREFUSED');
    closers.pop();
  });

  it('fails if it is broken before it is answered', async () => {
    const node = await misbehaving(() => {});
    node.opening = '';
    expect(await failureOf(ask(`${node.origin}/v1/kv/a`))).toBe('ECONNRESET');
  });

  it('fails after five seconds, as what was not sent, though the node sends a little all the time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const [silent, dribbling] = [await misbehaving(() => {}), await misbehaving(() => {})];
    silent.opening = null;
    dribbling.opening = null;
    const failures: unknown[] = [];
    const asking = [silent, dribbling].map(async ({ origin }) => {
      failures.push(await failureOf(ask(`${origin}/v1/kv/a`)));
    });
    await until(() => silent.connections === 1 && dribbling.connections === 1);
    dribbling.write('HTTP/1.1 101 ');
    vi.advanceTimersByTime(4999);
    dribbling.write('x');
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(1);
    await Promise.all(asking);
    expect(failures).toEqual(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);
  });
});

describe('a request that is given up', () => {
  it('fails at once with the reason of its signal, and others go on', async () => {
    const node = await misbehaving((request, socket) => {
      if (request.path !== '/v1/kv/slow') socket.write(answerTo(request));
    });
    const aborter = new AbortController();
    const slow = failureOf(ask(`${node.origin}/v1/kv/slow`, { signal: aborter.signal }));
    await until(() => node.asked.length === 1);
    aborter.abort(new Error('enough'));
    expect(await slow).toMatchObject({ message: 'enough' });
    expect(await textOf(ask(`${node.origin}/v1/kv/a`))).toBe('/v1/kv/a');
    expect(node.connections).toBe(1);
  });

  describe('after a while', () => {
    /** Its first connection answers what is asked for `first` only. */
    const silent = async (): Promise<MisbehavingNode> => {
      const node = await misbehaving((request, socket) => {
        if (node.connections > 1 || request.path === '/v1/kv/first') socket.write(answerTo(request));
      });
      await ask(`${node.origin}/v1/kv/first`);
      return node;
    };
    /** Asks for what is not answered; then `meanwhile`; gives up after `ms`. */
    const giveUpAfter = async (
      node: MisbehavingNode,
      ms: number,
      meanwhile: () => Promise<unknown> = async () => {},
    ): Promise<void> => {
      vi.advanceTimersByTime(1);
      const aborter = new AbortController();
      const asking = failureOf(ask(`${node.origin}/v1/kv/a`, { signal: aborter.signal }));
      await until(() => node.asked.at(-1)!.path === '/v1/kv/a');
      vi.advanceTimersByTime(ms);
      await meanwhile();
      aborter.abort(new Error('enough'));
      expect(await asking).toMatchObject({ message: 'enough' });
    };
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['performance'] });
    });
    it('tells that the connection is dead if nothing at all has come meanwhile: others are asked on a new one', async () => {
      const node = await silent();
      const other = failureOf(ask(`${node.origin}/v1/kv/b`));
      await until(() => node.asked.length === 2);
      await giveUpAfter(node, 1000);
      expect(await other).toBe('ECONNRESET');
      expect((await ask(`${node.origin}/v1/kv/c`)).status).toBe(200);
      expect(node.connections).toBe(2);
    });

    it.each<[string, number, (node: MisbehavingNode) => Promise<unknown>]>([
      ['it was not long', 999, async () => {}],
      ['another answer has come meanwhile', 5000, ({ origin }) => ask(`${origin}/v1/kv/first`)],
    ])('tells nothing of the connection if %s', async (_, ms, meanwhile) => {
      const node = await silent();
      await giveUpAfter(node, ms, () => meanwhile(node));
      expect((await ask(`${node.origin}/v1/kv/first`)).status).toBe(200);
      expect(node.connections).toBe(1);
    });
  });

  it('is not sent if it was given up before', async () => {
    const node = await misbehaving(() => {});
    expect(
      await failureOf(ask(`${node.origin}/v1/kv/a`, { signal: AbortSignal.abort(new Error('never')) })),
    ).toMatchObject({ message: 'never' });
    expect(node.connections).toBe(0);
  });

  it('is not sent if it was given up just when it had a connection', async () => {
    const node = await misbehaving((request, socket) => void socket.write(answerTo(request)));
    const connection = await FramedConnection.open(node.origin, {});
    closers.push(() => connection.close());
    const request = { method: 'GET', headers: [], body: new Uint8Array() };
    const givenUp = connection.ask(
      { ...request, path: '/v1/kv/a' },
      AbortSignal.abort(new Error('just now')),
    );
    await expect(givenUp).rejects.toThrow('just now');
    await connection.ask({ ...request, path: '/v1/kv/b' }, undefined);
    expect(node.asked.map(({ path }) => path)).toEqual(['/v1/kv/b']);
  });

  it('listens to its signal no longer than it waits', async () => {
    const node = await misbehaving((request, socket) => {
      if (request.path === '/v1/kv/broken') socket.destroy();
      else socket.write(answerTo(request));
    });
    const { signal } = new AbortController();
    await ask(`${node.origin}/v1/kv/a`, { signal });
    expect(await failureOf(ask(`${node.origin}/v1/kv/broken`, { signal }))).toBe('ECONNRESET');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('fails at once while it waits for a connection', async () => {
    const node = await misbehaving(() => {});
    node.opening = null;
    const aborter = new AbortController();
    const asking = failureOf(ask(`${node.origin}/v1/kv/a`, { signal: aborter.signal }));
    await until(() => node.connections === 1);
    const beforeMs = performance.now();
    aborter.abort(new Error('enough'));
    expect(await asking).toMatchObject({ message: 'enough' });
    expect(performance.now() - beforeMs).toBeLessThan(2000);
  });
});

describe('frames that are closed', () => {
  it('break what is under way, and connect again for what is asked afterwards', async () => {
    let isSilent = true;
    const node = await misbehaving((request, socket) => {
      if (!isSilent) socket.write(answerTo(request));
    });
    const asking = failureOf(ask(`${node.origin}/v1/kv/a`));
    await until(() => node.asked.length === 1);
    frames.close();
    expect(await asking).toBe('ECONNRESET');
    isSilent = false;
    expect(await textOf(ask(`${node.origin}/v1/kv/b`))).toBe('/v1/kv/b');
  });

  it('break what waits for its connection', async () => {
    const node = await misbehaving((request, socket) => void socket.write(answerTo(request)));
    const asking = failureOf(ask(`${node.origin}/v1/kv/a`));
    frames.close();
    expect(await asking).toBe('ECONNRESET');
  });
});

describe('over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-frames-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('trusts the authority that it is given, and names the remedy for one that is unknown', async () => {
    const { tls, ca } = await serverCredentials(directory);
    const api = await serve(new SingleNode(), { tls });
    closers.push(
      () => api.close(0),
      () => tls.close(),
    );
    const endpoints = [`https://127.0.0.1:${api.port}`];
    const trusting = new Frames({ tls: { ca }, fetch: noting });
    const client = new Client({ endpoints, fetch: trusting.fetch });
    closers.push(
      () => client.close(),
      () => trusting.close(),
    );
    await client.put('a', 'x');
    expect((await client.get('a'))?.text()).toBe('x');
    for (const fetch of [frames.fetch, globalThis.fetch]) {
      const stranger = new Client({ endpoints, fetch });
      await expect(stranger.put('a', 'y')).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(
          /was not issued by an authority that this client trusts: see `fetch` in docs\/client\.md$/,
        ),
      });
      stranger.close();
    }
  });
});

describe('a program', () => {
  const run = promisify(execFile);
  const program = (origin: string, rest: string): Promise<{ stdout: string }> =>
    run(process.execPath, [
      '--input-type=module',
      '-e',
      `import { Frames } from ${JSON.stringify(new URL('../../../../src/store/client/frames/frames.ts', import.meta.url).href)};
       const frames = new Frames();
       const ask = (signal = new AbortController().signal) => frames.fetch('${origin}/v1/kv/a', { method: 'GET', headers: {}, redirect: 'manual', signal });
       ${rest}`,
    ]);

  it('ends while its connections are idle', async () => {
    const { origin } = await served();
    expect((await program(origin, 'console.log((await ask()).status);')).stdout).toBe('404\n');
  }, 10_000);

  it('ends though a connection was opened for a request that was given up meanwhile', async () => {
    const { origin } = await served();
    const { stdout } = await program(
      origin,
      `const aborter = new AbortController();
       const asking = ask(aborter.signal);
       aborter.abort();
       await asking.catch(({ name }) => console.log(name));`,
    );
    expect(stdout).toBe('AbortError\n');
  }, 10_000);

  it('does not end while a request is under way', async () => {
    const node = await misbehaving((request, socket) => {
      setTimeout(() => socket.write(answerTo(request)), node.asked.length === 1 ? 0 : 300);
    });
    const { stdout } = await program(
      node.origin,
      'await ask(); void ask().then(({ status }) => console.log(status));',
    );
    expect(stdout).toBe('200\n');
  }, 10_000);
});
