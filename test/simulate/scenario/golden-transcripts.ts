import type { Replacements } from '../../../src/simulate/node-parts.ts';
import { runStory } from '../../../src/simulate/scenario/run-story.ts';
import type { Story } from '../../../src/simulate/scenario/story.ts';

/** Where the transcript of a story is kept: what `raftchart scenario NAME` prints. */
export const goldenFile = ({ name }: Story): URL => new URL(`golden/${name}.txt`, import.meta.url);

/** What is printed, and what did not hold, or null. */
export const transcriptOf = async (
  story: Story,
  seed: number,
  replacements: Replacements = {},
): Promise<{ readonly text: string; readonly failure: string | null }> => {
  const lines: string[] = [];
  const failure = await runStory(story, { seed, replacements, print: (line) => lines.push(line) });
  return { text: `${lines.join('\n')}\n`, failure };
};
