import { runStory } from '../../simulate/scenario/run-story.ts';
import { stories } from '../../simulate/scenario/stories.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { filterSequence } from '../../trace/sequence.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import type { GeneratedFile } from './diagram-files.ts';

const folder = 'diagrams/sequences';
/** The last messages of a story, which lead up to its point. */
const maxMessages = 60;

/** The stories of `raftchart scenario` with seed 1 as sequence diagrams, and a page that lists them. */
export const storyFiles = async (): Promise<readonly GeneratedFile[]> => {
  const files: GeneratedFile[] = [];
  const rows: string[] = [];
  for (const story of stories) {
    const events: TimedEvent[] = [];
    await runStory(story, { seed: 1, print: () => {}, onEvent: (event) => events.push(event) });
    const sequence = filterSequence(sequenceOfTrace(events), { withoutRoutine: true, maxMessages });
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

const indexPage = (rows: readonly string[]): string =>
  `${[
    '# Stories as sequence diagrams',
    '',
    `What \`raftchart scenario NAME --seed 1\` plays, drawn: the last ${maxMessages} messages that carry something new.`,
    'Any other part: `raftchart scenario NAME --trace story.ndjson`, then `raftchart sequence story.ndjson --from MS --to MS`.',
    '',
    ...rows,
  ].join('\n')}\n`;
