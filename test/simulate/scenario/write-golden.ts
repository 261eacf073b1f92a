/** Writes the golden transcripts anew: `node test/simulate/scenario/write-golden.ts`. Read the diff before you commit it. */
import { writeFileSync } from 'node:fs';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { goldenFile, goldenText, transcriptOf } from './golden-transcripts.ts';

for (const story of stories) {
  const { text, failure } = await transcriptOf(story, 1, {}, true);
  if (failure !== null) throw new Error(`${story.name}: ${failure}`);
  writeFileSync(goldenFile(story), goldenText(story, text));
}
