import { describe, expect, it } from 'vitest';
import { isMalformed } from '../../../src/adapters/codec/malformed.ts';
import { type Plain, packFrame } from '../../../src/adapters/codec/msgpack.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  headerIn,
  idAfter,
} from '../../../src/store/frames/frame-codec.ts';
import { seededDice } from '../http/malformed-requests.ts';

/** Without its length, which it checks; no Buffer, so that what is read of it is none. */
const frameIn = (all: Uint8Array): Uint8Array => {
  expect(Buffer.from(all).readUInt32BE()).toBe(all.length - 4);
  return Uint8Array.from(all.subarray(4));
};
const body = new Uint8Array([0, 1, 255]);

describe('a request', () => {
  it.each([1, 127, 65_536, 0xffff_ffff])('is read as it was written, with id %i', (id) => {
    const request = { id, method: 'PUT', path: '/v2/kv/a?b=c', headers: ['x', 'y', 'é', ''], body };
    expect(decodeRequest(frameIn(encodeRequest(request)))).toEqual(request);
  });

  it.each<[string, Plain]>([
    ['is no array', 'x'],
    ['has no items', []],
    ['has four items', [1, 'GET', '/', []]],
    ['has six items', [1, 'GET', '/', [], body, null]],
    ['has the id of no request', [0, 'GET', '/', [], body]],
    ['has an id of 33 bits', [2n ** 32n, 'GET', '/', [], body]],
    ['has a text as id', ['1', 'GET', '/', [], body]],
    ['has an id between two numbers', [1.5, 'GET', '/', [], body]],
    ['has an empty method', [1, '', '/', [], body]],
    ['has a method in lower case', [1, 'get', '/', [], body]],
    ['has a method of 17 letters', [1, 'A'.repeat(17), '/', [], body]],
    ['has a method with a space', [1, 'GET ', '/', [], body]],
    ['has a method with a line behind it', [1, 'GET\n', '/', [], body]],
    ['has a method beyond ASCII', [1, 'GÉT', '/', [], body]],
    ['has a method that is no text', [1, 7, '/', [], body]],
    ['has a path that is no text', [1, 'GET', null, [], body]],
    ['has a path without a slash', [1, 'GET', 'v2/kv', [], body]],
    ['has an empty path', [1, 'GET', '', [], body]],
    ['has a path with a space', [1, 'GET', '/v2/kv/a b', [], body]],
    ['has a path with a line in it', [1, 'GET', '/v2/kv/a\n', [], body]],
    ['has a path beyond ASCII', [1, 'GET', '/v2/kv?prefix=ł', [], body]],
    ['has a header without a value', [1, 'GET', '/', ['x'], body]],
    ['has a header with a number', [1, 'GET', '/', ['x', 1], body]],
    ['has headers that are no array', [1, 'GET', '/', 'xy', body]],
    ['has headers in headers', [1, 'GET', '/', ['x', ['y']], body]],
    ['has a text as body', [1, 'GET', '/', [], 'body']],
    ['has no body', [1, 'GET', '/', [], null]],
    ['has a list as body', [1, 'GET', '/', [], [1]]],
  ])('is malformed if it %s', (_, items) => {
    const request = decodeRequest(packFrame(items));
    expect(isMalformed(request)).toBe(true);
  });

  it('is malformed with a byte too few or too many', () => {
    const frame = frameIn(encodeRequest({ id: 1, method: 'GET', path: '/', headers: [], body }));
    expect(isMalformed(decodeRequest(frame.subarray(0, -1)))).toBe(true);
    expect(isMalformed(decodeRequest(Buffer.concat([frame, Buffer.of(0)])))).toBe(true);
    expect(isMalformed(decodeRequest(new Uint8Array()))).toBe(true);
  });
});

it.each([
  [0, 1],
  [1, 2],
  [0xffff_ffff, 1],
])('the id after %i is %i', (id, next) => {
  expect(idAfter(id)).toBe(next);
});

describe('an answer', () => {
  it.each([0, 1, 0xffff_ffff])('is read as it was written, with id %i', (id) => {
    const answer = { id, status: 412, headers: ['etag', '"1"'], body };
    expect(decodeAnswer(frameIn(encodeAnswer(answer)))).toEqual(answer);
  });

  it.each<[string, Plain]>([
    ['has three items', [1, 200, []]],
    ['has five items', [1, 200, [], body, null]],
    ['has a text as id', ['1', 200, [], body]],
    ['has an id of 33 bits', [2n ** 32n, 200, [], body]],
    ['has an id between two numbers', [1.5, 200, [], body]],
    ['has a status between two numbers', [1, 200.5, [], body]],
    ['has a text as status', [1, '200', [], body]],
    ['has a status below those of HTTP', [1, 99, [], body]],
    ['has a status beyond those of HTTP', [1, 600, [], body]],
    ['has a header without a value', [1, 200, ['x'], body]],
    ['has a text as body', [1, 200, [], 'body']],
  ])('is malformed if it %s', (_, items) => {
    expect(isMalformed(decodeAnswer(packFrame(items)))).toBe(true);
  });
});

it('finds a header by its name only, not by the value of another', () => {
  expect(headerIn(['a', 'b', 'b', 'c'], 'b')).toBe('c');
  expect(headerIn(['a', 'b'], 'b')).toBeNull();
});

it('never throws on random bytes, nor on frames with a few bytes changed', () => {
  const seed = 20_261_130;
  const dice = seededDice(seed);
  const good = [
    frameIn(encodeRequest({ id: 70_000, method: 'PUT', path: '/v2/kv/a', headers: ['a', 'b'], body })),
    frameIn(encodeAnswer({ id: 70_000, status: 200, headers: ['a', 'b'], body })),
  ];
  for (let round = 0; round < 20_000; round++) {
    const isJunk = dice(2) === 0;
    const frame = isJunk
      ? Uint8Array.from({ length: dice(40) }, () => dice(256))
      : Uint8Array.from(good[dice(2)]!);
    if (!isJunk) for (let at = 0; at <= dice(3); at++) frame[dice(frame.length)] = dice(256);
    for (const decode of [decodeRequest, decodeAnswer]) {
      let thrown: unknown = null;
      try {
        decode(frame);
      } catch (error) {
        thrown = error;
      }
      expect(thrown, `seed ${seed}, round ${round}: ${Buffer.from(frame).toString('hex')}`).toBeNull();
    }
  }
});
