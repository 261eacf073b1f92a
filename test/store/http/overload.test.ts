import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpLimits } from '../../../src/store/http/limits.ts';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { encodePut } from '../../../src/store/kv/commands.ts';
import { statusOf } from './raw-client.ts';
import { SingleNode, serve } from './single-node.ts';

let node: SingleNode;
let api: HttpApi;
let sockets: Socket[] = [];

/** How many values were taken to be sent. */
let valuesRead: number;

class CountingNode extends SingleNode {
  override readonly readValue = (key: string): Uint8Array | null => {
    valuesRead++;
    return this.kv.get(key);
  };
}

const start = async (limits: Partial<HttpLimits>) => {
  valuesRead = 0;
  node = new CountingNode();
  api = await serve(node, { limits });
};
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await api.close(0);
});

const dial = async (): Promise<Socket> => {
  const socket = connect(api.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
};

/** What comes back on `socket`, once it holds `text` so many times. */
const received = async (socket: Socket, text: string, times = 1): Promise<string> => {
  const chunks: string[] = [];
  let left = times;
  let end = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    chunks.push(chunk);
    // It may begin in the chunk before.
    const piece = end + chunk;
    left -= piece.split(text).length - 1;
    if (left <= 0) break;
    end = piece.slice(-(text.length - 1));
  }
  return chunks.join('');
};

const get = (key: string) => `GET /v1/kv/${key} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const put = (key: string, bytes: number, sent = bytes) =>
  `PUT /v1/kv/${key} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes}\r\n\r\n${'v'.repeat(sent)}`;
/** A transaction that reads the value of `large`. */
const largeTxn = (() => {
  const body = JSON.stringify({ success: [{ type: 'range', key: 'large' }] });
  return `POST /v2/txn HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
})();
const store = (key: string, bytes: number) => node.kv.apply(encodePut(key, Buffer.alloc(bytes, 'v')));
const readOfLarge = async () => (await fetch(`http://127.0.0.1:${api.port}/v1/kv/large`)).status;
const livez = async () => (await fetch(`http://127.0.0.1:${api.port}/livez`)).status;
/** Everything that was sent by now has been handled. */
const settled = async (): Promise<void> => {
  for (let round = 0; round < 10; round++) await livez();
};

describe('pipelined requests', () => {
  it('are all answered, in order, though few are under way at once', async () => {
    await start({ maxPipelined: 4 });
    for (let key = 0; key < 3000; key++) node.kv.apply(encodePut(`${key}`, Buffer.from(`<${key}>`)));
    const socket = await dial();
    socket.write(Array.from({ length: 3000 }, (_, key) => get(`${key}`)).join(''));
    const values = (await received(socket, 'HTTP/1.1 200', 3000)).match(/<\d+>/g)!;
    expect(values.slice(0, 2999)).toEqual(Array.from({ length: 2999 }, (_, key) => `<${key}>`));
  });

  it('beyond those that may be under way stay with the client, and cost others nothing', async () => {
    await start({ maxPipelined: 4, maxRequests: 500 });
    node.isHolding = true;
    const socket = await dial();
    socket.write(get('x').repeat(500_000));
    await node.held(4);
    await settled();
    expect(node.reads).toBe(4);
    // 16 MB, of which the system holds some.
    expect(socket.writableLength).toBeGreaterThan(1_000_000);
    // Few of them have been taken in, so that there is room for others.
    expect((await fetch(`http://127.0.0.1:${api.port}/v1/kv/x?consistency=stale`)).status).toBe(404);
  });

  it('that change something are begun one after the other', async () => {
    await start({});
    node.isHolding = true;
    const socket = await dial();
    socket.write(`${put('x', 1)}${put('x', 1)}${get('x')}`);
    await node.held(1);
    await settled();
    expect([node.submitted, node.reads]).toEqual([1, 0]);
    node.release();
    const answers = await received(socket, 'HTTP/1.1 200', 3);
    expect(answers.match(/"index":\d+/g)).toEqual(['"index":2', '"index":3']);
  });

  it('are refused when all clients together have too many, and /livez is not', async () => {
    await start({ maxRequests: 2 });
    node.isHolding = true;
    const socket = await dial();
    socket.write(get('x').repeat(2));
    await node.held(2);
    const response = await fetch(`http://127.0.0.1:${api.port}/v1/kv/y`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await fetch(`http://127.0.0.1:${api.port}/v2/kv?prefix=y`)).status).toBe(429);
    expect(await livez()).toBe(200);
    node.release();
    await received(socket, '404', 2);
    expect((await fetch(`http://127.0.0.1:${api.port}/v1/kv/y`)).status).toBe(404);
  });
});

