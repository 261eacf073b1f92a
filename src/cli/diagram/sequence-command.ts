import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Theme } from '../../statechart/draw/palette.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import { filterSequence } from '../../trace/sequence.ts';
import { sequenceToMermaid } from '../../trace/sequence-mermaid.ts';
import { sequenceScene } from '../../trace/sequence-scene.ts';
import { sequenceOfTrace } from '../../trace/trace-sequence.ts';
import { readTrace } from '../coverage/read-trace.ts';
import { UsageError } from '../usage-error.ts';
import { emit } from './diagram-command.ts';

interface Flags {
  readonly format: 'svg' | 'mermaid';
  readonly theme: Theme;
  readonly nodes?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly heartbeats: boolean;
  readonly messages: number;
  readonly title?: string;
  readonly output?: string;
}

const parseNumber = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
};

/** `raftchart sequence`: a trace of a simulation as a sequence diagram. */
export const sequenceCommand = (): Command =>
  new Command('sequence')
    .description('Draws a trace of a simulation as a sequence diagram.')
    .argument('<trace>', 'a trace written by raftchart simulate: one event per line')
    .addOption(new Option('--format <format>').choices(['svg', 'mermaid']).default('svg'))
    .addOption(new Option('--theme <theme>').choices(['light', 'dark']).default('light'))
    .option('--nodes <ids>', 'only these nodes, such as 1,2,3', (text) =>
      text.split(',').map((id) => `node ${id}`),
    )
    .option('--from <ms>', 'from this time on', parseNumber)
    .option('--to <ms>', 'up to this time', parseNumber)
    .option('--no-heartbeats', 'leave out messages that carry nothing new')
    .option('--messages <n>', 'at most this many, the last ones', parseNumber, 60)
    .option('--title <text>')
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action((trace: string, flags: Flags) => {
      const events = filterSequence(sequenceOfTrace([...readTrace(trace)]), {
        ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
        ...(flags.from === undefined ? {} : { fromTime: flags.from }),
        ...(flags.to === undefined ? {} : { toTime: flags.to }),
        withoutRoutine: !flags.heartbeats,
        maxMessages: flags.messages,
      });
      if (events.length === 0) throw new UsageError(`${trace} has nothing to draw within these bounds`);
      const title = flags.title ?? basename(trace).replace(/\.\w+$/, '');
      const text =
        flags.format === 'mermaid'
          ? sequenceToMermaid(events)
          : toSvg(sequenceScene(title, events), flags.theme);
      emit(text, flags.output);
    });
