import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaterFormat } from '../../../src/ports/state-machine.ts';
import {
  encodeCas,
  encodeDelete,
  encodeGet,
  encodePut,
  maxKeyBytes,
} from '../../../src/store/kv/commands.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const one = bytes('1');
const two = bytes('2');

describe('key-value state machine', () => {
  it('gives back what was put, and replaces it', () => {
    const kv = new KvStateMachine();
    expect(kv.apply(encodePut('x', one))).toEqual({ type: 'stored' });
    expect(kv.apply(encodePut('x', two))).toEqual({ type: 'stored' });
    expect(kv.apply(encodeGet('x'))).toEqual({ type: 'found', value: two });
    expect(kv.size).toBe(1);
  });

  it('tells an empty value from an absent key', () => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('empty', new Uint8Array(0)));
    expect(kv.apply(encodeGet('empty'))).toEqual({ type: 'found', value: new Uint8Array(0) });
    expect(kv.apply(encodeGet('other'))).toEqual({ type: 'absent' });
  });

  it('deletes, and says whether there was something to delete', () => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('x', one));
    expect(kv.apply(encodeDelete('x'))).toEqual({ type: 'deleted', existed: true });
    expect(kv.apply(encodeDelete('x'))).toEqual({ type: 'deleted', existed: false });
    expect(kv.size).toBe(0);
  });

  it('get reads a key where it stands, whatever characters it has, like a command in the log', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 2 }), (keys) => {
        const kv = new KvStateMachine();
        for (const key of keys.slice(1)) kv.apply(encodePut(key, bytes(key)));
        for (const key of keys) {
          const logged = kv.apply(encodeGet(key));
          expect(kv.get(key)).toEqual(logged.type === 'found' ? logged.value : null);
        }
        expect(kv.get(keys[0]!)).toBeNull();
        expect(kv.get(keys[1]!)).toEqual(bytes(keys[1]!));
      }),
    );
  });

  it('keeps keys apart that differ in any byte', () => {
    const kv = new KvStateMachine();
    for (const key of ['é', 'Ã©', 'e\u0301', '\0', '\ud83d\ude00']) kv.apply(encodePut(key, bytes(key)));
    expect(kv.size).toBe(5);
    expect(kv.apply(encodeGet('é'))).toEqual({ type: 'found', value: bytes('é') });
  });

  it('keeps a copy of a value, not the buffer that it came in', () => {
    const kv = new KvStateMachine();
    const command = encodePut('x', one);
    const frame = new Uint8Array(100_000);
    frame.set(command, 50);
    kv.apply(Buffer.from(frame.buffer, 50, command.length));
    frame.fill(0);
    const result = kv.apply(encodeGet('x'));
    expect(result).toEqual({ type: 'found', value: one });
    expect(result.type === 'found' && result.value.buffer.byteLength).toBe(1);
  });
});

describe('compare-and-swap', () => {
  it('swaps when the value is the expected one', () => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('x', one));
    expect(kv.apply(encodeCas('x', one, two))).toEqual({ type: 'swapped' });
    expect(kv.apply(encodeGet('x'))).toEqual({ type: 'found', value: two });
  });

  it('changes nothing and shows the value when it is another one', () => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('x', bytes('12')));
    expect(kv.apply(encodeCas('x', one, two))).toEqual({ type: 'mismatch', actual: bytes('12') });
    expect(kv.apply(encodeCas('x', bytes('123'), two))).toEqual({ type: 'mismatch', actual: bytes('12') });
    expect(kv.apply(encodeCas('x', bytes('13'), two))).toEqual({ type: 'mismatch', actual: bytes('12') });
    expect(kv.apply(encodeGet('x'))).toEqual({ type: 'found', value: bytes('12') });
  });

  it('from absent creates once', () => {
    const kv = new KvStateMachine();
    expect(kv.apply(encodeCas('x', null, one))).toEqual({ type: 'swapped' });
    expect(kv.apply(encodeCas('x', null, two))).toEqual({ type: 'mismatch', actual: one });
  });

  it('of an absent key to a value is a mismatch, also from an empty value', () => {
    const kv = new KvStateMachine();
    expect(kv.apply(encodeCas('x', one, two))).toEqual({ type: 'mismatch', actual: null });
    expect(kv.apply(encodeCas('x', new Uint8Array(0), two))).toEqual({ type: 'mismatch', actual: null });
  });

  it('to absent deletes', () => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('x', one));
    expect(kv.apply(encodeCas('x', two, null))).toEqual({ type: 'mismatch', actual: one });
    expect(kv.apply(encodeCas('x', one, null))).toEqual({ type: 'swapped' });
    expect(kv.apply(encodeCas('x', null, null))).toEqual({ type: 'swapped' });
    expect(kv.size).toBe(0);
  });
});

