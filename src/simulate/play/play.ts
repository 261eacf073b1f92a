import { nodeName } from '../../raft/types.ts';
import { commandText } from '../../store/kv/command-text.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { Narrator } from '../../trace/narrator.ts';
import type { Told } from '../../trace/told.ts';
import type { Why } from '../../trace/transcript.ts';
import { Stage } from '../scenario/stage.ts';
import { StoryFailed } from '../scenario/story-failed.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { parseText } from '../scenario/text/parse-text.ts';
import { type OpenStage, openStage, type TextStory, textStory } from '../scenario/text/text-story.ts';
import type { Frame } from './frame.ts';
import { Recorder } from './recorder.ts';

/** Something that was told, in words. */
export interface ToldLine {
  readonly atUs: number;
  /** `node1`, `network`, `client`; `story`: the storyteller; empty: all. */
  readonly who: string;
  readonly what: string;
  /** The rule of the chart that made it so. */
  readonly why: Why | null;
  /** How many frames there were: it happened on the way to the next one. */
  readonly frames: number;
}

/** A moment of a play, to which it can be played again; with `steps` in the middle of what happens at one time. */
export type Moment = Pick<Frame, 'done' | 'atUs'> & Partial<Pick<Frame, 'steps'>>;

/** No directive can name a later moment. */
const longestUs = 10 * 60_000_000;

/**
 * A story that goes on as long as somebody adds to it: each thing that is done to the cluster is a directive of docs/stories.md, at its virtual
 * time, so the text of the story is all that it takes to play it again, frame by frame.
 */
export class Play {
  readonly story: TextStory;
  readonly stage: Stage;
  readonly events: TimedEvent[] = [];
  readonly told: ToldLine[] = [];
  /** One for each virtual event; of the last ones, if there were more than fit. */
  readonly frames: Frame[] = [];
  readonly #header: string;
  readonly #open: OpenStage;
  readonly #recorder: Recorder;
  readonly #directives: string[] = [];
  /** What the story has in store, with what is done. */
  #scripted: readonly string[];
  /** Whether a directive is being done that does more than let time pass. */
  #isActing = false;
  /** When the last virtual event happened, and how many have at that time. */
  #steppedUs = 0;
  #eventsNow = 0;
  /** When the last directive was done, and after how many virtual events. */
  #endedUs = 0;
  #endedCount = 0;
  #failure: string | null = null;

  /** Throws `StoryUnusable` if `text` is not a story. Nothing has happened yet. */
  constructor(text: string) {
    this.story = textStory('story', text);
    this.#header = headerIn(text);
    this.#scripted = this.story.directives;
    this.#recorder = new Recorder(this.story.isStepwise !== true);
    const tell = (who: string, what: string, why: Why | null = null) =>
      this.told.push({ atUs: this.stage.simulation.clock.nowUs, who, what, why, frames: this.frames.length });
    const narrator = new Narrator({ tell }, commandText, { tellsMessages: false });
    this.stage = new Stage(this.story, {
      seed: this.story.seed,
      replacements: {},
      print: () => {},
      inspect: (node, event) => this.#recorder.inspect(node, event),
      onEvent: (event) => {
        this.events.push(event);
        this.#recorder.take(event);
        if (event.type === 'told') tellWords(event.told, tell);
        else narrator.take(event);
      },
    });
    this.#open = openStage(this.stage);
    this.stage.simulation.onStep = () => {
      this.#eventsNow = this.nowUs === this.#steppedUs ? this.#eventsNow + 1 : 1;
      this.#steppedUs = this.nowUs;
      this.#record();
    };
    this.#record();
  }

  /** A play of `text` at `moment`, with nothing in store. Throws `StoryUnusable` if it does not come to that. */
  static async at(text: string, { done, atUs, steps }: Moment): Promise<Play> {
    const play = new Play(text);
    while (play.done < done && (await play.playNext()));
    play.cut();
    if (play.#isTimed && atUs <= longestUs) {
      if (steps === undefined) await play.runTo(atUs);
      else await play.#runTo(atUs, steps);
    }
    if (play.done !== done || !(play.nowUs >= atUs))
      throw new StoryUnusable('the story does not come to that moment: choose one that was shown');
    return play;
  }

