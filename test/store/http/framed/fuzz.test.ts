import { expect, it } from 'vitest';
import { packFrame } from '../../../../src/adapters/codec/msgpack.ts';
import { encodePut } from '../../../../src/store/kv/commands.ts';
import { type Dice, seededDice } from '../malformed-requests.ts';
import { SingleNode, serve } from '../single-node.ts';
import { FramesClient, frameOf, textOf } from './frames-client.ts';

const pick = <Item>(dice: Dice, items: readonly Item[]): Item => items[dice(items.length)]!;
const binary = (dice: Dice, length: number): Uint8Array => Uint8Array.from({ length }, () => dice(256));
const prefixed = (frame: Uint8Array, by = 0): Uint8Array => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Math.max(0, frame.length + by));
  return Buffer.concat([length, frame]);
};
const good = (dice: Dice): Uint8Array => frameOf(1 + dice(1000), 'GET', '/v1/kv/a', '', ['x-a', 'b']);

/** Bytes of which none may change the store: no frame of them asks for a write that makes sense. */
const makers: Readonly<Record<string, (dice: Dice) => Uint8Array>> = {
  junk: (dice) => binary(dice, 1 + dice(300)),
  'junk of the right length': (dice) => prefixed(binary(dice, 1 + dice(60))),
  'a frame with a byte changed': (dice) => {
    const frame = Uint8Array.from(good(dice));
    frame[dice(frame.length)] = dice(256);
    return frame;
  },
  'a frame that is cut off': (dice) => good(dice).subarray(0, 1 + dice(20)),
  'a length that is wrong': (dice) => prefixed(good(dice).subarray(4), pick(dice, [-3, -1, 1, 3])),
  'a request of other items': (dice) =>
    prefixed(
      packFrame(
        Array.from({ length: dice(8) }, () =>
          pick(dice, [
            0,
            1,
            2 ** 32,
            'GET',
            'PUT',
            '/v1/kv/a',
            '',
            null,
            true,
            [],
            ['x'],
            ['x', 'y'],
            binary(dice, 5),
          ]),
        ).toSorted(() => dice(3) - 1),
      ),
    ),
  'a strange method': (dice) =>
    frameOf(
      1,
      pick(dice, ['', 'put', 'PUT ', '__proto__', 'x'.repeat(5000), 'P\0T', '\ud800']),
      '/v1/kv/a',
      'x',
    ),
  'a strange path': (dice) =>
    frameOf(
      1,
      'PUT',
      pick(dice, [
        '/',
        '//',
        '/v1/kv/',
        '/v1/kv/%',
        '/v1/kv/%ff',
        '/v1/kv/a/b',
        '/v1/kv/a?b',
        '/v2/kv/%zz',
        `/v1/kv/${'k'.repeat(9000)}`,
        '/v2/leases/0',
        '/v2/kv/a?lease=x',
        '/v1/kv/\u{1f600}',
        '/v1/kv/a b',
        '*',
        'http://h/v1/kv/a',
      ]),
      'x',
    ),
  'strange headers': (dice) =>
    frameOf(1, 'PUT', '/v1/kv/a', 'x', [
      pick(dice, ['x-raft-session', 'idempotency-key']),
      pick(dice, ['', '\0', 'ł', 'a b', 'x'.repeat(9000), 's; sequence=1', '\ud800']),
      pick(dice, ['__proto__', 'constructor', 'host', 'HOST', '']),
      'evil.example',
    ]),
  'many headers': () =>
    frameOf(
      1,
      'POST',
      '/v1/kv/a/cas',
      '',
      Array.from({ length: 8000 }, () => 'x'),
    ),
  'a body that makes no sense': (dice) =>
    frameOf(1, 'POST', pick(dice, ['/v1/kv/a/cas', '/v2/txn', '/v2/leases']), binary(dice, 30), [
      'content-type',
      'application/json',
    ]),
};

it('2,000 connections with malformed frames: nothing is changed, no answer is malformed, and the server still serves', async () => {
  const seed = 20_261_130;
  const dice = seededDice(seed);
  const node = new SingleNode();
  // A part of a frame that is not given back would soon leave no room for others.
  const api = await serve(node, { limits: { maxBufferedBytes: 300_000, maxRequests: 500 } });
  node.kv.apply(encodePut('a', Buffer.from('unchanged')));
  const kinds = Object.keys(makers);
  const startMs = performance.now();
  for (let round = 0; round < 100 && performance.now() - startMs < 20_000; round++) {
    const batch = Array.from({ length: 20 }, () => {
      const kind = pick(dice, kinds);
      const all = [
        makers[kind]!(dice),
        ...(dice(2) === 0 ? [good(dice), makers[pick(dice, kinds)]!(dice)] : []),
      ];
      return { kind, bytes: Buffer.concat(all), cutAt: dice(40), isReset: dice(4) === 0 };
    });
    await Promise.all(
      batch.map(async ({ kind, bytes, cutAt, isReset }) => {
        const client = await FramesClient.open(api.port);
        client.socket.write(bytes.subarray(0, cutAt));
        if (isReset) client.socket.resetAndDestroy();
        else client.socket.end(bytes.subarray(cutAt));
        await client.closed;
        for (const answer of client.answers)
          expect(
            answer.status === 200 ? textOf(answer) === 'unchanged' : answer.status >= 400,
            `seed ${seed}: ${kind} was answered ${answer.status} ${textOf(answer)}`,
          ).toBe(true);
      }),
    );
    expect(textOf({ body: node.kv.get('a')! } as never), `seed ${seed}, round ${round}`).toBe('unchanged');
  }
  const client = await FramesClient.open(api.port);
  const { status } = await client.ask('PUT', '/v1/kv/b', 'x'.repeat(30_000));
  expect(status).toBe(200);
  client.socket.destroy();
  await api.close(0);
}, 60_000);
