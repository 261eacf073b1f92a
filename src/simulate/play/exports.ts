import { toSvg } from '../../statechart/draw/svg.ts';
import { filterSequence, readableMessages } from '../../trace/sequence-filter.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import type { Told } from '../../trace/told.ts';
import { traceLine } from '../../trace/trace-line.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import type { Violation } from '../../trace/violation.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { linkTo } from './link.ts';
import type { Play } from './play.ts';

const makers = {
  trace: (play: Play) => play.events.map((event) => `${traceLine(event)}\n`).join(''),
  story: (play: Play) => storyOf(play, violationIn(play)),
  test: (play: Play) => testOf(play, violationIn(play)),
  sequence: (play: Play) => sequenceOf(play),
  link: (play: Play) => linkTo(storyOf(play, null)),
};

/** What can be made of a play: a trace (docs/traces.md), a file for `raftchart scenario --file`, a test for vitest, a sequence diagram (SVG), or the fragment of a link. */
export type ExportKind = keyof typeof makers;

/** A file of what has been played so far. Throws `StoryUnusable` where nothing has, or it does not fit. */
export const exported = async (play: Play, kind: ExportKind): Promise<string> => {
  if (play.done === 0) throw new StoryUnusable('nothing has been played yet: let the story begin first');
  return makers[kind](play);
};

/** Enough for what anybody does by hand. */
const maxConfigurations = 100_000;

/** Which property does not hold; what clients saw is looked at only now. */
const violationIn = ({ stage: { simulation } }: Play): Violation | null =>
  simulation.checks.violation ?? simulation.checkHistory(maxConfigurations);

/** The story up to now. `violation`: what it expects to be violated. */
const storyOf = (play: Play, violation: Violation | null): string => {
  const [, header = '', directives = ''] =
    /^((?:[a-z][a-z-]*:.*\n)*)\n*([\s\S]*)$/.exec(play.textUpToNow) ?? [];
  const fields = header.replace(/^violates:.*\n/m, '');
  const all = violation === null ? fields : `${fields}violates: ${violation.property}\n`;
  return all === '' ? directives : `${all}\n${directives}`;
};

const testOf = (play: Play, violation: Violation | null): string => {
  const story = storyOf(play, null);
  const { title, seed } = play.story;
  const name = title === 'story' ? 'a story of the playground' : title;
  return `import { runStory, textStory } from 'raftchart/simulate';
import { expect, it } from 'vitest';

const story = \`
${story.replace(/[\\`]|\$\{/g, '\\$&')}\`;

it(${quoted(`${name} ${violation === null ? 'keeps every property' : `violates ${violation.property}`}`)}, async () => {
  const failure = await runStory(textStory('story', story), { seed: ${seed}, print: () => {} });
  ${
    violation === null
      ? 'expect(failure).toBeNull();'
      : `// Once that is mended: expect(failure).toBeNull();\n  expect(failure).toContain(${quoted(violation.property)});`
  }
});
`;
};

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

const sequenceOf = (play: Play): string => {
  const { failure, events: trace, stage } = play;
  const told: Told | null = failure === null ? null : { kind: 'failure', text: failure };
  const all = told === null ? trace : [...trace, { type: 'told' as const, told, atMs: stage.nowMs }];
  const events = filterSequence(sequenceOfTrace(all), {
    withoutRoutine: true,
    withHushed: false,
    maxMessages: readableMessages,
  });
  if (events.length === 0) throw new StoryUnusable('nothing has happened that could be drawn');
  return toSvg(sequenceScene(play.story.title, events, { form: 'wide' }), 'auto');
};
