import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { unpackFrame } from '../../../src/adapters/codec/msgpack.ts';
import { shapeFault } from '../../../src/adapters/codec/msgpack-shape.ts';

const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));

describe('shape of a frame', () => {
  it.each<[string, Uint8Array, RegExp | null]>([
    ['nothing', hex(''), /ends in the middle/],
    ['an empty array', hex('90'), null],
    ['array 16 and array 32', hex('dc0002 01 dd00000001 02'), null],
    ['every used type', hex('98 c0 c2 c3 cc80 cd0100 ce00010000 cf001fffffffffffff a161'), null],
    ['an int 64', hex('91 d3001fffffffffffff'), null],
    ['an integer of 2^53', hex('91 cf0020000000000000'), /2\^53/],
    ['a negative int 64', hex('91 d3ffffffffffffffff'), /2\^53/],
    ['a number cut short', hex('91 ce0001'), /ends in the middle/],
    ['a huge declared array', hex('ddffffffff'), /more items than it has bytes/],
    ['a huge declared array within', hex('91 ddffffffff'), /more items than it has bytes/],
    ['a huge declared byte string', hex('91 c6ffffffff'), /ends in the middle/],
    ['a huge declared text', hex('91 dbffffffff'), /ends in the middle/],
    ['an item missing', hex('92 01'), /more items|ends in the middle/],
    ['bytes after the end', hex('91 01 01'), /after its end/],
    ['a map with __proto__', hex('91 81 a95f5f70726f746f5f5f 01'), /0x81/],
    ['a record definition of msgpackr', hex('91 d4 72 40 91 a161 01'), /0xd4/],
    ['a date', hex('91 d6ff00000000'), /0xd6/],
    ['the never used type', hex('91 c1'), /0xc1/],
    ['a negative integer', hex('91 ff'), /0xff/],
    ['a float 32', hex('91 ca00000000'), /0xca/],
    ['nesting of 4', hex('91 91 91 91 01'), /nested/],
    ['nesting of 8 MiB', new Uint8Array(8 << 20).fill(0x91), /nested/],
  ])('%s', (_, frame, fault) => {
    const found = shapeFault(frame);
    if (fault === null) expect(found).toBeNull();
    else expect(found).toMatch(fault);
  });

  it('accepts what msgpackr writes for every value of the shape, and msgpackr then reads it whole', () => {
    const leaf = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.string({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }),
    );
    const inner = fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 20 })), { maxLength: 20 });
    const packr = new Packr({ useRecords: false });
    fc.assert(
      fc.property(fc.array(fc.oneof(leaf, inner), { maxLength: 20 }), (value) => {
        const frame = new Uint8Array(packr.pack(value));
        expect(unpackFrame(frame)).toEqual(value);
        for (const cut of [1, frame.length >> 1, frame.length - 1])
          if (cut < frame.length) expect(shapeFault(frame.subarray(0, cut))).not.toBeNull();
      }),
    );
  });
});
