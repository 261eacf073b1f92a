import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaterFormat } from '../../../src/ports/state-machine.ts';
import { decodeCommand, encodeStamped } from '../../../src/store/kv/commands.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import type { KvOperation } from '../../../src/store/kv/operations.ts';
import { plainRange } from '../../../src/store/kv/plain-range.ts';
import { maxTxnDepth } from '../../../src/store/kv/request-bytes.ts';
import { kvResultCodec } from '../../../src/store/kv/result-codec.ts';
import { anyRequest } from './any-request.ts';

const stampMs = 1_700_000_000_123;

describe('a stamped command', () => {
  it('is decoded as it was encoded', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(decodeCommand(encodeStamped(stampMs, request))).toEqual({ type: 'stamped', stampMs, request });
      }),
    );
  });

  it('that is cut off, or is followed by more, is malformed', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const bytes = encodeStamped(stampMs, request);
        for (let length = 3; length < bytes.length; length++)
          expect(decodeCommand(bytes.subarray(0, length)), `${length}`).toBeNull();
        expect(decodeCommand(Buffer.concat([bytes, Buffer.of(0)]))).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it('is answered somehow, whatever its bytes are, unless a later version wrote it', () => {
    const kv = new KvStateMachine();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(anyRequest, fc.nat(), fc.nat({ max: 255 })).map(([request, place, byte]) => {
        const good = encodeStamped(stampMs, request).slice(1);
        good[place % good.length] = byte;
        return good;
      }),
    );
    fc.assert(
      fc.property(bytes, (rest) => {
        const command = Buffer.concat([Buffer.of(5), rest]);
        try {
          expect(kv.apply(command).type).toMatch(/^(requested|malformed)$/);
        } catch (error) {
          // Chance made a choice that there is not yet.
          if (!(error instanceof LaterFormat)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('with anything that a later version has added, wherever it stands, stops the node', () => {
    const said = (bytes: Uint8Array): string | null => {
      try {
        new KvStateMachine().apply(bytes);
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const later = (what: string) =>
      `the log holds command 5 (${what}) of the key-value store, which is not known here: a newer raftchart wrote it, start that one`;
    expect(said(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 9))).toBe(later('choice 9'));
    const range = plainRange({ from: 'a', to: null });
    // Where its type, order, sorting and flags stand.
    const alone = encodeStamped(stampMs, range);
    const within = encodeStamped(stampMs, { type: 'txn', compare: [], success: [range], failure: [] });
    for (const [whole, at] of [
      [alone, 7],
      [within, 16],
    ] as const) {
      expect(said(whole)).toBeNull();
      for (const [offset, value, what] of [
        [0, 9, 'choice 9'],
        [1, 4, 'flags 4'],
        [19, 2, 'choice 2'],
        [20, 5, 'choice 5'],
        [21, 4, 'flags 4'],
      ] as const) {
        const bytes = Uint8Array.from(whole);
        bytes[at + offset] = value;
        expect(said(bytes), `${at} ${offset}`).toBe(later(what));
      }
    }
  });

  it('with a put without a key, or transactions too deep within each other, is malformed', () => {
    const put = { type: 'put', key: '', value: new Uint8Array(), lease: 0n } as const;
    const flags = { returnsPrevious: false, keepsValue: false, keepsLease: false };
    expect(decodeCommand(encodeStamped(stampMs, { ...put, ...flags }))).toBeNull();
    const nested = (depth: number): KvOperation => ({
      type: 'txn',
      compare: [],
      success: depth === 1 ? [] : [nested(depth - 1)],
      failure: [],
    });
    expect(decodeCommand(encodeStamped(stampMs, nested(maxTxnDepth)))).not.toBeNull();
    expect(decodeCommand(encodeStamped(stampMs, nested(maxTxnDepth + 1)))).toBeNull();
  });
});

it('the result of a request is remembered as it was', () => {
  fc.assert(
    fc.property(fc.array(anyRequest, { minLength: 1, maxLength: 20 }), (requests) => {
      const kv = new KvStateMachine();
      for (const request of requests) {
        const result = kv.apply(encodeStamped(stampMs, request));
        expect(kvResultCodec.decode(kvResultCodec.encode(result))).toEqual(result);
      }
    }),
  );
});
