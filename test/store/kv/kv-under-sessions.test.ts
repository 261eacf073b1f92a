import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeCas,
  encodeDelete,
  encodeGet,
  encodePut,
  encodeStamped,
  laterOperationIn,
} from '../../../src/store/kv/commands.ts';
import { type KvResult, KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import type { KvRequest } from '../../../src/store/kv/requests.ts';
import { kvResultCodec } from '../../../src/store/kv/result-codec.ts';
import { encodeEnvelope } from '../../../src/store/sessions/envelope.ts';
import { SessionStateMachine } from '../../../src/store/sessions/session-state-machine.ts';

const key = fc.constantFrom('x', 'y', 'ä');
const value = fc.uint8Array({ maxLength: 6 });
const command = fc.oneof(
  fc.tuple(key, value).map(([k, v]) => encodePut(k, v)),
  key.map(encodeGet),
  key.map(encodeDelete),
  fc.tuple(key, fc.option(value), fc.option(value)).map(([k, from, to]) => encodeCas(k, from, to)),
  fc.uint8Array({ maxLength: 12 }).filter((bytes) => laterOperationIn(bytes) === null),
);

const underSessions = () => new SessionStateMachine<KvResult>(new KvStateMachine(), kvResultCodec);

describe('the key-value store under sessions', () => {
  it('takes a log that was written before there were sessions as the store alone does', () => {
    fc.assert(
      fc.property(fc.array(command), (log) => {
        const kv = new KvStateMachine();
        const both = underSessions();
        for (const [at, each] of log.entries()) {
          const result = kv.apply(each);
          expect(both.apply(each, { index: at + 1, term: 1 })).toEqual({ type: 'applied', result });
        }
      }),
    );
  });

  it('gives a repeated command the very result of the first, of whatever kind', () => {
    fc.assert(
      fc.property(fc.array(command), (log) => {
        const machine = underSessions();
        for (const [at, each] of log.entries()) {
          const key = { type: 'idempotencyKey' as const, name: `n${at}` };
          const enveloped = encodeEnvelope({ key, ageMs: 0, stampMs: at, command: each });
          const first = machine.apply(enveloped, { index: 2 * at + 1, term: 3 });
          expect(machine.apply(enveloped, { index: 2 * at + 2, term: 4 })).toEqual({
            ...first,
            type: 'repeated',
            index: 2 * at + 1,
            term: 3,
          });
        }
      }),
    );
  });

  it('takes a stamped command that is repeated for the same one, whatever its stamp, and another for another', () => {
    const machine = underSessions();
    const put = (text: string): KvRequest => ({
      type: 'put',
      key: 'x',
      value: Buffer.from(text),
      lease: 0n,
      returnsPrevious: false,
      keepsValue: false,
      keepsLease: false,
    });
    const apply = (stampMs: number, request: KvRequest) => {
      const command = encodeStamped(stampMs, request);
      const key = { type: 'idempotencyKey' as const, name: 'once' };
      // A view of a Buffer, as the log gives: it must stay as it is.
      const bytes = Buffer.from(encodeEnvelope({ key, ageMs: 0, stampMs, command }));
      const before = Buffer.from(bytes);
      const result = machine.apply(bytes, { index: stampMs, term: 1 });
      expect(bytes).toEqual(before);
      return result;
    };
    expect(apply(1, put('1')).type).toBe('applied');
    expect(apply(2, put('1'))).toMatchObject({ type: 'repeated', index: 1 });
    expect(apply(3, put('2')).type).toBe('keyReused');
  });

  it('takes its time from the stamp of the envelope, which is that of the node that proposed it', () => {
    const kv = new KvStateMachine();
    const machine = new SessionStateMachine<KvResult>(kv, kvResultCodec);
    // Clients at two nodes whose clocks are an hour apart, at the same leader.
    for (let at = 0; at < 10; at++) {
      const command = encodeStamped((at % 2) * 3_600_000, { type: 'passTime' });
      const key = { type: 'idempotencyKey', name: `n${at}` } as const;
      machine.apply(encodeEnvelope({ key, ageMs: 0, stampMs: 1000 + at, command }), {
        index: at + 1,
        term: 1,
      });
    }
    expect(kv.time).toEqual({ nowMs: 9, lastStampMs: 1009 });
  });

  it('has no result of an unknown type', () => {
    expect(() => kvResultCodec.decode(Uint8Array.of(9))).toThrow('a result has no type 9');
  });
});
