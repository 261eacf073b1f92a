import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { nodeName } from '../../raft/types.ts';
import type { Theme } from '../../statechart/draw/palette.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { TimedEvent } from '../../trace/events.ts';
import type { SequenceEvent } from '../../trace/sequence.ts';
import { filterSequence, readableMessages } from '../../trace/sequence-filter.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceToText } from '../../trace/sequence-text.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import { readTrace } from '../coverage/read-trace.ts';
import { emit } from '../emit.ts';
import { UsageError } from '../usage-error.ts';
import { themeOption } from './theme-option.ts';

interface Flags {
  readonly format: 'svg' | 'mermaid' | 'text';
  readonly theme: Theme | 'auto';
  readonly nodes?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly heartbeats: boolean;
  readonly hushed: boolean;
  readonly narrow: boolean;
  readonly messages: number;
  readonly title?: string;
  readonly output?: string;
}

const parseNumber = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
};

const parseNodes = (text: string): readonly string[] => {
  if (!/^\d{1,5}(,\d{1,5})*$/.test(text)) throw new InvalidArgumentError('expected ids such as 1,2,3.');
  return text.split(',').map((id) => nodeName(Number(id)));
};

const parseCount = (text: string): number => {
  const value = parseNumber(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number from 1 on.');
  return value;
};

/** `raftchart sequence`: a trace as a sequence diagram. */
export const sequenceCommand = (): Command =>
  new Command('sequence')
    .description('Draws a trace as a sequence diagram.')
    .argument('<trace>', 'a trace of raftchart simulate, or of one node (raft-node --trace-file)')
    .addOption(new Option('--format <format>').choices(['svg', 'mermaid', 'text']).default('svg'))
    .addOption(themeOption())
    .option('--nodes <ids>', 'only these nodes, such as 1,2,3', parseNodes)
    .option('--from <ms>', 'from this time on; of a trace of raft-node, after its first event', parseNumber)
    .option('--to <ms>', 'up to this time', parseNumber)
    .option('--no-heartbeats', 'leave out messages that carry nothing new')
    .option('--hushed', 'draw what a story does not tell, too', false)
    .option(
      '--messages <n>',
      'about this many at most: of each part of a story its ends, else the last ones',
      parseCount,
      readableMessages,
    )
    .option('--narrow', 'for a phone: 400 pixels wide, with short names', false)
    .option('--title <text>')
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action((trace: string, flags: Flags) => {
      const { told, beginsAt } = sinceBeginning([...readTrace(trace)]);
      const events = filterSequence(sequenceOfTrace(told), {
        ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
        ...(flags.from === undefined ? {} : { fromTime: flags.from }),
        ...(flags.to === undefined ? {} : { toTime: flags.to }),
        withoutRoutine: !flags.heartbeats,
        withHushed: flags.hushed,
        maxMessages: flags.messages,
      });
      if (events.length === 0) throw new UsageError(`${trace} has nothing to draw within these bounds`);
      const title = flags.title ?? basename(trace).replace(/\.\w+$/, '');
      emit(drawn(title, [...beginning(beginsAt, events[0]!), ...events], flags), flags.output);
    });

/** Milliseconds since 1970 of no time that a simulation lasts. */
const wallTimeMs = 1e11;

/** A node's trace has the time of its machine: what is drawn begins at its first event. */
const sinceBeginning = (
  events: readonly TimedEvent[],
): { readonly told: readonly TimedEvent[]; readonly beginsAt: Date | null } => {
  const firstMs = events[0]?.atMs ?? 0;
  if (firstMs < wallTimeMs) return { told: events, beginsAt: null };
  const since = (atMs: number) => Math.round((atMs - firstMs) * 1000) / 1000;
  return {
    told: events.map((event) => ({ ...event, atMs: since(event.atMs) })),
    beginsAt: new Date(firstMs),
  };
};

const beginning = (at: Date | null, { time }: SequenceEvent): readonly SequenceEvent[] =>
  at === null ? [] : [{ kind: 'note', time, label: `0 ms is ${at.toISOString()}` }];

const drawn = (
  title: string,
  events: readonly SequenceEvent[],
  { format, theme, narrow }: Pick<Flags, 'format' | 'theme' | 'narrow'>,
): string => {
  switch (format) {
    case 'mermaid':
      return sequenceToMermaid(events);
    case 'text':
      return sequenceToText(title, events);
    case 'svg':
      return toSvg(sequenceScene(title, events, { form: narrow ? 'narrow' : 'wide' }), theme);
  }
};
