import { describe, expect, it } from 'vitest';
import { rangeOfKey, rangeOfPrefix } from '../../../src/store/kv/key-range.ts';
import { RevisionedStore } from '../../../src/store/kv/revisioned-store.ts';
import { type Watch, Watches } from '../../../src/store/kv/watches.ts';

class Tried {
  readonly store = new RevisionedStore();
  readonly #deferred: (() => void)[] = [];
  readonly watches = new Watches(this.store, { defer: (act) => void this.#deferred.push(act) });
  woken = 0;

  constructor() {
    this.store.begin();
  }

  /** At one revision. */
  put(...keys: readonly string[]): void {
    this.store.transact((transaction) => {
      for (const key of keys) transaction.put(key, new Uint8Array(), 0n);
    });
    this.watches.changed();
  }

  turn(): number {
    const before = this.#deferred.length;
    for (const act of this.#deferred.splice(0)) act();
    return before;
  }

  open(prefix: string, from: number | null = null): Watch {
    return this.watches.open(rangeOfPrefix(prefix), from, () => this.woken++);
  }
}

/** `2:a,b 3:c -3`, where -3 is nothing up to 3, and !4 compacted up to 4. */
const told = (watch: Watch): string => {
  const all: string[] = [];
  for (;;) {
    const next = watch.next();
    if (next.type === 'events') all.push(`${next.revision}:${next.events.map(({ key }) => key).join(',')}`);
    else return [...all, next.type === 'nothing' ? `-${next.revision}` : `!${next.oldest}`].join(' ');
  }
};

describe('a watch', () => {
  it('is told what happens to its keys from a revision on, whole revisions in order', () => {
    const tried = new Tried();
    tried.put('a1', 'b1', 'a2');
    tried.put('b2');
    tried.put('a1');
    expect(told(tried.open('a', 1))).toBe('2:a1,a2 4:a1 -4');
    expect(told(tried.open('b', 3))).toBe('3:b2 -4');
    expect(told(tried.open('a'))).toBe('-4');
    expect(told(tried.watches.open(rangeOfKey('a1'), 2, () => {}))).toBe('2:a1 4:a1 -4');
  });

  it('is told what is still to come, when it has come', () => {
    const tried = new Tried();
    const watch = tried.open('a', 4);
    for (const key of ['a1', 'a2', 'a3']) {
      expect(told(watch)).toBe(`-${tried.store.revision}`);
      tried.put(key);
    }
    expect(told(watch)).toBe('4:a3 -4');
  });

  it('is woken once after it was told that there is nothing, in a turn of its own', () => {
    const tried = new Tried();
    const watch = tried.open('a');
    tried.put('a1');
    tried.turn();
    expect(tried.woken).toBe(0);
    expect(told(watch)).toBe('2:a1 -2');
    tried.put('a1');
    tried.put('a2');
    expect(tried.woken).toBe(0);
    expect(tried.turn()).toBe(1);
    tried.put('a3');
    expect(tried.turn()).toBe(0);
    expect(tried.woken).toBe(1);
    expect(told(watch)).toBe('3:a1 4:a2 5:a3 -5');
    tried.put('b');
    tried.turn();
    expect(tried.woken).toBe(2);
  });

  it('is told when what comes next is kept no more, and goes on where it finds something', () => {
    const tried = new Tried();
    const watch = tried.open('a', 2);
    for (const key of ['a1', 'a2', 'a3']) tried.put(key);
    tried.store.compact(4);
    expect(told(watch)).toBe('!4');
    expect(told(tried.open('a', 4))).toBe('4:a3 -4');
  });

  it('is not woken after it was closed, even by another one that is woken in the same turn', () => {
    const tried = new Tried();
    const others: Watch[] = [];
    const closing = tried.watches.open(rangeOfPrefix(''), null, () => {
      for (const each of others) each.close();
    });
    others.push(tried.open('a'), tried.open('a'));
    for (const each of [closing, ...others]) each.next();
    expect(tried.watches.size).toBe(3);
    tried.put('a');
    tried.turn();
    expect(tried.woken).toBe(0);
    others[0]!.close();
    expect(tried.watches.size).toBe(1);
    closing.close();
    expect(told(closing)).toBe('2:a -2');
    tried.put('a');
    expect(tried.turn()).toBe(0);
  });

  it('finds its keys among many others', () => {
    const tried = new Tried();
    for (let n = 0; n < 3000; n++) tried.put(n % 1000 === 7 ? 'a' : 'b');
    expect(told(tried.open('a', 1))).toBe('9:a 1009:a 2009:a -3001');
  });
});
