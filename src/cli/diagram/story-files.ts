import { runStory } from '../../simulate/scenario/run-story.ts';
import { stories } from '../../simulate/scenario/stories.ts';
import type { Story } from '../../simulate/scenario/story.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { TimedEvent } from '../../trace/events.ts';
import type { SequenceEvent } from '../../trace/sequence.ts';
import { filterSequence, readableMessages } from '../../trace/sequence-filter.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import type { GeneratedFile } from './diagram-files.ts';

const folder = 'diagrams/sequences';

/** The stories of `raftchart scenario` with seed 1 as sequence diagrams, and a page that lists them. */
export const storyFiles = async (): Promise<readonly GeneratedFile[]> => {
  const files: GeneratedFile[] = [];
  const rows: string[] = [];
  for (const story of stories) {
    const sequence = drawnOf(await playedStory(story));
    const scene = sequenceScene(story.title, sequence);
    files.push(
      { path: `${folder}/${story.name}.light.svg`, content: toSvg(scene, 'light') },
      { path: `${folder}/${story.name}.dark.svg`, content: toSvg(scene, 'dark') },
      { path: `${folder}/${story.name}.mmd`, content: sequenceToMermaid(sequence) },
    );
    rows.push(`- [${story.name}](${story.name}.light.svg) ([Mermaid](${story.name}.mmd)): ${story.title}`);
  }
  return [...files, { path: `${folder}/README.md`, content: indexPage(rows) }];
};

/** All that happens in a story with seed 1. */
export const playedStory = async (story: Story): Promise<readonly SequenceEvent[]> => {
  const events: TimedEvent[] = [];
  const onEvent = (event: TimedEvent) => events.push(event);
  // A chart whose sentences have changed is drawn all the same.
  await runStory(story, { seed: 1, print: () => {}, onEvent, ignoresTranscripts: true });
  return sequenceOfTrace(events);
};

/** A story as it is drawn: without what tells nothing new, nor what the story itself does not tell. */
export const drawnOf = (story: readonly SequenceEvent[]): readonly SequenceEvent[] =>
  filterSequence(story, { withoutRoutine: true, maxMessages: readableMessages });

const indexPage = (rows: readonly string[]): string =>
  `${[
    '# Stories as sequence diagrams',
    '',
    'What `raftchart scenario NAME --seed 1` plays, drawn: what the story says, expects and shows, what clients ask and are told, and the',
    'messages that carry something new. A torn line stands where the story skips a part; heartbeats and their answers are left out.',
    '',
    'The whole: `raftchart scenario NAME --trace story.ndjson`, then `raftchart sequence story.ndjson --hushed --messages 10000`; a part of it with',
    '`--from MS --to MS`, and `--narrow` draws it for a phone.',
    '',
    ...rows,
  ].join('\n')}\n`;
