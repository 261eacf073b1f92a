import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCas, encodeDelete, encodePut, encodeStamped } from '../../../src/store/kv/commands.ts';
import { rangeOfKey } from '../../../src/store/kv/key-range.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import type { KvRequest, KvRequestResult } from '../../../src/store/kv/requests.ts';
import { bytesOf, cutInto } from '../../contracts/state-machine.contract.ts';
import { anyRequest } from './any-request.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const put = (key: string, lease = 0n): KvRequest => ({
  type: 'put',
  key,
  value: bytes('value'),
  lease,
  returnsPrevious: false,
  keepsValue: false,
  keepsLease: false,
});

const passTime = { type: 'passTime' } as const;

/** A store, and the wall clock of whoever proposes. */
class Tried {
  readonly kv = new KvStateMachine();
  /** Of 1970. */
  nowMs = 1_000_000;

  do(request: KvRequest): KvRequestResult {
    const result = this.kv.apply(encodeStamped(this.nowMs, request));
    if (result.type !== 'requested') throw new Error(result.type);
    return result.result;
  }

  /** By so many seconds, in steps that the store takes whole. */
  pass(seconds: number): void {
    for (let left = seconds; left > 0; left--) {
      this.nowMs += 1000;
      this.do(passTime);
    }
  }

  get keys(): string {
    return [...this.kv.store.map.pairs()].map(([key]) => key).join(' ');
  }
}

const refusedAs = (reason: string) => expect.objectContaining({ type: 'refused', reason });

describe('the store with revisions', () => {
  it('is the same for one that has read all commands and one that has read a snapshot from before revisions began', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.uint8Array({ maxLength: 2 });
    const old = fc.oneof(
      fc.tuple(key, value).map(([k, v]) => encodePut(k, v)),
      key.map(encodeDelete),
      fc.tuple(key, fc.option(value), fc.option(value)).map((args) => encodeCas(...args)),
    );
    const later = fc.oneof(
      old,
      anyRequest.map((request) => encodeStamped(5, request)),
    );
    return fc.assert(
      fc.asyncProperty(fc.array(old), fc.nat(), fc.array(later), async (past, at, future) => {
        const all = new KvStateMachine();
        const cut = at % (past.length + 1);
        for (const each of past.slice(0, cut)) all.apply(each);
        const restored = new KvStateMachine();
        await restored.restore(cutInto(await bytesOf(all), 9));
        for (const each of [...past.slice(cut), ...future])
          expect(restored.apply(each)).toEqual(all.apply(each));
        expect(await bytesOf(restored)).toEqual(await bytesOf(all));
      }),
    );
  });

  it('begins its revisions with the first request, and counts the commands of the first API as well', () => {
    const { kv, ...tried } = new Tried();
    const stamped = (request: KvRequest) => kv.apply(encodeStamped(tried.nowMs, request));
    kv.apply(encodePut('a', bytes('1')));
    expect(kv.store.isBegun).toBe(false);
    stamped(passTime);
    expect(kv.store.isBegun).toBe(true);
    kv.apply(encodePut('a', bytes('2')));
    kv.apply(encodeCas('a', bytes('2'), bytes('3')));
    kv.apply(encodeCas('a', bytes('2'), bytes('4')));
    kv.apply(encodeDelete('b'));
    kv.apply(encodeDelete('a'));
    expect(kv.store.revision).toBe(4);
    expect(kv.store.changesFrom(2)!.flatMap(({ events }) => events.map(({ now }) => now?.version))).toEqual([
      2,
      3,
      undefined,
    ]);
  });

  it('tells its listener of each change, and of each state that takes its place', async () => {
    const { kv } = new Tried();
    let told = 0;
    kv.onChange(() => told++);
    const done: number[] = [];
    const apply = (command: Uint8Array): void => {
      kv.apply(command);
      done.push(told);
    };
    apply(encodePut('a', bytes('1')));
    apply(encodeStamped(1, passTime));
    apply(encodePut('a', bytes('1')));
    apply(encodeDelete('b'));
    apply(encodeStamped(1, put('b')));
    apply(encodeStamped(1, { type: 'deleteRange', range: rangeOfKey('z'), returnsPrevious: false }));
    expect(done).toEqual([0, 0, 1, 1, 2, 2]);
    await kv.restore(cutInto(await bytesOf(kv), 100));
    expect(told).toBe(3);
  });

  it('forgets what was before a revision', () => {
    const tried = new Tried();
    for (const key of ['a', 'b', 'c']) tried.do(put(key));
    expect(tried.do({ type: 'compact', revision: 9 })).toEqual(refusedAs('futureRevision'));
    expect(tried.do({ type: 'compact', revision: 3 })).toMatchObject({
      type: 'done',
      done: { type: 'compacted' },
    });
    expect(tried.do({ type: 'compact', revision: 3 })).toEqual(refusedAs('compacted'));
    expect(tried.kv.store.firstKept).toBe(3);
  });
});

