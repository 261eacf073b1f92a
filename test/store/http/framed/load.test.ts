import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { packFrame } from '../../../../src/adapters/codec/msgpack.ts';
import type { FramedAnswer } from '../../../../src/store/frames/frame-codec.ts';
import type { HttpLimits } from '../../../../src/store/http/limits.ts';
import type { HttpMetrics } from '../../../../src/store/http/metrics-answer.ts';
import type { RequestSpan } from '../../../../src/store/http/request-span.ts';
import type { HttpApi, HttpOptions } from '../../../../src/store/http/server.ts';
import { encodePut } from '../../../../src/store/kv/commands.ts';
import { until } from '../../../adapters/transport/until.ts';
import { SingleNode, serve } from '../single-node.ts';
import { errorOf, FramesClient, frameOf, textOf, upgradeHead } from './frames-client.ts';

let node: CountingNode;
let api: HttpApi;
const clients: FramesClient[] = [];

class CountingNode extends SingleNode {
  /** How many values were taken to be sent. */
  valuesRead = 0;
  override readonly readValue = (key: string): Uint8Array | null => {
    this.valuesRead++;
    return this.kv.get(key);
  };
}

const start = async (limits: Partial<HttpLimits> = {}, options: Partial<HttpOptions> = {}): Promise<void> => {
  node = new CountingNode();
  api = await serve(node, { limits, ...options });
};
const dial = async (): Promise<FramesClient> => {
  const client = await FramesClient.open(api.port);
  clients.push(client);
  return client;
};
afterEach(async () => {
  vi.useRealTimers();
  for (const { socket } of clients.splice(0)) socket.destroy();
  await api.close(0);
});

const store = (key: string, bytes: number) => node.kv.apply(encodePut(key, Buffer.alloc(bytes, 'v')));
const livez = async () => (await fetch(`http://127.0.0.1:${api.port}/livez`)).status;
/** Everything that was sent by now has been handled. */
const settled = async (): Promise<void> => {
  for (let round = 0; round < 10; round++) await livez();
};
const gets = (count: number, path = '/v1/kv/x'): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, at) => frameOf(at + 1, 'GET', path)));
const prefixed = (frame: Uint8Array): Uint8Array => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
};
const idsOf = (answers: readonly FramedAnswer[]): number[] => answers.map(({ id }) => id);

