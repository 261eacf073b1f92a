/** Writes the transcripts of the stories anew: `node test/stories/write-stories.ts [PART OF A NAME…]`. Read the diff before you commit it. */
import { writeFileSync } from 'node:fs';
import { playStory } from './play-story.ts';
import { StoryFailed } from './story-failed.ts';
import { storyFiles } from './story-files.ts';

const parts = process.argv.slice(2);
for (const { path, name, url, text } of storyFiles()) {
  if (parts.length > 0 && !parts.some((part) => name.includes(part))) continue;
  try {
    writeFileSync(url, playStory(path, text));
  } catch (error) {
    if (!(error instanceof StoryFailed)) throw error;
    process.exitCode = 1;
    process.stderr.write(`${error.message}\n`);
  }
}
