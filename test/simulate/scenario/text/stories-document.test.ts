import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { textStory } from '../../../../src/simulate/scenario/text/text-story.ts';
import { transcriptOf } from '../golden-transcripts.ts';

const document = readFileSync(new URL('../../../../docs/stories.md', import.meta.url), 'utf8');

it('the story in docs/stories.md holds, and is told as it stands there', async () => {
  const [text] = [...document.matchAll(/^```\n(title: .*?)^```$/gms)].map(([, each]) => each!);
  const { failure } = await transcriptOf(textStory('docs/stories.md', text!), 1);
  expect(failure).toBeNull();
});
