/** Writes the golden transcripts anew: `node test/simulate/scenario/write-golden.ts`. Read the diff before you commit it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { goldenFile, transcriptOf } from './golden-transcripts.ts';

mkdirSync(new URL('golden/', import.meta.url), { recursive: true });
for (const story of stories) {
  const { text, failure } = await transcriptOf(story, 1);
  if (failure !== null) throw new Error(`${story.name}: ${failure}`);
  writeFileSync(goldenFile(story), text);
}
