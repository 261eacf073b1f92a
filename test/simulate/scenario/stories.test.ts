import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { goldenFile, goldenText, transcriptOf } from './golden-transcripts.ts';

/** How many more seeds each is played with. */
const count = Number(process.env.SEEDS ?? 1);
const otherSeeds = Array.from({ length: count }, (_, at) => at + 2);

describe.each(stories)('raftchart scenario $name', (story) => {
  it(`is told as in its golden transcript, and all of it holds (${story.source})`, async () => {
    const { text, failure } = await transcriptOf(story, 1);
    expect(failure).toBeNull();
    expect(goldenText(story, text)).toBe(readFileSync(goldenFile(story), 'utf8'));
  });

  it.each(otherSeeds)('holds with seed %i as well', async (seed) => {
    const { failure } = await transcriptOf(story, seed);
    expect(failure).toBeNull();
  });
});

it('stories have names of their own, and say what they are about', () => {
  expect(new Set(stories.map(({ name }) => name)).size).toBe(stories.length);
  for (const { title, source, moral } of stories) {
    expect(source).toMatch(/(Raft paper|[Tt]hesis) (§|Figure)/);
    expect([title, moral]).not.toContain('');
  }
});