describe('a log entry that is no command', () => {
  it.each([
    ['nothing', []],
    ['an unknown operation', [0, 0, 1, 120]],
    ['text', [32, 0, 1, 120]],
    ['an empty key', [1, 0, 0]],
    ['a key that is cut off', [1, 0, 5, 120]],
    ['a get with more behind it', [2, 0, 1, 120, 0]],
    ['a delete with more behind it', [3, 0, 1, 120, 0]],
    ['a cas without its head', [4, 0, 1, 120, 3, 0, 0]],
    ['a cas whose from is cut off', [4, 0, 1, 120, 3, 0, 0, 0, 9, 1]],
    ['a cas with unknown flags', [4, 0, 1, 120, 4, 0, 0, 0, 0]],
    ['a cas with bytes for an absent from', [4, 0, 1, 120, 2, 0, 0, 0, 1, 49]],
    ['a cas with bytes for an absent to', [4, 0, 1, 120, 1, 0, 0, 0, 1, 49, 50]],
  ])('is answered as malformed and changes nothing: %s', (_what, command) => {
    const kv = new KvStateMachine();
    kv.apply(encodePut('x', one));
    expect(kv.apply(Uint8Array.from(command))).toEqual({ type: 'malformed' });
    expect(kv.apply(encodeGet('x'))).toEqual({ type: 'found', value: one });
  });

  it('never throws, whatever its bytes are, but for one that a later version wrote', () => {
    const kv = new KvStateMachine();
    const command = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(command, ([operation, rest]) => {
        const bytes = Uint8Array.from([operation, 0, ...rest]);
        const isLater = (operation >= 6 && operation <= 8) || (operation >= 14 && operation <= 31);
        // One with a request of a later version.
        if (operation === 5) return;
        if (!isLater) kv.apply(bytes);
        else expect(() => kv.apply(bytes)).toThrow(LaterFormat);
      }),
    );
    expect(() => kv.apply(Uint8Array.of(6))).toThrow(
      'the log holds command 6 of the key-value store, which is not known here: a newer raftchart wrote it, start that one',
    );
  });
});

describe('command codec', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const value = fc.option(fc.uint8Array({ maxLength: 40 }));

  it('compare-and-swaps through the codec agree with a plain map', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value, value)), (operations) => {
        const kv = new KvStateMachine();
        const model = new Map<string, string>();
        for (const [k, from, to] of operations) {
          const text = (v: Uint8Array | null) => (v === null ? undefined : v.join());
          const result = kv.apply(encodeCas(k, from, to));
          expect(result.type === 'swapped').toBe(model.get(k) === text(from));
          if (result.type !== 'swapped') continue;
          if (to === null) model.delete(k);
          else model.set(k, text(to)!);
        }
        expect(kv.size).toBe(model.size);
      }),
    );
  });

  it('takes the longest key and refuses to encode a longer or an empty one', () => {
    const kv = new KvStateMachine();
    expect(kv.apply(encodePut('k'.repeat(maxKeyBytes), one))).toEqual({ type: 'stored' });
    expect(() => encodePut('k'.repeat(maxKeyBytes + 1), one)).toThrow(RangeError);
    expect(() => encodeGet('')).toThrow(RangeError);
  });
});
