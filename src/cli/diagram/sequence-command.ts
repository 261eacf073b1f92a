import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { nodeName } from '../../raft/types.ts';
import type { Theme } from '../../statechart/draw/palette.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { SequenceEvent } from '../../trace/sequence.ts';
import { filterSequence, readableMessages } from '../../trace/sequence-filter.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceToText } from '../../trace/sequence-text.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import { readTrace } from '../coverage/read-trace.ts';
import { UsageError } from '../usage-error.ts';
import { emit } from './diagram-command.ts';

interface Flags {
  readonly format: 'svg' | 'mermaid' | 'text';
  readonly theme: Theme;
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

/** `raftchart sequence`: a trace of a simulation as a sequence diagram. */
export const sequenceCommand = (): Command =>
  new Command('sequence')
    .description('Draws a trace of a simulation as a sequence diagram.')
    .argument('<trace>', 'a trace written by raftchart simulate: one event per line')
    .addOption(new Option('--format <format>').choices(['svg', 'mermaid', 'text']).default('svg'))
    .addOption(new Option('--theme <theme>').choices(['light', 'dark']).default('light'))
    .option('--nodes <ids>', 'only these nodes, such as 1,2,3', parseNodes)
    .option('--from <ms>', 'from this time on', parseNumber)
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
      const events = filterSequence(sequenceOfTrace([...readTrace(trace)]), {
        ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
        ...(flags.from === undefined ? {} : { fromTime: flags.from }),
        ...(flags.to === undefined ? {} : { toTime: flags.to }),
        withoutRoutine: !flags.heartbeats,
        withHushed: flags.hushed,
        maxMessages: flags.messages,
      });
      if (events.length === 0) throw new UsageError(`${trace} has nothing to draw within these bounds`);
      const title = flags.title ?? basename(trace).replace(/\.\w+$/, '');
      emit(drawn(title, events, flags), flags.output);
    });

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
