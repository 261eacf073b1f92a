import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeCas,
  encodeDelete,
  encodeGet,
  encodePut,
  encodeStamped,
} from '../../../src/store/kv/commands.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { bytesOf, cutInto, stateMachineContract } from '../../contracts/state-machine.contract.ts';
import { anyRequest } from './any-request.ts';

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
);
const value = fc.uint8Array({ maxLength: 20 });
const command = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(key, value).map(([k, v]) => encodePut(k, v)) },
  { weight: 3, arbitrary: key.map(encodeDelete) },
  {
    weight: 1,
    arbitrary: fc.tuple(key, fc.option(value), fc.option(value)).map((args) => encodeCas(...args)),
  },
);

const stamped = fc
  .tuple(fc.nat({ max: 20_000 }), anyRequest)
  .map(([stampMs, request]) => encodeStamped(stampMs, request));

stateMachineContract('the key-value store', () => new KvStateMachine(), command);
stateMachineContract(
  'the key-value store with revisions',
  () => new KvStateMachine(),
  fc.oneof({ weight: 1, arbitrary: command }, { weight: 2, arbitrary: stamped }),
);

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);
const read = (kv: KvStateMachine, key: string) => {
  const result = kv.apply(encodeGet(key));
  return result.type === 'found' ? text(result.value) : null;
};

describe('a snapshot of the key-value store', () => {
  it('does not depend on the past of the store, only on what it holds', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, value)), fc.array(key), async (pairs, deleted) => {
        const one = new KvStateMachine();
        for (const [k, v] of pairs) one.apply(encodePut(k, v));
        const other = new KvStateMachine();
        for (const k of deleted) other.apply(encodePut(k, bytes('gone')));
        for (const [k, v] of new Map(
          pairs.toReversed().map(([k]) => [k, pairs.findLast(([l]) => l === k)![1]]),
        )) {
          other.apply(encodePut(k, v));
        }
        const kept = new Set(pairs.map(([k]) => k));
        for (const k of deleted) if (!kept.has(k)) other.apply(encodeDelete(k));
        expect(await bytesOf(other)).toEqual(await bytesOf(one));
      }),
    ));

  it('shows each key as it was when it began, whatever is applied between any two pieces', () => {
    // Values of a third of a piece, so that there are many pieces and a change can fall anywhere.
    const filler = 'x'.repeat(20_000);
    const keys = Array.from({ length: 30 }, (_, n) => `key ${n}`);
    const change = fc.record({
      key: fc.constantFrom(...keys, 'new 1', 'new 2'),
      kind: fc.constantFrom('put', 'delete', 'empty'),
    });
    return fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 20 }), async (turns) => {
        const kv = new KvStateMachine();
        for (const k of keys) kv.apply(encodePut(k, bytes(k + filler)));
        const model = new Map(keys.map((k) => [k, k + filler]));
        const fixed = await bytesOf(kv);
        const left = turns.values();
        let n = 0;
        const taken = await bytesOf(kv, () => {
          for (const { key, kind } of left.next().value ?? []) {
            if (kind === 'delete') {
              kv.apply(encodeDelete(key));
              model.delete(key);
              continue;
            }
            const value = kind === 'empty' ? '' : `${key} ${++n}`;
            kv.apply(encodePut(key, bytes(value)));
            model.set(key, value);
          }
        });
        expect(taken.equals(fixed)).toBe(true);
        for (const k of [...keys, 'new 1', 'new 2']) expect(read(kv, k)).toBe(model.get(k) ?? null);
        expect(kv.size).toBe(model.size);
      }),
      { numRuns: 60 },
    );
  });

  it('carries values larger than a piece, and empty ones', async () => {
    const kv = new KvStateMachine();
    const large = new Uint8Array(1_000_000).map((_, i) => i);
    kv.apply(encodePut('large', large));
    kv.apply(encodePut('empty', new Uint8Array(0)));
    for (const size of [7, 65_536, 10_000_000]) {
      const restored = new KvStateMachine();
      await restored.restore(cutInto(await bytesOf(kv), size));
      expect(restored.apply(encodeGet('large'))).toEqual({ type: 'found', value: large });
      expect(restored.apply(encodeGet('empty'))).toEqual({ type: 'found', value: new Uint8Array(0) });
    }
  });

  it('goes on when the store is restored meanwhile', async () => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('a', bytes('1')));
    const before = await bytesOf(kv);
    const other = new KvStateMachine();
    other.apply(encodePut('b', bytes('2')));
    const next = await bytesOf(other);
    const running = kv.snapshot();
    await kv.restore(cutInto(next, 100));
    kv.apply(encodePut('a', bytes('3')));
    expect(Buffer.concat([...running])).toEqual(before);
    expect([read(kv, 'a'), read(kv, 'b')]).toEqual(['3', '2']);
    expect((await bytesOf(kv)).length).toBeGreaterThan(next.length);
  });

  it('is refused, and changes nothing, if it is cut off, too long or something else', async () => {
    const kv = new KvStateMachine();
    for (const k of ['a', 'b']) kv.apply(encodePut(k, bytes('value')));
    const whole = await bytesOf(kv);
    const restoring = async (snapshot: Uint8Array) => {
      const target = new KvStateMachine();
      target.apply(encodePut('x', bytes('1')));
      const outcome = await target.restore(cutInto(snapshot, 5)).then(
        () => 'restored',
        (error: Error) => error.message,
      );
      expect(read(target, 'x')).toBe(outcome === 'restored' ? null : '1');
      return outcome;
    };
    expect(await restoring(whole)).toBe('restored');
    const none = 'this is no snapshot of a key-value store';
    for (const cut of [whole.length, 1, 12])
      expect(await restoring(whole.subarray(0, whole.length - cut))).toBe(`${none}: it ends too early`);
    expect(await restoring(Buffer.concat([whole, whole.subarray(5, 17)]))).toBe(
      `${none}: something follows its end`,
    );
    const twice = Buffer.concat([whole.subarray(0, 5), whole.subarray(5, 17), whole.subarray(5, 17)]);
    expect(await restoring(twice)).toBe(
      'a snapshot of 2 keys of a key-value store has only 1 different ones',
    );
    expect(await restoring(Buffer.from([0, 0, 0, 0, 0]))).toBe(`${none}: it starts with 0`);
    expect(await restoring(Buffer.from([9, 0, 0, 0, 0]))).toBe(
      'the snapshot of the key-value store has version 9, this program reads versions 1 and 2: a newer raftchart wrote it, start that one',
    );
  });
});
