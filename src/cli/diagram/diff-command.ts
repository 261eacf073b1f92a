import { Command, Option } from 'commander';
import { type ChartDiff, diffCharts, isEmptyDiff } from '../../statechart/compare/diff.ts';
import { diffToJson } from '../../statechart/compare/diff-json.ts';
import { diffToMermaid } from '../../statechart/compare/diff-mermaid.ts';
import { diffPicture } from '../../statechart/compare/diff-picture.ts';
import { diffScene } from '../../statechart/compare/diff-scene.ts';
import { diffToMarkdown, diffToText } from '../../statechart/compare/diff-text.ts';
import type { Theme } from '../../statechart/draw/palette.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { View } from '../../statechart/draw/view.ts';
import type { RuleStyle } from '../../statechart/read/rule-style.ts';
import { NoSuchView } from '../../statechart/read/top-state.ts';
import { emit } from '../emit.ts';
import { type MachineFlags, withMachineFlags } from '../machine/machine-flags.ts';
import { UsageError } from '../usage-error.ts';
import { toPng } from './png.ts';
import { both, type ChartVersion, isFile, loadVersion } from './revision.ts';
import { themeOption } from './theme-option.ts';
import { versionsAt } from './versions-at.ts';
import { viewOption } from './view-option.ts';

interface Flags extends MachineFlags {
  readonly format: 'text' | 'markdown' | 'json' | 'svg' | 'png' | 'mermaid';
  /** A list of what changed, or the chart with that marked. */
  readonly view: 'list' | View;
  readonly chart: string;
  readonly at?: string;
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
      .addOption(
        new Option('--format <format>')
          .choices(['text', 'markdown', 'json', 'svg', 'png', 'mermaid'])
          .default('text'),
      )
      .addOption(
        viewOption(
          'of svg, png and mermaid: the chart with the changes marked, in one of these views or role=<name>; list: what changed, line by line (not in mermaid)',
          ['list'],
        ),
      )
      .option(
        '--chart <name>',
        'which chart of the revisions: raft, log-writer, peer-link, client-session',
        'raft',
      )
      .option(
        '--at <file>',
        'load both files as versions of this one, FILE or FILE#NAME: for git difftool, which hands over temporary copies',
      )
      .addOption(themeOption())
      .option('--exit-code', 'exit with 1 if they differ, as git diff does', false)
      .option('-o, --output <file>', 'write to this file instead of standard output'),
  ).action(async (before: string, after: string, flags: Flags) => {
    const compared =
      flags.at === undefined
        ? await twoVersions(before, after, flags)
        : await versionsAt(flags.at, before, after, flags);
    if ('line' in compared) {
      const { line, isDifferent } = compared;
      // A picture or JSON of nothing would be taken for a difference.
      if (flags.format === 'text' || flags.format === 'markdown') emit(`${line}\n`, flags.output);
      else process.stderr.write(`${line}\n`);
      if (flags.exitCode && isDifferent) process.exitCode = 1;
      return;
    }
    const { old, now } = compared;
    const sources =
      old.sources === null || now.sources === null ? null : { before: old.sources, after: now.sources };
    const diff = diffCharts(old.chart, now.chart, sources);
    emit(await write(diff, now.rules, flags), flags.output);
    if (flags.exitCode && !isEmptyDiff(diff)) process.exitCode = 1;
  });

const twoVersions = async (
  before: string,
  after: string,
  flags: Flags,
): Promise<{ readonly old: ChartVersion; readonly now: ChartVersion }> => {
  const isMixed = isFile(before) !== isFile(after);
  const load = (operand: string) => loadVersion(operand, flags.chart, flags, isMixed);
  const [old, now] = await both(load(before), load(after));
  return { old, now };
};

const write = async (
  diff: ChartDiff,
  rules: RuleStyle,
  { format, view, theme, output, at }: Flags,
): Promise<string | Uint8Array> => {
  switch (format) {
    case 'text':
      // git shows one file after another and does not say which.
      return `${at === undefined ? '' : `${at}\n`}${diffToText(diff, output === undefined && process.stdout.isTTY && !process.env.NO_COLOR)}`;
    case 'markdown':
      return diffToMarkdown(diff);
    case 'json':
      return diffToJson(diff);
    case 'mermaid':
      if (view === 'list') {
        throw new UsageError(
          '--format mermaid draws no list: choose --view outline, overview, full, gate or role=<name>',
        );
      }
      return viewed(() => diffToMermaid(diff, view));
    case 'svg':
    case 'png': {
      const svg = toSvg(
        view === 'list' ? diffScene(diff, rules) : await viewed(() => diffPicture(diff, view, rules)),
        theme,
      );
      return format === 'png' ? toPng(svg) : svg;
    }
  }
};

const viewed = async <Drawn>(draw: () => Drawn | Promise<Drawn>): Promise<Drawn> => {
  try {
    return await draw();
  } catch (error) {
    if (error instanceof NoSuchView) throw new UsageError(error.message);
    throw error;
  }
};
