import type { TimedEvent } from '../../trace/events.ts';
import type { Told } from '../../trace/told.ts';
import { wrapped } from '../../trace/transcript.ts';
import type { Replacements } from '../node-parts.ts';
import { Stage } from './stage.ts';
import type { Story } from './story.ts';
import { StoryFailed } from './story-failed.ts';

export interface StoryOptions {
  readonly seed: number;
  /** Takes each line as it is told, without the line break. */
  readonly print: (line: string) => void;
  /** Everything that happens, as in a trace. */
  readonly onEvent?: (event: TimedEvent) => void;
  /** A broken part on purpose. */
  readonly replacements?: Replacements;
  /** Of a story in text only its expectations count. */
  readonly ignoresTranscripts?: boolean;
}

/**
 * Plays and tells a story. Null: all that it expects has held, and every safety property after every step, or the one was violated that the
 * story names; else what did not hold, in one line.
 */
export const runStory = async (
  story: Story,
  { seed, print, onEvent, replacements = {}, ignoresTranscripts = false }: StoryOptions,
): Promise<string | null> => {
  const say = (text: string) => {
    for (const line of wrapped(text, 100)) print(line);
  };
  say(story.source === '' ? story.title : `${story.title} [${story.source}]`);
  print('');
  const told = (words: Told) => onEvent?.({ type: 'told', told: words, atMs: stage.nowMs });
  const stage = new Stage(story, {
    seed,
    replacements,
    print,
    ignoresTranscripts,
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  try {
    await story.tell(stage);
    stage.close();
    if (story.violates !== undefined)
      throw new StoryFailed(`expected a violation of ${story.violates}; got none`);
  } catch (error) {
    if (!(error instanceof StoryFailed)) throw error;
    if (story.violates !== undefined && stage.violation?.property === story.violates) {
      const text = `Violated, as expected: ${stage.violation.message}`;
      told({ kind: 'expectation', text });
      print('');
      say(text);
      return null;
    }
    told({ kind: 'failure', text: error.message });
    print('');
    const when = stage.isStepwise ? '' : ` at ${stage.nowMs.toFixed(0)} ms`;
    say(`FAILED${when}. ${error.message}`);
    return error.message;
  }
  told({ kind: 'expectation', text: `Held: ${story.moral}` });
  print('');
  say(`Held: ${story.moral}`);
  say(
    'Held after every step: Election Safety, Leader Append-Only, Log Matching, Leader Completeness, State Machine Safety, ' +
      'and the other properties of src/verify/properties. What clients saw is linearizable.',
  );
  return null;
};
