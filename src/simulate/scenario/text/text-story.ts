import { defaultSettings } from '../../../raft/context.ts';
import type { TimedEvent } from '../../../trace/events.ts';
import { type Dispensable, dispensable } from '../../../verify/paths/chart-without.ts';
import { type BrokenRule, brokenRules } from '../../broken/broken-rules.ts';
import { calmPlan, type Plan } from '../../plan.ts';
import { onRequest, type Stage, type Staging, stepwiseSettings } from '../stage.ts';
import { type Story, steady } from '../story.ts';
import { StoryFailed } from '../story-failed.ts';
import { StoryUnusable } from '../story-unusable.ts';
import type { Scene } from './conditions.ts';
import { type Block, parseText, placed, type StoryText, withTranscripts } from './parse-text.ts';
import { playDirective, verbOf } from './verbs.ts';
import { numberIn, percentIn, rangeIn } from './words.ts';

/** A story that was read from text. */
export interface TextStory extends Story {
  /** What it is told in, one after the other. */
  readonly directives: readonly string[];
  /** With which its transcripts were written. */
  readonly seed: number;
  /** The text with the transcripts of what was played last; as it was, if nothing was. */
  rewritten(): string;
}

const mostNodes = 15;
const mostSeed = 999_999_999;
/** Beyond this no lease would last. */
const mostDrift = 0.5;

interface Field {
  readonly means: string;
}

/** What may stand at the top of a story. */
export const fields = {
  title: { means: 'one line, for lists' },
  source: { means: 'where to read about it' },
  moral: { means: 'what its expectations add up to: printed at the end' },
  nodes: { means: 'the voters that the cluster starts with, by default 3' },
  spares: { means: 'further nodes, which are not members until somebody adds them, by default 0' },
  time: { means: 'held (the default): only what the story says happens; runs: the clock runs' },
  without: { means: `what the nodes do without: ${dispensable.map(kebab).join(', ')}` },
  broken: {
    means: `a rule that the nodes break on purpose: ${brokenRules.map(({ name }) => name).join(', ')}`,
  },
  reads: { means: 'index (the default): a read waits for a round; lease: a lease answers it' },
  entries: { means: 'the most entries in one AppendEntries' },
  trailing: { means: 'how many entries stay in the log before a snapshot, by default 0' },
  snapshots: {
    means:
      'each node takes a snapshot after applying this many entries; by default only when the story says so',
  },
  chunk: { means: 'the most bytes of a snapshot in one message, by default 524288' },
  syncs: { means: 'how long a sync takes where time runs, such as 0.1ms..3ms; by default 0.5ms' },
  drift: { means: 'how wrong clocks may be, which leases allow for; by default 10%' },
  seed: { means: 'the seed of what the story leaves open, by default 1' },
  violates: {
    means: 'the safety property that its last directive violates, such as Election Safety; by default none',
  },
} as const satisfies Record<string, Field>;
type FieldName = keyof typeof fields;

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The story in `text`. Throws `StoryUnusable`, with the place. */
export const textStory = (file: string, text: string): TextStory => {
  const story = parseText(file, text);
  const header = headerOf(story);
  for (const { line, text } of story.blocks.flatMap(({ directives }) => directives))
    at(file, line, () => verbOf(text, header.staging.isStepwise ?? false));
  const name = file.replace(/^.*[\\/]/, '').replace(/\.txt$/, '');
  let transcripts: readonly (readonly string[])[] | null = null;
  return {
    name,
    title: titleOf(header.title ?? name, header.staging.broken),
    source: header.source ?? '',
    moral: header.moral ?? 'everything that the story expects.',
    ...(header.violates === undefined ? {} : { violates: header.violates }),
    ...header.staging,
    seed: header.seed,
    directives: story.blocks.flatMap(({ directives }) => directives.map((each) => each.text)),
    tell: async (stage) => {
      const isCompared = !stage.ignoresTranscripts && stage.simulation.plan.seed === header.seed;
      transcripts = await play(story, stage, isCompared);
    },
    rewritten: () => (transcripts === null ? text : withTranscripts(story, transcripts)),
  };
};

/** Nobody must take what a broken cluster does for Raft. */
const titleOf = (title: string, broken: BrokenRule | undefined): string =>
  broken === undefined ? title : `${title}. Broken on purpose: ${broken.wrong}`;

interface Header {
  readonly title?: string;
  readonly source?: string;
  readonly moral?: string;
  readonly violates?: string;
  readonly seed: number;
  readonly staging: Staging;
}

