import { dirname, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Theme } from '../../statechart/draw/palette.ts';
import { type Format, formats, render } from '../../statechart/draw/render.ts';
import type { View } from '../../statechart/draw/view.ts';
import { NotSayable } from '../../statechart/export/not-sayable.ts';
import { NoSuchView } from '../../statechart/read/top-state.ts';
import { emit } from '../emit.ts';
import { type MachineFlags, withMachineFlags } from '../machine/machine-flags.ts';
import { UsageError } from '../usage-error.ts';
import { loadChart } from './load-chart.ts';
import { toPng } from './png.ts';
import { linksFrom } from './sources.ts';
import { themeOption } from './theme-option.ts';
import { viewOption } from './view-option.ts';

interface Flags extends MachineFlags {
  readonly format: Format | 'png';
  readonly view: View;
  readonly theme: Theme | 'auto';
  readonly output?: string;
}

/** `raftchart diagram`: draws a chart of this repository, or any XState 5 machine. */
export const diagramCommand = (): Command =>
  withMachineFlags(
    new Command('diagram')
      .description(
        'Draws a chart: raft, log-writer, peer-link, client-session, or any XState 5 machine by its file.',
      )
      .argument(
        '[chart]',
        'the name of a chart, or FILE or FILE#NAME: a module, and which of its machines',
        'raft',
      )
      .addOption(
        new Option('--format <format>', 'layout is the coordinates that svg draws')
          .choices([...formats, 'png'])
          .default('svg'),
      )
      .addOption(viewOption('what is drawn: one of these, or role=<name> for a single top-level state'))
      .addOption(themeOption())
      .option('-o, --output <file>', 'write to this file instead of standard output'),
  ).action(async (chart: string, flags: Flags) => {
    const { root, index, rules, statelyLosses, ...drawable } = await loadChart(chart, flags);
    const folder = dirname(resolve(flags.output ?? '.', flags.output === undefined ? 'x' : ''));
    const links = linksFrom(relative(root, folder), index);
    try {
      const { format, view, theme, output } = flags;
      const text = await render(drawable, format === 'png' ? 'svg' : format, view, theme, links, rules);
      emit(format === 'png' ? await toPng(text) : text, output);
      if (flags.format === 'stately' && statelyLosses !== null) process.stderr.write(`${statelyLosses}\n`);
    } catch (error) {
      if (error instanceof NoSuchView || error instanceof NotSayable) throw new UsageError(error.message);
      throw error;
    }
  });
