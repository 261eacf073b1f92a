import { describe, expect, it } from 'vitest';
import { includes, newToken, permissions, Tokens } from '../../../../src/store/http/access/tokens.ts';

const alice = newToken('write', 'alice');
const bob = newToken('read', 'bob');
const tokens = Tokens.parse(`# who may do what\n\n${alice.line}\n  ${bob.line}  \r\n`);

describe('tokens', () => {
  it('are known by their hashes, and belong to somebody who may do something', () => {
    expect(tokens.bearerOf(`Bearer ${alice.token}`)).toEqual({ name: 'alice', permission: 'write' });
    expect(tokens.bearerOf(`bearer  ${bob.token}`)).toEqual({ name: 'bob', permission: 'read' });
    expect(alice.line).not.toContain(alice.token);
    expect(alice.token.length).toBeGreaterThan(40);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer nobody',
    `Basic ${alice.token}`,
    `Bearer ${alice.token}x`,
    `Bearer ${alice.token.slice(1)}`,
    `Bearer ${alice.token}, Bearer ${bob.token}`,
    `Bearer ${'x'.repeat(100_000)}`,
    alice.line.split(' ')[0],
    `Bearer ${alice.line.split(' ')[0]!.slice(7)}`,
  ])('are nobody’s in %s', (authorization) => {
    expect(tokens.bearerOf(authorization)).toBeNull();
  });

  it.each([
    ['', /^it contains no token/],
    ['# only words\n', /^it contains no token/],
    [`${alice.line}\nhello`, /^line 2: expected sha256:/],
    [alice.line.replace('write', 'writes'), /^line 1: expected sha256:/],
    [alice.line.replace('sha256:', ''), /^line 1: expected sha256:/],
    [alice.line.replace(/ alice$/, ''), /^line 1: expected sha256:/],
    [`${alice.line} smith`, /^line 1: expected sha256:/],
    [alice.token, /^line 1: expected sha256:/],
    [`${alice.line}\n${alice.line.replace('write', 'admin')}`, /^line 2: this token is listed twice/],
  ])('are refused in one line for the file %j', (text, line) => {
    expect(() => Tokens.parse(text)).toThrow(line);
  });

  it('include what is less', () => {
    const rows = permissions.map((has) => permissions.map((needed) => includes(has, needed)));
    expect(rows).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });
});
