import { Command, Option } from 'commander';
import { type ChartDiff, diffCharts, isEmptyDiff } from '../../statechart/compare/diff.ts';
import { diffScene } from '../../statechart/compare/diff-scene.ts';
import { diffToMarkdown, diffToText } from '../../statechart/compare/diff-text.ts';
import type { Theme } from '../../statechart/draw/palette.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { RuleStyle } from '../../statechart/read/rule-style.ts';
import { type MachineFlags, withMachineFlags } from '../machine/machine-flags.ts';
import { emit } from './diagram-command.ts';
import { isFile, loadVersion } from './revision.ts';
import { themeOption } from './theme-option.ts';

interface Flags extends MachineFlags {
  readonly format: 'text' | 'markdown' | 'svg';
  readonly chart: string;
  readonly theme: Theme | 'auto';
  readonly exitCode: boolean;
  readonly output?: string;
}

/** `raftchart diff`: what changed between two versions of a chart, in the terms of a review. */
export const diffCommand = (): Command =>
  withMachineFlags(
    new Command('diff')
      .description('Compares two charts: two files, or two git revisions such as HEAD~1 and HEAD.')
      .argument('<old>', 'FILE or FILE#NAME, a git revision, or REVISION:FILE or REVISION:FILE#NAME')
      .argument('<new>', 'likewise')
      .addOption(new Option('--format <format>').choices(['text', 'markdown', 'svg']).default('text'))
      .option(
        '--chart <name>',
        'which chart of the revisions: raft, log-writer, peer-link, client-session',
        'raft',
      )
      .addOption(themeOption())
      .option('--exit-code', 'exit with 1 if they differ, as git diff does', false)
      .option('-o, --output <file>', 'write to this file instead of standard output'),
  ).action(async (before: string, after: string, flags: Flags) => {
    const isMixed = isFile(before) !== isFile(after);
    const sides = [before, after].map((operand) => loadVersion(operand, flags.chart, flags, isMixed));
    // Both at once; of two faults that of the first side is told.
    await Promise.allSettled(sides);
    const [old, now] = [await sides[0]!, await sides[1]!];
    const sources =
      old.sources === null || now.sources === null ? null : { before: old.sources, after: now.sources };
    const diff = diffCharts(old.chart, now.chart, sources);
    emit(write(diff, now.rules, flags), flags.output);
    if (flags.exitCode && !isEmptyDiff(diff)) process.exitCode = 1;
  });

const write = (diff: ChartDiff, rules: RuleStyle, { format, theme, output }: Flags): string => {
  switch (format) {
    case 'text':
      return diffToText(diff, output === undefined && process.stdout.isTTY && !process.env.NO_COLOR);
    case 'markdown':
      return diffToMarkdown(diff);
    case 'svg':
      return toSvg(diffScene(diff, rules), theme);
  }
};
