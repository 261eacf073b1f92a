import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { exchangeRaw, statusOf } from './raw-client.ts';
import { SingleNode, serve } from './single-node.ts';

let node: SingleNode;
let api: HttpApi;
let clockMs = 0;

beforeEach(async () => {
  node = new SingleNode();
  clockMs = 1_700_000_000_000;
  api = await serve(node, { wallClock: () => clockMs });
});
afterEach(() => api.close(0));

type Sent = readonly [method: string, path: string, body?: string];

const send = async ([method, path, body]: Sent, headers: Readonly<Record<string, string>>) => {
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/kv/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body ?? null,
  });
  return {
    status: response.status,
    replayed: response.headers.get('idempotent-replayed'),
    body: (await response.json()) as { error?: string; message?: string; index?: number },
  };
};
const value = async (key: string) => (await fetch(`http://127.0.0.1:${api.port}/v1/kv/${key}`)).text();
const named = (name: string) => ({ 'Idempotency-Key': name });
const inSession = (name: string, sequence: number, received = 0, ageMs = 0) => ({
  'X-Raft-Session': `${name}; sequence=${sequence}; received=${received}; age=${ageMs}`,
});

const put = (key: string, text: string): Sent => ['PUT', key, text];
const cas = (key: string, from: string | null, to: string): Sent => [
  'POST',
  `${key}/cas`,
  JSON.stringify({ from, to }),
];

describe('a write that is repeated', () => {
  it.each<[string, Sent]>([
    ['PUT', put('x', '1')],
    ['DELETE', ['DELETE', 'x']],
    ['cas', cas('x', '0', '1')],
    ['cas that failed', cas('x', '7', '1')],
  ])('gets the first answer, and says so: %s', async (_, write) => {
    await send(put('x', '0'), {});
    const first = await send(write, named('once'));
    await send(put('x', '5'), {});
    expect(first).toMatchObject({ replayed: null, body: { index: 3, term: 2 } });
    expect(await send(write, named('once'))).toEqual({ ...first, replayed: 'true' });
    expect(await value('x')).toBe('5');
  });

  it('without a key is a second write', async () => {
    await send(put('x', '1'), {});
    expect(await send(put('x', '1'), {})).toEqual({
      status: 200,
      replayed: null,
      body: { index: 3, term: 2 },
    });
  });

  it('is refused as another one if anything in it differs', async () => {
    await send(put('x', '1'), named('once'));
    for (const other of [put('x', '2'), put('y', '1'), ['DELETE', 'x'] as const, cas('x', null, '1')]) {
      expect(await send(other, named('once'))).toMatchObject({ status: 422, body: { error: 'key_reused' } });
    }
    expect(await value('x')).toBe('1');
    expect(await send(put('x', '1'), named('once'))).toMatchObject({ status: 200, replayed: 'true' });
  });

  it('in a session is known by its number', async () => {
    await send(put('x', '1'), inSession('s', 1));
    await send(put('x', '2'), inSession('s', 2, 1));
    expect(await send(put('x', '2'), inSession('s', 2, 1))).toMatchObject({ status: 200, replayed: 'true' });
    expect(await send(put('x', '1'), inSession('s', 1))).toMatchObject({
      status: 410,
      body: { error: 'answer_forgotten' },
    });
    expect(await value('x')).toBe('2');
  });

  it('is refused when its session has been forgotten', async () => {
    await send(put('x', '1'), inSession('s', 1));
    for (let minutes = 0; minutes < 61; minutes++) {
      clockMs += 60_000;
      await send(put('y', '1'), named(`minute-${minutes}`));
    }
    const expired = { status: 410, body: { error: 'session_expired' } };
    expect(await send(put('x', '2'), inSession('s', 2, 1))).toMatchObject(expired);
    expect(await send(put('x', '1'), inSession('s', 1, 0, 3_600_000))).toMatchObject(expired);
    expect(await value('x')).toBe('1');
  });

  it('finds no room when 256 answers of its session are not acknowledged', async () => {
    for (let nth = 1; nth <= 256; nth++) await send(put('x', String(nth)), inSession('s', nth));
    expect(await send(put('x', 'no'), inSession('s', 257))).toMatchObject({
      status: 429,
      body: { error: 'sessions_full' },
    });
    expect(await value('x')).toBe('256');
  });

  it('is a read like any other if it is a GET', async () => {
    await send(put('x', '1'), named('once'));
    const got = await fetch(`http://127.0.0.1:${api.port}/v1/kv/x`, { headers: named('once') });
    expect([got.status, await got.text()]).toEqual([200, '1']);
  });
});

describe('a key that is none', () => {
  const both = { ...named('a'), ...inSession('s', 1) };
  const session = (text: string) => ({ 'X-Raft-Session': text });
  it.each([
    ['empty', named('')],
    ['too long', named('a'.repeat(129))],
    ['with a space', named('a b')],
    ['not in ASCII', named('\u00e9')],
    ['a key and a session', both],
    ['a session without a number', session('s')],
    ['a session with a number of 0', inSession('s', 0)],
    ['a session with a number that is too large', inSession('s', 2 ** 48)],
    ['a session that has received what it sends', inSession('s', 3, 3)],
    ['a session with something else', session('s; sequence=1; received=0; age=0; x=1')],
  ])('is refused in one line, and nothing is done: %s', async (_, headers) => {
    const answer = await send(put('x', '1'), headers);
    expect(answer).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    expect(answer.body.message).not.toContain('\n');
    expect(node.submitted).toBe(0);
  });

  it('is refused when it is given twice', async () => {
    const twice = 'Idempotency-Key: a\r\nIdempotency-Key: b\r\n';
    const head = `DELETE /v1/kv/x HTTP/1.1\r\nhost: localhost\r\n${twice}connection: close\r\n\r\n`;
    expect(statusOf(await exchangeRaw(api.port, head))).toBe(400);
    expect(node.submitted).toBe(0);
  });

  it('may have 128 characters, and any that is visible', async () => {
    const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 33 + at));
    for (const name of ['a'.repeat(128), visible]) {
      expect(await send(put('x', '1'), named(name))).toMatchObject({ status: 200, replayed: null });
      expect(await send(put('x', '1'), named(name))).toMatchObject({ status: 200, replayed: 'true' });
    }
  });
});
