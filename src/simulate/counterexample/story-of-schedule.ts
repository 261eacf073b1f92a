import { deepEqual } from 'fast-equals';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { type ClusterEvent, sizeOf } from '../../verify/explore/cluster-event.ts';
import type { ScheduleHeader } from '../../verify/explore/schedule-file.ts';
import type { PathMessage } from '../../verify/paths/path.ts';
import { toPathMessage } from '../../verify/paths/path-message.ts';
import type { BrokenRule } from '../broken/broken-rules.ts';
import { Stage } from '../scenario/stage.ts';
import { StoryFailed } from '../scenario/story-failed.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { type OpenStage, openStage, textStory } from '../scenario/text/text-story.ts';
import { NotTellable, textOf } from './story-of-plan.ts';

/** The seed decides what a crash leaves on a disk; a schedule says it: one of so many seeds may agree. */
const seedsTried = 8;

/**
 * A story, with time held, in which happens what happens in a schedule of the explorer, up to the violation: it has been played, message by message.
 * Throws `NotTellable`.
 */
export const storyOfSchedule = async (
  { options, schedule }: Pick<ScheduleHeader, 'options' | 'schedule'>,
  broken: BrokenRule | null,
): Promise<string> => {
  let misfit: NotTellable | null = null;
  const seeds = schedule.some(({ event }) => event.type === 'crash') ? seedsTried : 1;
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      return await tell({ options, schedule }, broken, seed);
    } catch (error) {
      if (!(error instanceof NotTellable)) throw error;
      misfit ??= error;
    }
  }
  throw misfit!;
};

const tell = async (
  { options, schedule }: Pick<ScheduleHeader, 'options' | 'schedule'>,
  broken: BrokenRule | null,
  seed: number,
): Promise<string> => {
  const header = [
    `nodes: ${options.nodes}`,
    ...(options.spares > 0 ? [`spares: ${options.spares}`] : []),
    ...(broken === null ? [] : [`broken: ${broken.name}`]),
    `seed: ${seed}`,
  ];
  const story = textStory('story', textOf({ header, directives: ['start'] }));
  const stage = new Stage(story, { seed, replacements: {}, print: () => {} });
  const scribe = new Scribe(stage);
  try {
    const violated = await scribe.play(
      options,
      schedule.map(({ event }) => event),
    );
    const about = [
      `title: A counterexample to ${violated}`,
      ...(broken === null ? [] : [`source: ${broken.source}`]),
    ];
    const { directives } = scribe;
    return textOf({ header: [...about, ...header, `violates: ${violated}`], directives });
  } finally {
    scribe.close();
  }
};

/** Plays events as directives, and writes these down. */
class Scribe {
  readonly directives: string[] = [];
  readonly #stage: Stage;
  readonly #open: OpenStage;
  #puts = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#open = openStage(stage);
  }

  close(): void {
    this.#open.close();
  }

  /** The property that is violated. Throws `NotTellable`. */
  async play(options: ScheduleHeader['options'], events: readonly ClusterEvent[]): Promise<string> {
    let step = 0;
    try {
      await this.#say('start');
      if (options.disk === 'slow') {
        for (let id = 1; id <= sizeOf(options); id++) await this.#say(`slow-disk ${id}`);
      }
      for (const event of events) {
        step++;
        await this.#tell(event);
      }
    } catch (error) {
      if (error instanceof StoryFailed) {
        const { violation } = this.#stage;
        if (violation !== null) return violation.property;
      }
      if (!(error instanceof StoryFailed || error instanceof StoryUnusable)) throw error;
      throw new NotTellable(`at step ${step} its nodes do something else: ${error.message}`);
    }
    throw new NotTellable(`nothing is violated by the end of its ${step} ${step === 1 ? 'step' : 'steps'}`);
  }

  async #tell(event: ClusterEvent): Promise<void> {
    switch (event.type) {
      case 'deliver':
        return this.#say(`${event.again ? 'repeat' : 'deliver'} ${this.#placeOf(event.message)}`);
      case 'lose':
        return this.#say(`drop ${this.#placeOf(event.message)}`);
      case 'timeout':
        return this.#say(timeoutOf(event));
      case 'propose':
        return this.#say(`propose ${event.node} put x ${++this.#puts}`);
      case 'transfer':
        return this.#say(`transfer ${event.node} to ${event.target}`);
      case 'read':
        return this.#say(`read ${event.node} x`);
      case 'change':
        return this.#say(`change ${event.node} ${event.changes.map(changeOf).join(', ')}`);
      case 'snapshot':
        return this.#say(`snapshot ${event.node}`);
      case 'durable':
        return this.#say(`sync ${event.node}`);
      case 'checked':
        // A node checks the snapshots that it receives by itself.
        return;
      case 'crash':
        return this.#crash(event);
    }
  }

  async #crash({
    node,
    writes,
    during,
    effects = 0,
  }: Extract<ClusterEvent, { type: 'crash' }>): Promise<void> {
    if (during !== undefined && effects > 0) {
      await this.#say(`crash ${node} after ${effects}`);
      await this.#tell(during);
    } else if (during?.type === 'deliver' && during.again !== true) {
      await this.#say(`drop ${this.#placeOf(during.message)}`);
    }
    if (!this.#stage.hasCrashed(node)) {
      for (let write = 0; write < writes; write++) await this.#say(`sync ${node}`);
      await this.#say(`crash ${node}`);
    }
    await this.#say(`restart ${node}`);
  }

  async #say(directive: string): Promise<void> {
    this.directives.push(directive);
    await this.#open.playOne(directive);
  }

  /** How a directive names this message. Throws `StoryUnusable` if there is no such message. */
  #placeOf(named: PathMessage): string {
    const { from, to, type } = named;
    const way = `from ${from} to ${to} ${type}`;
    const alike = this.#stage.underWay({ from, to, type });
    const at = alike.findIndex(({ message }) => saysTheSame(message, named));
    if (at < 0) throw new StoryUnusable(`nobody sends this ${type} from ${from} to ${to}`);
    if (alike.length === 1) return way;
    if (at === alike.length - 1) return `${way} last`;
    return at === 0 ? `${way} first` : `${way} nth ${at + 1}`;
  }
}

const timeoutOf = ({ node, timer }: Extract<ClusterEvent, { type: 'timeout' }>): string => {
  if (timer === 'electionTimeout') return `campaign ${node}`;
  return timer === 'heartbeatInterval' ? `heartbeat ${node}` : `tick ${node} ${timer}`;
};

const changeOf = ({ type, node }: { readonly type: string; readonly node: NodeId }): string =>
  `${type} ${node}`;

/** What nodes number for themselves (`ScheduleNumbers`), and what they are asked to store, differs from a schedule. */
const ownFields: ReadonlySet<string> = new Set([
  'round',
  'readId',
  'data',
  'dataChecksum',
  'checksum',
  'sizeBytes',
  'offset',
]);

const saysTheSame = (message: Message, named: PathMessage): boolean =>
  deepEqual(comparable(toPathMessage(message)), comparable(named));

const comparable = (message: PathMessage): unknown =>
  Object.fromEntries(
    Object.entries(message)
      .filter(([name]) => !ownFields.has(name))
      .map(([name, value]) => [
        name,
        name === 'entries'
          ? (value as { term: unknown; kind: unknown }[]).map(({ term, kind }) => [term, kind])
          : value,
      ]),
  );
