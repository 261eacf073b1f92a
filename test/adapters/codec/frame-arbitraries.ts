import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { encodeMessage } from '../../../src/adapters/codec/message.ts';
import { anyMessage } from './message-arbitraries.ts';

const packr = new Packr({ useRecords: false });
const withRecords = new Packr({ useRecords: true, structuredClone: true });
const valid = anyMessage.map((message) => new Uint8Array(encodeMessage(message)));

const bitFlipped = fc
  .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 }))
  .map(([frame, flips]) => {
    for (const [at, bit] of flips) frame[at % frame.length]! ^= 1 << bit;
    return frame;
  });
const truncated = fc.tuple(valid, fc.nat()).map(([frame, at]) => frame.subarray(0, at % frame.length));
const extended = fc
  .tuple(valid, fc.uint8Array({ minLength: 1, maxLength: 20 }))
  .map(([frame, tail]) => new Uint8Array(Buffer.concat([frame, tail])));
const nested = fc
  .tuple(fc.integer({ min: 1, max: 50_000 }), fc.constantFrom(0x91, 0x81, 0x92, 0xd4))
  .map(([depth, token]) => new Uint8Array(depth).fill(token));
/** A token with a length of 16 or 32 bits that promises more than there is. */
const hugeLength = fc
  .tuple(
    fc.constantFrom(0xc5, 0xc6, 0xc8, 0xc9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf),
    fc.uint8Array({ minLength: 4, maxLength: 12 }),
    fc.boolean(),
  )
  .map(
    ([token, rest, isWithin]) =>
      new Uint8Array([...(isWithin ? [0x98, 0x14, 1, 2, 3, 0, 0, 0] : []), token, 0xff, 0xff, ...rest]),
  );
const prototypeKeys = fc
  .constantFrom('__proto__', 'constructor', 'prototype', 'toJSON', 'length', 'malformed', 'then')
  .chain((key) => fc.anything().map((value) => new Uint8Array(packr.pack(new Map([[key, simple(value)]])))));
const otherMsgpack = fc
  .anything({ withDate: true, withTypedArray: true, withSet: true, withMap: true, withBigInt: false })
  .map((value) => {
    try {
      return new Uint8Array(withRecords.pack(value));
    } catch {
      return new Uint8Array([0xc1]);
    }
  });
/** Right in form, with any values in the places of a message. */
const wrongValues = fc
  .tuple(
    fc.integer({ min: 0, max: 30 }),
    fc.array(
      fc.oneof(fc.nat(), fc.boolean(), fc.constant(null), fc.string({ maxLength: 5 }), fc.array(fc.nat())),
      {
        minLength: 3,
        maxLength: 9,
      },
    ),
  )
  .map(([code, items]) => new Uint8Array(packr.pack([code, ...items])));

const simple = (value: unknown): unknown =>
  typeof value === 'object' ? JSON.stringify(value)?.length : String(value);

/** Frames of all the kinds that a decoder must survive. Some are valid. */
export const anyFrame: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  bitFlipped,
  truncated,
  extended,
  nested,
  hugeLength,
  prototypeKeys,
  otherMsgpack,
  wrongValues,
  valid,
);
