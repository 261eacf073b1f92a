/** A source of uniform integers below `n`. Mulberry32: small, seeded, good enough to make junk. */
export type Dice = (n: number) => number;

export const seededDice = (seed: number): Dice => {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
  };
};

/**
 * Bytes for a connection to the client API, none of which may change the store: each kind is wrong in a way that a
 * correct server must not execute.
 */
export const malformedRequest = (dice: Dice): { readonly kind: string; readonly bytes: Uint8Array } => {
  const kinds = Object.keys(makers);
  const kind = kinds[dice(kinds.length)]!;
  return { kind, bytes: Buffer.from(makers[kind]!(dice), 'latin1') };
};

const binary = (dice: Dice, length: number): string =>
  String.fromCharCode(...Array.from({ length }, () => dice(256)));
const pick = <T>(dice: Dice, items: readonly T[]): T => items[dice(items.length)]!;
const validPut = 'PUT /v1/kv/fuzz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nvalue';
const putWith = (headers: string, body = 'value') =>
  `PUT /v1/kv/fuzz HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n${body}`;

const makers: Readonly<Record<string, (dice: Dice) => string>> = {
  'binary junk': (dice) => binary(dice, 1 + dice(400)),
  'a cut-off request': (dice) => validPut.slice(0, dice(validPut.length)),
  'a damaged head': (dice) => {
    // Only in the request line or before the header's value ends; a byte that HTTP forbids there.
    const at = dice('PUT /v1/kv/fuzz HTTP/1.1\r\n'.length);
    return `${validPut.slice(0, at)}\0${validPut.slice(at + 1)}`;
  },
  'an unknown method': (dice) =>
    `${pick(dice, ['PUTT', 'put', 'P\0T', 'BREW', ''])} /v1/kv/fuzz HTTP/1.1\r\n\r\n`,
  'a wrong method': (dice) =>
    `${pick(dice, ['POST', 'PATCH', 'OPTIONS', 'TRACE', 'LOCK'])} /v1/kv/fuzz HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  'an unknown version': (dice) =>
    `PUT /v1/kv/fuzz HTTP/${pick(dice, ['3.0', '9.9', 'x', '1', ''])}\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1`,
  'two lengths that differ': () => putWith('content-length: 5\r\ncontent-length: 3'),
  'a length beside chunks': () => putWith('content-length: 5\r\ntransfer-encoding: chunked', '0\r\n\r\n'),
  'a strange length': (dice) =>
    putWith(
      `content-length: ${pick(dice, ['-1', '+5', '0x5', '5,5', '5 5', '', 'NaN', '99999999999999999999'])}`,
    ),
  'a strange encoding': (dice) =>
    putWith(
      `transfer-encoding: ${pick(dice, ['chunked, gzip', 'xchunked', 'chunked\0', 'gzip'])}`,
      '0\r\n\r\n',
    ),
  'a bad chunk': (dice) =>
    putWith(
      'transfer-encoding: chunked',
      `${pick(dice, ['zz', '-1', '0x5', '5 ;', 'fffffffffffffffff'])}\r\nvalue`,
    ),
  'a huge header': (dice) => putWith(`x-junk: ${'j'.repeat(20_000 + dice(20_000))}\r\ncontent-length: 5`),
  'many headers': () => putWith(`${'x-a: b\r\n'.repeat(4000)}content-length: 5`),
  'a folded or bare header': (dice) =>
    putWith(`${pick(dice, ['x: a\n b', 'novalue', ': none', 'x y: 1', 'x\r: 1'])}\r\ncontent-length: 5`),
  'no host': () => 'PUT /v1/kv/fuzz HTTP/1.1\r\ncontent-length: 1\r\n\r\n1',
  'a bad target': (dice) =>
    `PUT ${pick(dice, ['', '*', 'v1/kv/fuzz', '/v1/kv/', '/v1/kv/%', '/v1/kv/%ff', '/v1/kv/a/b', '/v1/kv/\xff', '/v1/kv/a?b', `/v1/kv/${'k'.repeat(3000)}`, '//v1/kv/fuzz', 'http:///v1/kv/%zz'])} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\r\n1`,
  'a bad cas': (dice) => {
    const bodies = [
      '',
      '{',
      '[]',
      '1',
      '{"from":1,"to":"2"}',
      '{"from":null}',
      '{"from":null,"to":"\\ud800"}',
      '\xff',
      '{"from":null,"to":"\xff"}',
    ];
    const body = pick(dice, [...bodies, binary(dice, 30), `${'['.repeat(5000)}`]);
    return `POST /v1/kv/fuzz/cas HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  },
  'an upgrade': (dice) =>
    `${pick(dice, ['GET /v1/kv', 'CONNECT a:1', 'PRI *'])} HTTP/${pick(dice, ['1.1', '2.0'])}\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: ${pick(dice, ['websocket', 'h2c'])}\r\n\r\n`,
  'an unknown expectation': () => putWith('expect: the-unexpected\r\ncontent-length: 5', ''),
  'a TLS hello': (dice) => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${binary(dice, 32)}`,
};
