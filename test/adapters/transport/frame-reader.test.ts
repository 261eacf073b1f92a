import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, prefixBytes } from '../../../src/adapters/transport/frame-reader.ts';

const framed = (frame: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(prefixBytes + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, prefixBytes);
  return bytes;
};

describe('frame reader', () => {
  it('gives the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (frames, sizes) => {
          const stream = Buffer.concat(frames.map(framed));
          const reader = new FrameReader(60);
          const read: Uint8Array[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length]!;
            expect(reader.push(stream.subarray(at, at + size), (frame) => read.push(frame))).toBeNull();
            at += size;
          }
          expect(read).toEqual(frames);
        },
      ),
    );
  });

  it.each([
    ['of 0 bytes', '00000000', 'a frame of 0 bytes'],
    ['of one byte too many', '0000000b', 'a frame of 11 bytes, more than the 10 allowed'],
    ['of 4 GiB', 'ffffffff', 'a frame of 4294967295 bytes, more than the 10 allowed'],
  ])('refuses a frame %s and everything after it', (_, prefix, fault) => {
    const reader = new FrameReader(10);
    const frames: Uint8Array[] = [];
    const good = framed(new Uint8Array([1]));
    const stream = Buffer.concat([good, Buffer.from(prefix, 'hex'), good]);
    expect(reader.push(stream, (frame) => frames.push(frame))).toBe(fault);
    expect(reader.push(good, (frame) => frames.push(frame))).toBe(fault);
    expect(frames).toHaveLength(1);
  });

  it('has a limit of its own for the first frame', () => {
    const reader = new FrameReader(100, 5);
    expect(reader.push(framed(new Uint8Array(5)), () => {})).toBeNull();
    expect(reader.push(framed(new Uint8Array(100)), () => {})).toBeNull();
    expect(new FrameReader(100, 5).push(framed(new Uint8Array(6)), () => {})).toMatch(/more than the 5/);
  });

  describe('holds a part of a frame in little more room than its bytes', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    /** What `hold` leaves behind, in bytes. */
    const roomOf = <Held>(hold: () => Held): { readonly bytes: number; readonly held: Held } => {
      const used = (): number => {
        for (let round = 0; round < 3; round++) gc();
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      };
      const before = used();
      const held = hold();
      return { bytes: used() - before, held };
    };

    it('if it is the end of a large chunk', () => {
      const frame = framed(new Uint8Array(30_000));
      const { bytes, held } = roomOf(() =>
        Array.from({ length: 200 }, () => {
          const reader = new FrameReader(60_000);
          const chunk = new Uint8Array(frame.length + 1);
          chunk.set(frame);
          reader.push(chunk, () => {});
          return reader;
        }),
      );
      expect(held.map(({ heldBytes }) => heldBytes)).toEqual(held.map(() => 1));
      expect(bytes).toBeLessThan(1_000_000);
    });

    it('if it came byte by byte', () => {
      const { bytes, held } = roomOf(() =>
        Array.from({ length: 20 }, () => {
          const reader = new FrameReader(60_000);
          for (const byte of framed(new Uint8Array(30_000)).subarray(0, -1))
            reader.push(new Uint8Array([byte]), () => {});
          return reader;
        }),
      );
      expect(held.map(({ heldBytes }) => heldBytes)).toEqual(held.map(() => 30_003));
      expect(bytes).toBeLessThan(3_000_000);
    });
  });
});
