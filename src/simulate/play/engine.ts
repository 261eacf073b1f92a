import type { TimedEvent } from '../../trace/events.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { type ExportKind, exported } from './exports.ts';
import type { Frame } from './frame.ts';
import { storyIn } from './link.ts';
import { type Moment, Play, type ToldLine } from './play.ts';

/** What whoever shows a play asks of the engine. Each request is answered, in order. */
export type Request =
  /** Plays `text` up to `moment`, and leaves out what the story has in store after that; undefined: plays nothing of it yet. */
  | { readonly type: 'open'; readonly text: string; readonly moment?: Moment }
  /** Lets time pass. */
  | { readonly type: 'run'; readonly untilUs: number }
  /** Lets one more thing happen. */
  | { readonly type: 'step' }
  /** Plays the next directive of the story. */
  | { readonly type: 'next' }
  | { readonly type: 'act'; readonly directive: string }
  /** Makes a file of it. */
  | { readonly type: 'export'; readonly as: ExportKind }
  /** The story that the fragment of a URL holds. Plays nothing of it yet. */
  | { readonly type: 'openLink'; readonly link: string };

/** What there is to show: what is new since the answer before, and what is so now. */
export interface Answer {
  /** Whether another play begins here: nothing that was shown before belongs to it. */
  readonly isNew: boolean;
  readonly frames: readonly Frame[];
  readonly events: readonly TimedEvent[];
  readonly told: readonly ToldLine[];
  readonly nowUs: number;
  /** The story up to here. */
  readonly text: string;
  readonly title: string;
  readonly source: string;
  /** What is broken on purpose, in a sentence; null: nothing. */
  readonly broken: string | null;
  readonly isStepwise: boolean;
  /** How many of its directives are done, and how many are to come. */
  readonly done: number;
  readonly ahead: number;
  /** What comes next; null: nothing more is in store. */
  readonly next: string | null;
  /** Why it cannot go on; null: it can. */
  readonly failure: string | null;
  /** Why the request was not done, in one line; null: it was. */
  readonly refusal: string | null;
  /** The file that was asked for; null: none was. */
  readonly exported: string | null;
}

/** Longer than any timer of a cluster: what has not happened by then never will. */
const longestSilenceUs = 60_000_000;

/** Plays, for somebody who may be on another thread. */
export class Engine {
  #play: Play | null = null;
  #isNew = false;
  #shown = { frames: 0, events: 0, told: 0 };

  async answer(request: Request): Promise<Answer> {
    let refusal: string | null = null;
    let exported: string | null = null;
    try {
      exported = (await this.#do(request)) ?? null;
    } catch (error) {
      if (!(error instanceof StoryUnusable)) throw error;
      refusal = error.message;
    }
    return { ...this.#answer(), refusal, exported };
  }

  /** Gives back the file that was asked for. */
  async #do(request: Request): Promise<string | undefined> {
    if (request.type === 'open') {
      const { text, moment } = request;
      this.#open(moment === undefined ? new Play(text) : await Play.at(text, moment));
      return undefined;
    }
    if (request.type === 'openLink') {
      this.#open(new Play(await storyIn(request.link)));
      return undefined;
    }
    const play = this.#play;
    if (play === null) throw new StoryUnusable('no story is open: open one first');
    switch (request.type) {
      case 'run':
        assertTimed(play);
        await play.runTo(request.untilUs);
        return undefined;
      case 'step':
        assertTimed(play);
        await play.step(1, play.nowUs + longestSilenceUs);
        return undefined;
      case 'next':
        await play.playNext();
        return undefined;
      case 'act':
        await this.#act(play, request.directive);
        return undefined;
      case 'export':
        return exported(play, request.as);
    }
  }

  async #act(play: Play, directive: string): Promise<void> {
    const { events, told } = play;
    const back = play.wayHere();
    const known = events.length + told.length;
    try {
      await play.act(directive);
    } catch (error) {
      // Only a part of it was done, which no story tells: all is played again without it.
      if (error instanceof StoryUnusable && events.length + told.length > known) this.#open(await back());
      throw error;
    }
  }

  #open(play: Play): void {
    this.#play = play;
    this.#isNew = true;
    this.#shown = { frames: 0, events: 0, told: 0 };
  }

  #answer(): Answer {
    const play = this.#play;
    if (play === null) return nothing;
    const { frames, events, told, nowUs, text, story, done, ahead, next, failure } = play;
    const since = this.#shown;
    this.#shown = { frames: frames.length, events: events.length, told: told.length };
    const isNew = this.#isNew;
    this.#isNew = false;
    return {
      isNew,
      frames: frames.slice(since.frames),
      events: events.slice(since.events),
      told: told.slice(since.told),
      nowUs,
      text,
      title: story.title,
      source: story.source,
      broken: story.broken?.wrong ?? null,
      isStepwise: story.isStepwise === true,
      done,
      ahead,
      next,
      failure,
      refusal: null,
      exported: null,
    };
  }
}

const assertTimed = ({ story }: Play): void => {
  if (story.isStepwise !== true) return;
  throw new StoryUnusable('time is held, and nothing happens by itself: act on a node, a link or a message');
};

const nothing: Answer = {
  isNew: false,
  frames: [],
  events: [],
  told: [],
  nowUs: 0,
  text: '',
  title: '',
  source: '',
  broken: null,
  isStepwise: false,
  done: 0,
  ahead: 0,
  next: null,
  failure: null,
  refusal: null,
  exported: null,
};