describe('frames', () => {
  it('are read however they are cut', async () => {
    await start();
    const client = await dial();
    client.socket.setNoDelay(true);
    const bytes = Buffer.concat([
      frameOf(1, 'PUT', '/v1/kv/a', 'x'.repeat(100)),
      frameOf(2, 'GET', '/v1/kv/a'),
    ]);
    for (const byte of bytes) {
      client.socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await client.until(() => client.answers.length === 2);
    expect(client.answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(textOf(client.answers[1]!)).toBe('x'.repeat(100));
  });

  it('are answered as they are ready, in any order, each with its id', async () => {
    await start();
    const client = await dial();
    node.isHolding = true;
    client.socket.write(
      Buffer.concat([frameOf(9, 'GET', '/v1/kv/a'), frameOf(5, 'GET', '/v1/kv/a?consistency=stale')]),
    );
    await client.until(() => client.answers.length === 1);
    expect(idsOf(client.answers)).toEqual([5]);
    node.release();
    await client.until(() => client.answers.length === 2);
    expect(idsOf(client.answers)).toEqual([5, 9]);
  });

  it('with an id that is under way already are answered each', async () => {
    await start();
    const client = await dial();
    client.socket.write(Buffer.concat([frameOf(1, 'PUT', '/v1/kv/a', 'x'), frameOf(1, 'GET', '/v1/kv/a')]));
    await client.until(() => client.answers.length === 2);
    expect(idsOf(client.answers)).toEqual([1, 1]);
  });

  it('5,000 of which come at once are all answered, though few are under way at a time', async () => {
    await start({ maxFramed: 8, maxRequests: 10_000 });
    const client = await dial();
    for (let key = 0; key < 5000; key++) node.kv.apply(encodePut(`${key}`, Buffer.from(`<${key}>`)));
    node.isHolding = true;
    client.socket.write(
      Buffer.concat(Array.from({ length: 5000 }, (_, key) => frameOf(key + 1, 'GET', `/v1/kv/${key}`))),
    );
    await node.held(8);
    await settled();
    expect(node.reads).toBe(8);
    node.release();
    await client.until(() => client.answers.length === 5000);
    const values = new Map(client.answers.map((answer) => [answer.id, textOf(answer)]));
    for (let key = 0; key < 5000; key++) expect(values.get(key + 1)).toBe(`<${key}>`);
  });

  it('beyond those that may be under way stay with the client, and cost others nothing', async () => {
    await start({ maxFramed: 8, maxRequests: 2000 });
    node.isHolding = true;
    const client = await dial();
    client.socket.write(gets(200_000));
    await node.held(8);
    await settled();
    expect(node.reads).toBe(8);
    // 5 MB, of which the system holds some.
    expect(client.socket.writableLength).toBeGreaterThan(1_000_000);
    expect((await fetch(`http://127.0.0.1:${api.port}/v1/kv/x?consistency=stale`)).status).toBe(404);
  });

  it('are refused when all clients together have too many', async () => {
    await start({ maxRequests: 2 });
    node.isHolding = true;
    const [client, other] = [await dial(), await dial()];
    client.socket.write(gets(2));
    await node.held(2);
    expect((await other.ask('GET', '/v1/kv/y')).status).toBe(429);
    node.release();
    await client.until(() => client.answers.length === 2);
    expect((await other.ask('GET', '/v1/kv/y')).status).toBe(404);
  });

  it('do not keep the node from other work for longer than a turn, however many come at once', async () => {
    await start({ maxTurnMs: 5 });
    const flood = gets(4000, '/v1/kv/x?consistency=stale');
    const floods = await Promise.all([1, 2, 3, 4, 5].map(dial));
    for (const { socket } of floods) socket.write(flood);
    let turns = 0;
    while (floods.some(({ answers }) => answers.length < 4000)) {
      turns++;
      await new Promise(setImmediate);
    }
    expect(turns).toBeGreaterThan(20);
  });
});

describe('a client that does not read its answers', () => {
  it('has values wait until it does', async () => {
    await start();
    store('x', 1_000_000);
    const client = await dial();
    client.socket.pause();
    client.socket.write(gets(60));
    await settled();
    expect(node.valuesRead).toBeLessThan(30);
    client.socket.resume();
    await client.until(() => client.answers.length === 60);
    expect(node.valuesRead).toBe(60);
  });

  it.each([
    ['sends nothing', { stallTimeoutMs: 300 }, 0],
    ['goes on to send', { idleTimeoutMs: 500 }, 20],
  ])(
    'is closed after a while if it %s, and its room is there again',
    async (_, limits, everyMs) => {
      await start({ ...limits, maxUnreadBytes: 1000, maxAnswerBytes: 1_000_000 });
      store('x', 1_000_000);
      const client = await dial();
      client.socket.pause();
      client.socket.write(gets(60));
      const status = async () => (await fetch(`http://127.0.0.1:${api.port}/v1/kv/x`)).status;
      await settled();
      expect(await status()).toBe(429);
      const poke = setInterval(() => client.socket.write(Buffer.of(0)), everyMs === 0 ? 1e6 : everyMs);
      while ((await status()) === 429) await settled();
      clearInterval(poke);
      expect(client.answers).toEqual([]);
    },
    10_000,
  );

  it('is read no further, however small its answers', async () => {
    await start({ maxFramed: 64 });
    const client = await dial();
    client.socket.pause();
    client.socket.write(gets(500_000, '/v1/kv/none?consistency=stale'));
    let before = -1;
    while (node.valuesRead > before) {
      before = node.valuesRead;
      await settled();
    }
    expect(node.valuesRead).toBeLessThan(200_000);
    expect(client.socket.writableLength).toBeGreaterThan(1_000_000);
  });
});

describe('requests under way', () => {
  it('count among the bodies that are received until they are answered: beyond that bound the connection is closed', async () => {
    await start({ maxBufferedBytes: 50_000 });
    node.isHolding = true;
    const patient = await dial();
    patient.socket.write(frameOf(1, 'PUT', '/v1/kv/a', 'x'.repeat(20_000)));
    patient.socket.write(frameOf(2, 'PUT', '/v1/kv/b', 'x'.repeat(20_000)));
    await node.held(2);
    const another = await dial();
    await expect(another.ask('PUT', '/v1/kv/c', 'x'.repeat(20_000))).rejects.toThrow();
    node.release();
    await patient.until(() => patient.answers.length === 2);
    const again = await dial();
    expect((await again.ask('PUT', '/v1/kv/c', 'x'.repeat(20_000))).status).toBe(200);
  });

  it('are not begun behind one that there is no room for', async () => {
    await start({ maxBufferedBytes: 1000 });
    node.isHolding = true;
    const client = await dial();
    const sizes = [600, 600, 1];
    client.socket.write(
      Buffer.concat(sizes.map((size, at) => frameOf(at + 1, 'PUT', `/v1/kv/${at}`, 'x'.repeat(size)))),
    );
    await client.closed;
    await settled();
    expect(node.submitted).toBe(1);
    node.release();
  });

  it('hold up no value that the client has room for: one waits for those before it, not for a write', async () => {
    await start({ maxUnreadBytes: 1 });
    store('x', 100_000);
    node.isHolding = true;
    const client = await dial();
    client.socket.write(frameOf(1, 'PUT', '/v1/kv/a', 'x'));
    await node.held(1);
    client.socket.write(frameOf(2, 'GET', '/v1/kv/x?consistency=stale'));
    client.socket.write(frameOf(3, 'GET', '/v1/kv/x?consistency=stale'));
    await client.until(() => client.answers.length === 2);
    expect(idsOf(client.answers)).toEqual([2, 3]);
    node.release();
    await client.until(() => client.answers.length === 3);
  });
});

describe('a client that leaves', () => {
  it('costs nothing: its requests are forgotten, and so is its part of a frame', async () => {
    await start({ maxAnswerBytes: 1_000_000, maxBufferedBytes: 25_000, maxRequests: 10 });
    store('x', 1_000_000);
    for (let round = 0; round < 5; round++) {
      node.isHolding = true;
      const client = await dial();
      client.socket.write(
        Buffer.concat([gets(9), frameOf(10, 'PUT', '/v1/kv/p', 'x'.repeat(20_000)).subarray(0, 15_000)]),
      );
      await node.held(9);
      client.socket.destroy();
      await settled();
      node.release();
      await settled();
    }
    const client = await dial();
    expect((await client.ask('GET', '/v1/kv/x')).status).toBe(200);
    expect((await client.ask('PUT', '/v1/kv/p', 'x'.repeat(20_000))).status).toBe(200);
  });
});

describe('what is no frame', () => {
  const bad: readonly [string, Uint8Array][] = [
    ['is too long', Buffer.from('ffffffff', 'hex')],
    ['is empty', Buffer.from('00000000', 'hex')],
    ['has more bytes than a frame may', prefixed(new Uint8Array(32 * 1024 + 1))],
    ['is no msgpack', prefixed(Buffer.from('c1c1c1', 'hex'))],
    ['is no request', prefixed(packFrame(['GET', '/v1/kv/a']))],
    ['speaks HTTP', Buffer.from('GET /v1/kv/a HTTP/1.1\r\nhost: localhost\r\n\r\n')],
  ];

  it.each(bad)('is answered with bad_frame and the end if it %s', async (_, bytes) => {
    await start();
    const client = await dial();
    client.socket.write(bytes);
    await client.closed;
    expect(client.answers.map(({ id, status, headers }) => ({ id, status, headers }))).toEqual([
      { id: 0, status: 400, headers: [] },
    ]);
    expect(errorOf(client.answers[0]!)).toBe('bad_frame');
  });

  it.each(bad)('has what came before answered, and what follows dropped, if it %s', async (_, bytes) => {
    await start();
    const client = await dial();
    node.isHolding = true;
    const before = [1, 2, 3].map((id) => frameOf(id, 'PUT', `/v1/kv/${id}`, 'x'));
    const after = frameOf(4, 'PUT', '/v1/kv/4', 'x');
    client.socket.write(Buffer.concat([...before, bytes, after, Buffer.alloc(4)]));
    await node.held(3);
    client.socket.write(after);
    await client.until(() => client.answers.length === 1);
    expect(idsOf(client.answers)).toEqual([0]);
    node.release();
    await client.closed;
    expect(idsOf(client.answers)).toEqual([0, 1, 2, 3]);
    expect(node.submitted).toBe(3);
  });

  it('tells its client all answers, however much it goes on to send', async () => {
    await start();
    store('x', 1_000_000);
    const client = await dial();
    client.socket.write(Buffer.concat([gets(5), Buffer.alloc(4), Buffer.alloc(3_000_000)]));
    await client.closed;
    expect(idsOf(client.answers).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('costs its client no answer, however little room there is for what follows', async () => {
    await start({ maxBufferedBytes: 10_000 });
    node.isHolding = true;
    const client = await dial();
    const bad = prefixed(Buffer.from('c1', 'hex'));
    client.socket.write(Buffer.concat([frameOf(1, 'PUT', '/v1/kv/a', 'x'), bad]));
    await client.until(() => client.answers.length === 1);
    client.socket.write(Buffer.concat([Buffer.from('00007fff', 'hex'), Buffer.alloc(30_000)]));
    await settled();
    node.release();
    await client.closed;
    expect(idsOf(client.answers)).toEqual([0, 1]);
  });

  it('ends the connection after a second, though its client does not close its side', async () => {
    await start();
    const client = await FramesClient.on(connect({ port: api.port, host: '127.0.0.1', allowHalfOpen: true }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ended = new Promise((resolve) => client.socket.once('end', resolve));
    client.socket.write(Buffer.alloc(4));
    await ended;
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    // Whoever writes to what is gone is told so.
    while (!client.socket.closed) {
      client.socket.write('x');
      await settled();
    }
    expect(idsOf(client.answers)).toEqual([0]);
  });

  it('leaves no timer behind once its client has closed its side', async () => {
    await start();
    const client = await dial();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    client.socket.write(Buffer.alloc(4));
    await client.closed;
    await until(() => vi.getTimerCount() === 0);
  });

  it('is told even if it comes with the request that opens the connection', async () => {
    await start();
    const client = await FramesClient.open(
      api.port,
      Buffer.concat([Buffer.from(upgradeHead()), Buffer.alloc(4)]),
    );
    await client.closed;
    expect(idsOf(client.answers)).toEqual([0]);
  });
});

describe('parts of frames', () => {
  it('take no more room than there is for all that is received, and give it back', async () => {
    await start({ maxBufferedBytes: 100_000 });
    const part = frameOf(1, 'PUT', '/v1/kv/a', 'x'.repeat(24_000)).subarray(0, 20_000);
    const holders = await Promise.all([1, 2, 3, 4, 5, 6].map(dial));
    for (const { socket } of holders) socket.write(part);
    await settled();
    expect(holders.filter(({ socket }) => socket.destroyed)).toHaveLength(1);
    for (const { socket } of holders) socket.destroy();
    await settled();
    const client = await dial();
    expect((await client.ask('PUT', '/v1/kv/a', 'x'.repeat(24_000))).status).toBe(200);
  });

  it('of one byte each that complete no frame keep a connection from nothing', async () => {
    await start({ idleTimeoutMs: 60 });
    const socket = connect(api.port, '127.0.0.1');
    const client = await FramesClient.on(socket);
    clients.push(client);
    socket.write(Buffer.of(0, 0, 0));
    await client.closed;
  });
});

describe('what is asked by frames', () => {
  it('is counted in the metrics as by HTTP, and its connection is one', async () => {
    const told: string[] = [];
    let load: unknown;
    const metrics: HttpMetrics = {
      contentType: 'text/plain',
      text: async (given) => {
        load = given;
        return '';
      },
      answered: (operation, status) => void told.push(`${operation} ${status}`),
    };
    await start({}, { metrics });
    const client = await dial();
    await client.ask('PUT', '/v1/kv/a', 'x');
    await client.ask('GET', '/v2/kv?prefix=');
    await client.ask('GET', '/v1/status');
    expect(told).toEqual(['put 200', 'list 200', 'status 400']);
    node.isHolding = true;
    client.socket.write(gets(3));
    await node.held(3);
    await fetch(`http://127.0.0.1:${api.port}/metrics`);
    expect(load).toEqual({ connections: 2, waiting: 3 });
  });

  it('continues the trace that its frame names, and ends with its answer or its client', async () => {
    const told: string[] = [];
    await start(
      {},
      {
        tracing: {
          begin: (operation, { headers }): RequestSpan => {
            told.push(`${operation} of ${headers.traceparent}`);
            return {
              within: (work) => work(),
              answered: (status) => void told.push(`${status}`),
              left: () => void told.push('left'),
            };
          },
        },
      },
    );
    const client = await dial();
    await client.ask('PUT', '/v1/kv/a', 'x', ['traceparent', 't1']);
    node.isHolding = true;
    client.socket.write(frameOf(9, 'GET', '/v1/kv/a', '', ['traceparent', 't2']));
    await node.held(1);
    client.socket.resetAndDestroy();
    await settled();
    expect(told).toEqual(['put of t1', '200', 'get of t2', 'left']);
  });
});