describe('a client that does not read', () => {
  it('has values wait until it does', async () => {
    await start({});
    store('large', 1_000_000);
    const socket = await dial();
    socket.pause();
    socket.write(get('large').repeat(60));
    await settled();
    expect(valuesRead).toBeLessThan(30);
    await received(socket, 'HTTP/1.1 200', 60);
    expect(valuesRead).toBe(60);
  });

  it('never has the answer that is next in turn wait for those behind it', async () => {
    await start({ maxUnreadBytes: 1000 });
    store('large', 2000);
    node.isHolding = true;
    const socket = await dial();
    socket.write(`${get('large')}${get('large?consistency=stale')}`);
    await node.held(1);
    await settled();
    expect(valuesRead).toBe(1);
    node.release();
    await received(socket, 'HTTP/1.1 200', 2);
  });

  it('is closed after a while, and its room is there again', async () => {
    await start({ stallTimeoutMs: 50, maxAnswerBytes: 1_000_000 });
    store('large', 1_000_000);
    const socket = await dial();
    socket.pause();
    const closed = once(socket, 'error');
    const poke = setInterval(() => socket.write(get('large').repeat(100)), 20);
    await closed;
    clearInterval(poke);
    expect((await fetch(`http://127.0.0.1:${api.port}/v1/kv/large`)).status).toBe(200);
  });

  it('takes no more room than there is for all: 429', async () => {
    await start({ maxAnswerBytes: 1000 });
    store('large', 1001);
    const response = await fetch(`http://127.0.0.1:${api.port}/v1/kv/large`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    const head = await fetch(`http://127.0.0.1:${api.port}/v1/kv/large`, { method: 'HEAD' });
    expect(head.status).toBe(200);
  });
});

describe('the answer to a transaction', () => {
  it('is counted among what clients have to read, and given even where there is no room for it', async () => {
    await start({ maxAnswerBytes: 1_000_000 });
    store('large', 1_000_000);
    const socket = await dial();
    socket.pause();
    socket.write(largeTxn.repeat(20));
    await settled();
    expect(await readOfLarge()).toBe(429);
    await received(socket, 'HTTP/1.1 200', 20);
    await settled();
    expect(await readOfLarge()).toBe(200);
  });
});

describe('a client that leaves before it is answered', () => {
  it.each([
    ['a value', get('large')],
    ['a transaction', largeTxn],
  ])('costs no room for answers: %s', async (_, request) => {
    await start({ maxAnswerBytes: 1_000_000 });
    store('large', 1_000_000);
    node.isHolding = true;
    const socket = await dial();
    socket.write(request);
    await node.held(1);
    socket.destroy();
    await settled();
    node.release();
    await settled();
    expect(await readOfLarge()).toBe(200);
  });
});

describe('a large body', () => {
  const limits = { maxUploadBytes: 100_000, uploadWaitMs: 60_000 };

  it('waits, unread, until there is room, while small ones pass', async () => {
    await start(limits);
    node.isHolding = true;
    const [first, second] = [await dial(), await dial()];
    first.write(put('a', 80_000));
    await node.held(1);
    second.write(put('b', 80_000));
    await settled();
    expect(node.submitted).toBe(1);
    const small = await dial();
    small.write(put('c', 100));
    await node.held(2);
    node.release();
    await received(second, '200 OK');
    expect(node.submitted).toBe(3);
  });

  it('that waits too long is refused with 429 and Retry-After', async () => {
    await start({ ...limits, uploadWaitMs: 50 });
    node.isHolding = true;
    const [first, second] = [await dial(), await dial()];
    first.write(put('a', 80_000));
    await node.held(1);
    second.write(put('b', 80_000));
    const answer = await received(second, 'HTTP/1.1');
    expect(statusOf(answer)).toBe(429);
    expect(answer).toContain('retry-after: 1');
    expect(node.submitted).toBe(1);
  });

  it('of a client that leaves gives its room to the next', async () => {
    await start(limits);
    const [first, second] = [await dial(), await dial()];
    first.write(put('a', 80_000, 40_000));
    await settled();
    second.write(put('b', 80_000));
    await settled();
    expect(node.submitted).toBe(0);
    first.destroy();
    await received(second, '200 OK');
    // After half a minute there would be room anyway.
  }, 10_000);

  it('that does not arrive while others wait is given up: 408', async () => {
    await start({ ...limits, minUploadBytesPerMs: 1000, uploadWaitMs: 400 });
    const [first, second] = [await dial(), await dial()];
    first.write(put('a', 80_000, 40_000));
    await settled();
    second.write(put('b', 80_000));
    expect(statusOf(await received(first, 'HTTP/1.1'))).toBe(408);
  });

  it('that has arrived is not given up, however long others wait for its outcome', async () => {
    await start({ ...limits, minUploadBytesPerMs: 10_000, uploadWaitMs: 200 });
    node.isHolding = true;
    const [first, second] = [await dial(), await dial()];
    first.write(put('a', 80_000));
    await node.held(1);
    second.write(put('b', 80_000));
    expect(statusOf(await received(second, 'HTTP/1.1'))).toBe(429);
    node.release();
    expect(statusOf(await received(first, 'HTTP/1.1'))).toBe(200);
  });

  it('is not asked for (Expect: 100-continue) while others wait', async () => {
    await start(limits);
    node.isHolding = true;
    const [first, second, third] = [await dial(), await dial(), await dial()];
    first.write(put('a', 80_000));
    await node.held(1);
    second.write(put('b', 80_000));
    await settled();
    third.write(
      'PUT /v1/kv/c HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n',
    );
    // What it sends all the same must not be read as its next request.
    expect(await received(third, '\r\n\r\n')).toMatch(/^HTTP\/1\.1 429 (.|\r\n)*connection: close\r\n/i);
  });

  it('is not read by a node that does not lead: 421 at once', async () => {
    await start({});
    node.current = { ...node.current, role: 'follower', leader: 2 };
    const socket = await dial();
    socket.write(put('a', 1_000_000, 40_000));
    expect(statusOf(await received(socket, 'HTTP/1.1'))).toBe(421);
  });
});

describe('one connection too many', () => {
  const asked = async (): Promise<Socket> => {
    const socket = await dial();
    socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await received(socket, '200 OK');
    // Both ends are in this process: by then the server knows that it has been answered.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    return socket;
  };
  const closed = (socket: Socket) => once(socket.resume(), 'close');

  it('costs the one that has never asked anything', async () => {
    await start({ maxConnections: 2 });
    const used = await asked();
    const silent = await dial();
    const gone = closed(silent);
    const third = await dial();
    await gone;
    expect([used.closed, third.closed]).toEqual([false, false]);
  });

  it('costs the one that has been idle longest, if all have asked', async () => {
    await start({ maxConnections: 2 });
    const [first, second] = [await asked(), await asked()];
    const gone = closed(first);
    await dial();
    await gone;
    expect(second.closed).toBe(false);
  });

  it('is closed itself if all others wait for answers', async () => {
    await start({ maxConnections: 1 });
    node.isHolding = true;
    const socket = await dial();
    socket.write(get('x'));
    await node.held(1);
    await closed(await dial());
    expect(socket.closed).toBe(false);
  });
});
