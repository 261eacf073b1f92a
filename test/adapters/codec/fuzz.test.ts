import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeControl } from '../../../src/adapters/codec/control.ts';
import { isMalformed } from '../../../src/adapters/codec/malformed.ts';
import { decodeMessage, encodeMessage } from '../../../src/adapters/codec/message.ts';
import { anyFrame } from './frame-arbitraries.ts';

it('decoding any frame gives a message that may be sent again, or a reason in one line', () => {
  let malformed = 0;
  let wellFormed = 0;
  fc.assert(
    fc.property(anyFrame, (frame) => {
      const message = decodeMessage(frame);
      if (isMalformed(message)) {
        malformed++;
        expect(message.malformed).toMatch(/^[^\n]{1,200}$/);
      } else {
        wellFormed++;
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }
      const control = decodeControl(frame);
      if (isMalformed(control)) expect(control.malformed).toMatch(/^[^\n]{1,200}$/);
    }),
    { numRuns: 10_000 },
  );
  // Both kinds were there.
  expect(malformed).toBeGreaterThan(1000);
  expect(wellFormed).toBeGreaterThan(500);
  expect(({} as Record<string, unknown>).malformed).toBeUndefined();
});