describe('a lease', () => {
  it('ends with its keys once its time has passed, at revisions of its own', () => {
    const tried = new Tried();
    tried.do({ type: 'grant', id: 1n, ttlSeconds: 10 });
    for (const key of ['a', 'b']) tried.do(put(key, 1n));
    tried.do(put('c'));
    tried.pass(9);
    expect(tried.keys).toBe('a b c');
    const { revision } = tried.kv.store;
    tried.pass(1);
    expect(tried.keys).toBe('c');
    expect(tried.kv.store.revision).toBe(revision + 1);
    expect(tried.do({ type: 'renew', id: 1n })).toEqual(refusedAs('leaseNotFound'));
    expect(tried.do(put('a', 1n))).toEqual(refusedAs('leaseNotFound'));
  });

  it('goes on while it is renewed', () => {
    const tried = new Tried();
    tried.do({ type: 'grant', id: 1n, ttlSeconds: 5 });
    for (let n = 0; n < 5; n++) {
      tried.pass(4);
      expect(tried.do({ type: 'renew', id: 1n })).toMatchObject({ done: { type: 'renewed', ttlSeconds: 5 } });
    }
    tried.pass(5);
    expect(tried.kv.leases.size).toBe(0);
  });

  it('ends with its keys when it is revoked', () => {
    const tried = new Tried();
    tried.do({ type: 'grant', id: 1n, ttlSeconds: 10 });
    tried.do(put('a', 1n));
    expect(tried.do({ type: 'grant', id: 1n, ttlSeconds: 10 })).toEqual(refusedAs('leaseExists'));
    expect(tried.do({ type: 'revoke', id: 1n })).toMatchObject({ type: 'done', revision: 3 });
    expect(tried.do({ type: 'revoke', id: 1n })).toEqual(refusedAs('leaseNotFound'));
    expect(tried.keys).toBe('');
  });

  it('has a key until that is written with another one, with none, or deleted', () => {
    const tried = new Tried();
    for (const id of [1n, 2n]) tried.do({ type: 'grant', id, ttlSeconds: 10 });
    for (const key of ['a', 'b', 'c', 'd']) tried.do(put(key, 1n));
    tried.do(put('a', 2n));
    tried.kv.apply(encodePut('b', bytes('plain')));
    tried.kv.apply(encodeDelete('c'));
    tried.kv.apply(encodePut('c', bytes('again')));
    expect(tried.kv.leases.keysOf(1n)).toEqual(['d']);
    tried.do({ type: 'revoke', id: 1n });
    expect(tried.keys).toBe('a b c');
  });

  it('outlives a cluster that stood still, and a clock that jumps', () => {
    const tried = new Tried();
    tried.do({ type: 'grant', id: 1n, ttlSeconds: 12 });
    for (const jumpMs of [3_600_000, -7_200_000, 3_600_000]) {
      tried.nowMs += jumpMs;
      tried.do(passTime);
    }
    expect(tried.kv.leases.size).toBe(1);
    tried.pass(2);
    expect(tried.kv.leases.size).toBe(0);
  });

  it('is granted for at least two seconds, and at most what etcd grants', () => {
    const tried = new Tried();
    expect(tried.do({ type: 'grant', id: 1n, ttlSeconds: 0 })).toMatchObject({ done: { ttlSeconds: 2 } });
    expect(tried.do({ type: 'grant', id: 2n, ttlSeconds: 2 ** 50 })).toMatchObject({
      done: { ttlSeconds: 9_000_000_000 },
    });
  });

  it('ends later when many end at once, though with the next requests', () => {
    const tried = new Tried();
    for (let id = 1n; id <= 150n; id++) {
      tried.do({ type: 'grant', id, ttlSeconds: 2 });
      tried.do(put(`k${id}`, id));
    }
    tried.pass(1);
    tried.nowMs += 1000;
    const sizes = [1, 2, 3].map(() => {
      tried.do(passTime);
      return tried.kv.leases.size;
    });
    expect(sizes).toEqual([86, 22, 0]);
    expect(tried.keys).toBe('');
  });
});
