import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Play } from '../../../src/simulate/play/play.ts';

const folder = new URL('../../../src/simulate/scenario/lessons/', import.meta.url);
const files = readdirSync(folder).toSorted();
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

it('there are twelve lessons, numbered in their order', () => {
  expect(files).toHaveLength(12);
  expect(files.map((file) => Number(file.slice(0, 2)))).toEqual(files.map((_, at) => at + 1));
  for (const [at, file] of files.entries()) {
    const { title, source, moral } = new Play(textOf(file)).story;
    expect(title).toMatch(new RegExp(`^Lesson ${at + 1}: `));
    expect(source).toMatch(/(Raft paper|[Tt]hesis) (§|Figure)/);
    expect(moral).toMatch(/\.$/);
  }
});

describe.each(files)('%s', (file) => {
  it('comes to what it expects, and tells what to look at before each part', async () => {
    const play = new Play(textOf(file));
    while (await play.playNext());
    expect(play.failure).toBeNull();
    expect(play.ahead).toBe(0);
    const [first] = play.story.directives;
    expect(first).toMatch(/^say /);
    expect(play.told.filter(({ who }) => who === 'story').length).toBeGreaterThanOrEqual(5);
  });
});
