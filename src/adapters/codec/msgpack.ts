// These entries are msgpackr without its native string extractor: no native code reads a peer's bytes.
import { Packr } from 'msgpackr/pack';
import { Unpackr } from 'msgpackr/unpack';
import { type Malformed, malformed } from './malformed.ts';
import { shapeFault } from './msgpack-shape.ts';

/** What our frames are made of: the plain part of msgpack that every language's library reads. */
export type Plain = null | boolean | number | bigint | string | Uint8Array | readonly Plain[];

const packr = new Packr({ useRecords: false, mapsAsObjects: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** msgpackr never shrinks its write buffer, and each frame is a view of it: beyond this size start a new one. */
const keptBufferBytes = 1 << 20;
const freshBufferBytes = 1 << 16;

/** Of the kind that msgpackr allocates itself: a browser has no `Buffer`. */
const freshBuffer = (): Uint8Array =>
  typeof Buffer === 'undefined' ? new Uint8Array(freshBufferBytes) : Buffer.allocUnsafeSlow(freshBufferBytes);

/** The frame is the caller's: it is not written to again. */
export const packFrame = (value: Plain): Uint8Array => {
  const packed = packr.pack(value);
  if (packed.buffer.byteLength > keptBufferBytes) packr.useBuffer(freshBuffer());
  return packed;
};

/** Byte strings in the result are views of `frame`. Never throws. */
export const unpackFrame = (frame: Uint8Array): readonly Plain[] | Malformed => {
  const fault = shapeFault(frame);
  return fault === null ? (unpackr.unpack(frame) as readonly Plain[]) : malformed(fault);
};

/** msgpackr writes numbers of more than 32 bits as floats; a BigInt makes it an int 64, which strict readers expect. */
export const packInteger = (value: number): number | bigint => (value > 0xffff_ffff ? BigInt(value) : value);