  /** Plays all of it again up to this moment, with what the story has in store now; to be asked for before something is tried that may fail halfway. */
  wayHere(): () => Promise<Play> {
    const [count, passed] = [this.done, this.#passed];
    const text = `${this.text}${this.#scripted.slice(count).join('\n')}\n`;
    return async () => {
      const play = new Play(text);
      while (play.done < count && (await play.playNext()));
      for (const directive of passed) await play.#open.playOne(directive);
      play.#record();
      return play;
    };
  }

  /** How many directives are done. */
  get done(): number {
    return this.#directives.length;
  }

  /** How many directives of the story are still to come. */
  get ahead(): number {
    return this.#scripted.length - this.done;
  }

  /** The next directive that the story has in store; null: there is none. */
  get next(): string | null {
    return this.#scripted[this.done] ?? null;
  }

  get nowUs(): number {
    return this.stage.simulation.clock.nowUs;
  }

  get frame(): Frame {
    return this.frames.at(-1)!;
  }

  /** Why it cannot go on: a property or an expectation did not hold; null: it can. */
  get failure(): string | null {
    return this.stage.simulation.checks.violation?.message ?? this.#failure;
  }

  /** What has been played so far, as a story. */
  get text(): string {
    return `${this.#header}\n${this.#directives.join('\n')}\n`;
  }

  /** The same, up to this moment: it ends with the time that has passed since its last directive. */
  get textUpToNow(): string {
    return [this.text, ...this.#passed.map((directive) => `${directive}\n`)].join('');
  }

  /** What of the story has not been played is left out. */
  cut(): void {
    this.#scripted = this.#directives.slice();
  }

  /** Plays the next directive of the story. False: there is none, or it did not hold. */
  async playNext(): Promise<boolean> {
    const directive = this.next;
    if (directive === null || this.failure !== null) return false;
    await this.#play(directive);
    return this.failure === null;
  }

  /** Lets time pass, where it does by itself. Returns at once where something does not hold. */
  async runTo(untilUs: number): Promise<void> {
    if (this.failure !== null || !this.#isTimed || !(untilUs > this.nowUs)) return;
    this.#assertShort();
    await this.stage.simulation.run(Math.min(untilUs, longestUs) / 1000);
    this.#record();
  }

  /** Lets at most `events` virtual events happen, none after `untilUs`. */
  async step(events: number, untilUs: number): Promise<void> {
    if (this.failure !== null || !this.#isTimed) return;
    this.#assertShort();
    const { simulation } = this.stage;
    const last = simulation.eventCount + events;
    await simulation.run(Math.min(untilUs, longestUs) / 1000, () => simulation.eventCount >= last);
    this.#record();
  }

  /** Does what `directive` says, now, in place of what the story had in store. Throws `StoryUnusable` if it cannot be done; some of it may have been. */
  async act(directive: string): Promise<void> {
    if (this.failure !== null) throw new StoryUnusable(`${this.failure}: go back to before that`);
    this.#assertShort();
    await this.#play(directive, this.#passed);
    this.cut();
  }

  /** The directives that say what has happened by itself since the last one. */
  get #passed(): readonly string[] {
    const { clock, eventCount } = this.stage.simulation;
    const isLater = this.nowUs > this.#endedUs;
    if (!this.#isTimed || (!isLater && eventCount === this.#endedCount)) return [];
    if (!clock.isMidway) return [at(this.nowUs)];
    if (!isLater) return [`step ${eventCount - this.#endedCount}`];
    const beforeUs = this.nowUs - 1;
    return [...(beforeUs > this.#endedUs ? [at(beforeUs)] : []), `step ${this.#eventsNow}`];
  }

  get #isTimed(): boolean {
    return this.story.isStepwise !== true;
  }

  /** Up to `atUs`, and to so many virtual events. */
  async #runTo(atUs: number, steps: number): Promise<void> {
    await this.runTo(atUs - 1);
    const { simulation } = this.stage;
    await simulation.run(atUs / 1000, () => simulation.eventCount >= steps);
    if (simulation.clock.nowUs < atUs && simulation.eventCount >= steps) await this.runTo(atUs);
    this.#record();
  }

  /** `before`: directives that need not be played, since what they say has happened. */
  async #play(directive: string, before: readonly string[] = []): Promise<void> {
    this.#directives.push(...before);
    // Played again, they are directives like any other, each with its frame.
    if (before.length > 0) this.#record();
    this.#isActing = !/^(quietly\s+)*(pass|at|step|until)\b/.test(directive);
    try {
      await this.#open.playOne(directive);
    } catch (error) {
      if (!(error instanceof StoryFailed)) {
        this.#directives.length -= before.length;
        if (this.frame.done > this.done) this.frames.pop();
        throw error;
      }
      this.#failure = error.message;
    } finally {
      this.#isActing = false;
    }
    this.#directives.push(directive);
    this.#endedUs = this.nowUs;
    this.#endedCount = this.stage.simulation.eventCount;
    this.#record();
  }

  #assertShort(): void {
    if (this.nowUs < longestUs) return;
    throw new StoryUnusable(
      'the play has lasted 10 minutes, which is as long as one may: go back, or begin another',
    );
  }

  #record(): void {
    // What happens while a directive is done belongs to it, unless that only lets time pass.
    const frame = this.#recorder.frame(this.stage.simulation, this.done + (this.#isActing ? 1 : 0));
    const last = this.frames.at(-1);
    // Where nothing has changed but the time, the frame before stands for it.
    if (last === undefined || !isSame(last, frame)) this.frames.push(frame);
  }
}

const at = (us: number): string => `at ${us / 1000}ms`;

const isSame = (a: Frame, b: Frame): boolean =>
  (Object.keys(b) as (keyof Frame)[]).every((key) => key === 'atUs' || key === 'steps' || a[key] === b[key]);

/** What stands at the top, a setting a line. */
const headerIn = (text: string): string =>
  [...parseText('story', text).fields].map(([name, { value }]) => `${name}: ${value}`).join('\n');

const tellWords = (told: Told, tell: (who: string, what: string) => void): void => {
  switch (told.kind) {
    case 'act':
      tell('story', told.text);
      return;
    case 'note':
      tell(told.who, told.text);
      return;
    case 'expectation':
      tell('✓', told.text);
      return;
    case 'asked':
      tell('client', `asks ${nodeName(told.node)}: ${told.text}`);
      return;
    case 'answered':
      tell('client', `is told by ${nodeName(told.node)}: ${told.text}`);
      return;
    default:
  }
};
