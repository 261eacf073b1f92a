import type { BrokenRule } from '../broken/broken-rules.ts';
import { Stage } from '../scenario/stage.ts';
import { StoryFailed } from '../scenario/story-failed.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { openStage, textStory } from '../scenario/text/text-story.ts';
import type { Failure } from '../shrink.ts';
import { NotTellable, storyOfPlan, type ToldPlan, textOf } from './story-of-plan.ts';

/** Failures with their stories, each of which has been played and violates what the failure does. */
export class TellingFailures {
  /** How many failures have no such story. */
  misfits = 0;
  /** Why the last of them has none. */
  reason = '';
  /** Of the lightest so far; null: there is none. */
  weight: number | null = null;
  readonly #broken: BrokenRule | null;
  readonly #stories = new WeakMap<Failure['plan'], string>();

  constructor(broken: BrokenRule | null) {
    this.#broken = broken;
  }

  /** False: no story tells it. */
  async take(failure: Failure): Promise<boolean> {
    const story = await this.#tell(failure);
    if (story === null) {
      this.misfits++;
      return false;
    }
    this.#stories.set(failure.plan, story);
    this.weight = Math.min(this.weight ?? failure.weight, failure.weight);
    return true;
  }

  /** Of a failure that was taken. */
  storyOf({ plan }: Failure): string {
    return this.#stories.get(plan)!;
  }

  async #tell(failure: Failure): Promise<string | null> {
    const { property } = failure.violation;
    try {
      const told = storyOfPlan(failure, this.#broken);
      const { violated, done } = await played(told);
      if (violated === property) return textOf({ ...told, directives: told.directives.slice(0, done) });
      this.reason =
        violated === null ? 'as a story it violates nothing' : `as a story it violates ${violated}`;
    } catch (error) {
      if (!(error instanceof NotTellable || error instanceof StoryUnusable)) throw error;
      this.reason = error.message;
    }
    return null;
  }
}

/** The property that is violated, and how many directives that takes. Throws `StoryUnusable`. */
const played = async (
  told: ToldPlan,
): Promise<{ readonly violated: string | null; readonly done: number }> => {
  const story = textStory('story', textOf(told));
  const stage = new Stage(story, { seed: story.seed, replacements: {}, print: () => {} });
  const { playOne, close } = openStage(stage);
  try {
    for (const [at, directive] of story.directives.entries()) {
      try {
        await playOne(directive);
      } catch (error) {
        if (!(error instanceof StoryFailed)) throw error;
        return { violated: stage.violation?.property ?? null, done: at + 1 };
      }
    }
  } finally {
    close();
  }
  return { violated: null, done: story.directives.length };
};
