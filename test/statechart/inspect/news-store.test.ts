import { beforeEach, describe, expect, it } from 'vitest';
import { NewsStore, type Unnumbered } from '../../../src/statechart/inspect/news-store.ts';

const news = (program: number, size = 0): Unnumbered => ({
  atMs: 1,
  program,
  kind: 'event',
  actor: 'x:0',
  source: null,
  event: { type: 'A', pad: 'x'.repeat(size) },
});

describe('store of news', () => {
  let store: NewsStore;
  beforeEach(() => {
    store = new NewsStore({ news: 4, characters: 5000 });
  });
  const add = (subject: string | null = null, program = 1, size = 0): void =>
    store.add(news(program, size), subject);
  const numbers = (): readonly number[] => store.after(0).map(({ number }) => number);

  it('keeps the last word about a subject, and that alone', () => {
    for (const subject of ['a', 'b', 'a', null, null, null, null]) add(subject);
    expect(numbers()).toEqual([2, 3, 4, 5, 6, 7]);
    add('b');
    expect(numbers()).toEqual([3, 5, 6, 7, 8]);
    expect(JSON.parse(store.lastWord('b')!).number).toBe(8);
    store.release('a');
    expect([numbers(), store.lastWord('a')]).toEqual([[5, 6, 7, 8], null]);
  });

  it('has nothing of a program that it forgot, and room for as much as before', () => {
    for (const subject of ['a', null, null, null, null]) add(subject, 1, 800);
    add('b', 2, 800);
    store.forget(1);
    expect([numbers(), store.lastWord('a')]).toEqual([[6], null]);
    for (let count = 0; count < 3; count += 1) add(null, 2, 800);
    expect(numbers()).toEqual([6, 7, 8, 9]);
  });

  it('has room again for what is kept once it is released', () => {
    for (let count = 0; count < 50; count += 1) {
      add('a', 1, 900);
      add('b', 1, 900);
      for (let more = 0; more < 4; more += 1) add();
      expect([store.lastWord('a'), store.lastWord('b')]).not.toContain(null);
    }
  });

  it('has the newest however many have come', () => {
    for (let count = 0; count < 5000; count += 1) add(null, 1, 900);
    expect(numbers()).toEqual([4997, 4998, 4999, 5000]);
  });
});
