import { describe, expect, it } from 'vitest';
import { differenceIn, playStory } from './play-story.ts';
import { storyFiles } from './story-files.ts';

const stories = storyFiles();

describe('stories: what nodes do, step by step (npm run golden writes their transcripts anew)', () => {
  it.each(stories)('$name', ({ path, text }) => {
    const played = playStory(path, text);
    expect(played, differenceIn(path, text, played)).toBe(text);
  });

  it.each(stories)(
    '$name says first what it shows, and which source or report it goes back to',
    ({ text }) => {
      const opening = text.slice(0, text.indexOf('\n\n'));
      expect(opening.split('\n').every((line) => line.startsWith('# '))).toBe(true);
      expect(opening).toMatch(/(Raft paper|[Tt]hesis) (§|Figure)/);
    },
  );

  it('tell of snapshots, of changes of the members and of transfers', () => {
    const counts = Object.groupBy(stories, ({ name }) => name.split('/')[0]!);
    expect(Object.keys(counts)).toEqual(['members', 'snapshots', 'transfers']);
    expect(stories.length).toBeGreaterThanOrEqual(12);
  });
});