const headerOf = ({ file, fields: given }: StoryText): Header => {
  const read = <Value>(name: FieldName, parse: (value: string) => Value): Value | undefined => {
    const field = given.get(name);
    if (field === undefined) return undefined;
    return at(file, field.line, () => parse(field.value));
  };
  for (const [name, { line, value }] of given) {
    if (!Object.hasOwn(fields, name)) {
      throw new StoryUnusable(
        placed(file, line, `there is no setting "${name}"; there are ${Object.keys(fields).join(', ')}`),
      );
    }
    if (value === '')
      throw new StoryUnusable(placed(file, line, `${name} is empty: give it a value, or leave it out`));
  }
  const count = (what: string, least: number, most: number) => (value: string) => {
    const number = numberIn(value, what, Math.max(most, 1_000_000));
    if (number < least || number > most) {
      throw new StoryUnusable(`${what} is ${least} to ${most}, not ${number}`);
    }
    return number;
  };
  const text = (name: 'title' | 'source' | 'moral' | 'violates') => {
    const value = read(name, (each) => each);
    return value === undefined ? {} : { [name]: value };
  };
  const nodes = read('nodes', count('the number of nodes', 1, mostNodes)) ?? calmPlan.nodes;
  const spares = read('spares', count('the number of spares', 0, mostNodes - nodes)) ?? 0;
  const isStepwise = read('time', oneOf('time is', 'held', 'runs')) ?? true;
  const without = read('without', withoutIn) ?? [];
  const broken = read('broken', brokenIn);
  const leaseReads = read('reads', oneOf('reads are by', 'lease', 'index')) ?? false;
  const maxEntriesPerMessage = read(
    'entries',
    count('the number of entries', 1, defaultSettings.maxEntriesPerMessage),
  );
  const trailingEntries =
    read('trailing', count('the number of entries', 0, 1_000_000)) ?? onRequest.trailingEntries;
  const entries = read('snapshots', count('the number of entries', 1, 1_000_000)) ?? onRequest.entries;
  const syncs = read('syncs', rangeIn);
  const maxClockDrift = read('drift', driftIn);
  const chunkBytes =
    read('chunk', count('the number of bytes', 1, onRequest.chunkBytes)) ?? onRequest.chunkBytes;
  const seed = read('seed', count('a seed', 0, mostSeed)) ?? 1;
  const plan: Partial<Plan> = {
    ...(isStepwise ? {} : steady),
    ...(syncs === undefined ? {} : { disk: { minSyncMs: syncs[0], maxSyncMs: syncs[1] } }),
    nodes,
    spares,
    snapshots: { ...onRequest, entries, trailingEntries, chunkBytes },
    settings: {
      ...(isStepwise ? stepwiseSettings : calmPlan.settings),
      leaseReads,
      ...(maxClockDrift === undefined ? {} : { maxClockDrift }),
      ...(maxEntriesPerMessage === undefined ? {} : { maxEntriesPerMessage }),
    },
  };
  return {
    ...text('title'),
    ...text('source'),
    ...text('moral'),
    ...text('violates'),
    seed,
    staging: { plan, isStepwise, without, ...(broken === undefined ? {} : { broken }) },
  };
};

const driftIn = (value: string): number => {
  const drift = percentIn(value);
  if (drift <= mostDrift) return drift;
  throw new StoryUnusable(`clocks may be wrong by ${mostDrift * 100}% at most, not by ${value}`);
};

/** Whether it is `one`, and not the other. */
const oneOf =
  (what: string, one: string, other: string) =>
  (value: string): boolean => {
    if (value !== one && value !== other) {
      throw new StoryUnusable(`${what} ${one} or ${other}, not "${value}"`);
    }
    return value === one;
  };

const withoutIn = (value: string): readonly Dispensable[] =>
  value.split(/[,\s]+/).map((word) => {
    const found = dispensable.find((each) => kebab(each) === word);
    if (found !== undefined) return found;
    throw new StoryUnusable(
      `a node cannot do without "${word}", but without ${dispensable.map(kebab).join(', ')}`,
    );
  });

const brokenIn = (value: string): BrokenRule => {
  const found = brokenRules.find(({ name }) => name === value);
  if (found !== undefined) return found;
  throw new StoryUnusable(
    `there is no rule "${value}" to break; there are ${brokenRules.map(({ name }) => name).join(', ')}`,
  );
};

const at = <Value>(file: string, line: number, act: () => Value): Value => {
  try {
    return act();
  } catch (error) {
    throw withPlace(file, line, error);
  }
};

const withPlace = (file: string, line: number, error: unknown): unknown => {
  if (error instanceof StoryUnusable) return new StoryUnusable(placed(file, line, error.message));
  return error instanceof StoryFailed ? new StoryFailed(placed(file, line, error.message)) : error;
};

/** Gives back what was told in each block. */
const play = async (
  { file, blocks }: StoryText,
  stage: Stage,
  isCompared: boolean,
): Promise<readonly (readonly string[])[]> => {
  const { playOne, close } = openStage(stage);
  const transcripts: (readonly string[])[] = [];
  for (const block of blocks) {
    const told = await stage.transcribed(async () => {
      for (const { line, text } of block.directives) {
        try {
          await playOne(text);
        } catch (error) {
          throw withPlace(file, line, error);
        }
      }
    });
    // An empty line would end a transcript.
    const lines = told.map((line) => line.trimEnd()).filter((line) => line !== '');
    transcripts.push(lines.length === 0 ? ['ok'] : lines);
    if (isCompared) compare(file, block, transcripts.at(-1)!);
  }
  close();
  return transcripts;
};

/** A stage on which directives are played one after the other. */
export interface OpenStage {
  /** Throws `StoryUnusable` and `StoryFailed`. */
  readonly playOne: (directive: string) => Promise<void>;
  readonly close: () => void;
}

export const openStage = (stage: Stage): OpenStage => {
  /** Since the last directive that did something. */
  let happened: TimedEvent[] = [];
  const scene: Scene = {
    stage,
    taken: (id) =>
      happened.flatMap((event) => (event.type === 'chart' && event.node === id ? event.transitions : [])),
    received: (id) =>
      happened.flatMap((event) =>
        event.type === 'delivered' && event.message.to === id ? [event.message] : [],
      ),
  };
  const close = stage.listen((event) => {
    happened.push(event);
  });
  stage.admitBroken();
  const acts = () => {
    happened = [];
  };
  return { playOne: (directive) => playDirective(directive, scene, acts), close };
};

const compare = (file: string, { transcript, place }: Block, told: readonly string[]): void => {
  if (transcript === null) return;
  const length = Math.max(transcript.length, told.length);
  for (let at = 0; at < length; at++) {
    if (transcript[at] === told[at]) continue;
    throw new StoryFailed(
      placed(file, place[0] + at + 2, `expected ${quoted(transcript[at])}; got ${quoted(told[at])}`),
    );
  }
};

const quoted = (line: string | undefined): string =>
  line === undefined ? 'nothing more' : `"${line.trim()}"`;
