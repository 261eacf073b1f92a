import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import {
  type Control,
  decodeControl,
  encodeControl,
  isPing,
  refusedFor,
} from '../../../src/adapters/codec/control.ts';
import { wireVersion } from '../../../src/adapters/codec/wire-versions.ts';

const hello = {
  type: 'Hello',
  version: wireVersion,
  clusterId: 'raftchart',
  from: 1,
  to: 2,
  incarnation: 'V1StGXR8_Z5jdHi6B-myT',
  clientEndpoint: 'http://127.0.0.1:8001',
  peerEndpoint: '[::1]:7001',
  configurationIndex: 12,
  logId: '0123456789abcdef0123456789abcdef',
  start: 7,
  runs: [
    { start: 5, tag: '0123abcd' },
    { start: 7, tag: 'ffffffff' },
  ],
  firstMembers: [1, 2, 300],
} as const satisfies Control;

const packr = new Packr({ useRecords: false });
/** A sound Hello, item by item, but with `changed` at the positions that reasons name. */
const helloItems = (changed: Readonly<Record<number, unknown>>): unknown =>
  Object.assign(
    [0, 'raftchart', wireVersion, 'a', 1, 2, 'x', null, '0'.repeat(32), 1, [[1, '00000000']], [1]],
    changed,
  );
const reasonOf = (items: unknown): string => {
  const decoded = decodeControl(packr.pack(items));
  return 'malformed' in decoded ? decoded.malformed : 'well-formed';
};

describe('control frames', () => {
  it('round-trip', () => {
    const text = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...'abcXYZ019 é_:/.-'), minLength: 1, maxLength });
    const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const version = fc.constantFrom(wireVersion - 1, wireVersion);
    const introduction = {
      incarnation: text(64),
      clientEndpoint: fc.option(text(200)),
      peerEndpoint: fc.option(text(200)),
      configurationIndex: fc.oneof(fc.constant(0), id),
      logId: fc
        .uint8Array({ minLength: 16, maxLength: 16 })
        .map((bytes) => Buffer.from(bytes).toString('hex')),
      start: id,
      runs: fc
        .uniqueArray(id, { minLength: 1, maxLength: 64 })
        .map((starts) => starts.toSorted((a, b) => a - b).map((start) => ({ start, tag: '0123abcd' }))),
      firstMembers: fc
        .uniqueArray(id, { minLength: 1, maxLength: 99 })
        .map((ids) => ids.toSorted((a, b) => a - b)),
    };
    const founders = fc
      .uniqueArray(fc.record({ id, peer: fc.option(text(20)) }), {
        minLength: 1,
        maxLength: 99,
        selector: (each) => each.id,
      })
      .map((each) => each.toSorted((a, b) => a.id - b.id));
    const any: fc.Arbitrary<Control> = fc.oneof(
      fc.record({ version, clusterId: text(128), from: id, to: id, ...introduction }).map((h) => ({
        type: 'Hello' as const,
        ...h,
      })),
      fc.record({ from: id, ...introduction }).map((w) => ({ type: 'Welcome' as const, ...w })),
      text(1024).map((reason) => ({ type: 'Refused' as const, reason })),
      id.map((start) => ({ type: 'Ping' as const, start })),
      fc.constant({ type: 'Pong' as const }),
      fc.record({ version, clusterId: text(128), from: id }).map((j) => ({
        type: 'Join' as const,
        ...j,
      })),
      fc.record({ from: id, firstMembers: founders }).map((j) => ({ type: 'Joined' as const, ...j })),
    );
    fc.assert(
      fc.property(any, (control) => {
        expect(decodeControl(encodeControl(control))).toEqual(control);
      }),
    );
  });

  it('names the version of a Hello that is of another one, whatever follows', () => {
    expect(decodeControl(packr.pack([0, 'raftchart', wireVersion + 1, 'and', 'more', 5, 6, 7, 8]))).toEqual({
      type: 'OtherVersion',
      version: wireVersion + 1,
    });
    expect(decodeControl(packr.pack([0, 'raftchart', 2]))).toEqual({
      type: 'OtherVersion',
      version: 2,
    });
  });

  it('names the version of a Join that is of another one', () => {
    expect(decodeControl(packr.pack([5, 'raftchart', wireVersion + 1, 'and', 'more']))).toEqual({
      type: 'OtherVersion',
      version: wireVersion + 1,
    });
  });

  it('tells a Ping from a message', () => {
    expect(isPing(encodeControl({ type: 'Ping', start: 1000 }))).toBe(true);
    expect(isPing(encodeControl({ type: 'Pong' }))).toBe(false);
  });

  it.each<[string, unknown, RegExp]>([
    ['another protocol', [0, 'something', 2], /expected item 1 to be "raftchart"/],
    ['no cluster', helloItems({ 3: '' }), /item 3/],
    ['a cluster id with a line break', helloItems({ 3: 'a\nb' }), /item 3/],
    ['a cluster id that is too long', helloItems({ 3: 'a'.repeat(129) }), /item 3/],
    ['node 0', helloItems({ 4: 0 }), /item 4/],
    ['an endpoint that is a number', helloItems({ 7: 8001 }), /item 7/],
    ['a log id that is too short', helloItems({ 8: 'abc' }), /item 8/],
    ['no runs', helloItems({ 10: [] }), /item 10/],
    ['start number 0', helloItems({ 9: 0 }), /item 9/],
    ['no members', helloItems({ 11: [] }), /item 11/],
    ['a member twice', helloItems({ 11: [2, 2] }), /item 11/],
    ['an extra item', helloItems({ 12: null, 13: 0, 14: 1 }), /item 14/],
    ['no configuration', helloItems({ 12: null, 13: null }), /item 13/],
    ['a Join of no cluster', [5, 'raftchart', wireVersion, '', 4], /Join: .*item 3/],
    ['a Join of node 0', [5, 'raftchart', wireVersion, 'a', 0], /Join: .*item 4/],
    ['a Joined without members', [6, 1, []], /Joined: .*item 2/],
    [
      'a Joined with a member twice',
      [
        6,
        1,
        [
          [2, null],
          [2, null],
        ],
      ],
      /Joined: .*item 2/,
    ],
    ['a Joined with an address of two lines', [6, 1, [[2, 'a\nb']]], /Joined: .*item 2/],
    ['a Refused without a reason', [2], /Refused/],
    ['a Ping with two items', [3, 1, 1], /Ping/],
    ['a message', [20, 1, 2, 3, 5, 2, 4, []], /not a control frame/],
    ['a long frame', [2, 'a'.repeat(5000)], /5005 bytes/],
  ])('answers %s as malformed', (_, items, reason) => {
    expect(reasonOf(items)).toMatch(reason);
  });

  it('a refusal fits into a frame whatever it quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 3000, size: 'max' }), (reason) => {
        expect(decodeControl(encodeControl(refusedFor(reason)))).toMatchObject({ type: 'Refused' });
      }),
    );
    expect(refusedFor('a\nb')).toEqual({ type: 'Refused', reason: 'a b' });
    expect(refusedFor('a'.repeat(2000)).reason).toBe('a'.repeat(1024));
  });

  it('refuses to send what it would not read: that is our own bug', () => {
    expect(() => encodeControl({ ...hello, clusterId: '' })).toThrow(/Hello must not be sent/);
  });
});
