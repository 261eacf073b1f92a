import type { Replacements } from '../../../src/simulate/node-parts.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import type { Story } from '../../../src/simulate/scenario/story.ts';
import type { TextStory } from '../../../src/simulate/scenario/text/text-story.ts';

const isText = (story: Story): story is TextStory => 'rewritten' in story;

/** Where the transcript of a story is kept: in its own text, or in a file of what `raftchart scenario NAME` prints. */
export const goldenFile = (story: Story): URL =>
  isText(story)
    ? new URL(`../../../src/simulate/scenario/stories/${story.name}.txt`, import.meta.url)
    : new URL(`golden/${story.name}.txt`, import.meta.url);

/** What belongs there, once the story has been played with seed 1 and has printed `text`. */
export const goldenText = (story: Story, text: string): string => (isText(story) ? story.rewritten() : text);

/** What is printed, and what did not hold, or null. A broken part makes another transcript: then the expectations must tell by themselves. */
export const transcriptOf = async (
  story: Story,
  seed: number,
  replacements: Replacements = {},
  ignoresTranscripts: boolean = Object.keys(replacements).length > 0,
): Promise<{ readonly text: string; readonly failure: string | null }> => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const failure = await runStory(story, { seed, replacements, ignoresTranscripts, print });
  return { text: `${lines.join('\n')}\n`, failure };
};
