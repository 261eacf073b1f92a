import { Command, Option } from 'commander';
import { chartCapabilities } from '../../conformance/capabilities.ts';
import { defaultPlan, defaultProfile, generatePlan } from '../../simulate/generate-plan.ts';
import { runSimulation } from '../../simulate/run-simulation.ts';
import type { Assessment } from '../../statechart/coverage/assessment.ts';
import { coverageJson, coverageLines } from '../../statechart/coverage/coverage-text.ts';
import type { Coverage } from '../../verify/coverage/coverage.ts';
import { RaftCoverage } from '../../verify/coverage/raft-coverage.ts';
import type { PathSet } from '../../verify/paths/path.ts';
import { emit } from '../diagram/diagram-command.ts';
import { parsedBy } from '../parsed-by.ts';
import { generatedVisibly } from '../paths/generated.ts';
import { parseSeeds } from '../simulate/grammar.ts';
import { UsageError } from '../usage-error.ts';
import { readTrace } from './read-trace.ts';
import { writeShadedDiagrams } from './shaded-diagrams.ts';

interface Flags {
  readonly seeds?: { readonly from: number; readonly to: number };
  readonly paths?: PathSet['cover'];
  readonly format: 'text' | 'json';
  readonly diagram?: string;
  readonly verbose: boolean;
  readonly require: boolean;
  readonly requirePairs?: number;
}

/** `raftchart coverage`: what of the role chart was walked, by generated paths, traces or simulations. */
export const coverageCommand = (): Command =>
  new Command('coverage')
    .description('Reports which transitions of the role chart were walked and which never were.')
    .argument('[traces...]', 'traces written by raftchart simulate; without any, the generated paths')
    .addOption(new Option('--paths <cover>', 'the generated paths').choices(['transitions', 'pairs']))
    .option('--seeds <from..to>', 'simulations of these seeds, run now', parsedBy(parseSeeds))
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .option('--diagram <dir>', 'write diagrams of the chart there, shaded by what was walked')
    .option('--verbose', 'list pairs, and every exclusion with its reason', false)
    .option(
      '--require',
      'exit with 1 if a transition was never walked or a guard never gave one of its answers',
      false,
    )
    .option(
      '--require-pairs <percent>',
      'exit with 1 if fewer of the pairs were walked',
      parsedBy(parsePercent),
    )
    .action(async (traces: readonly string[], flags: Flags) => {
      const coverage = new RaftCoverage();
      await recordAll(coverage.record, traces, flags);
      const assessment = coverage.assess();
      const text =
        flags.format === 'json'
          ? coverageJson(assessment)
          : `${coverageLines(assessment, flags).join('\n')}\n`;
      emit(text, undefined);
      if (flags.diagram !== undefined) {
        await writeShadedDiagrams(flags.diagram, coverage.universe.chart, assessment.shades);
      }
      if (!isEnough(assessment, flags)) process.exitCode = 1;
    });

const parsePercent = (text: string): number => {
  const percent = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || percent > 100) {
    throw new Error(`expected a percentage such as 90, got "${text}"`);
  }
  return percent;
};

const isEnough = ({ unwalked, problems, rows }: Assessment, flags: Flags): boolean => {
  const isWhole = unwalked.transitions.length === 0 && unwalked.guards.length === 0;
  const { walked, reachable } = rows.at(-1)!.pairs;
  const hasPairs = flags.requirePairs === undefined || 100 * walked >= flags.requirePairs * reachable;
  return problems.length === 0 && (isWhole || !flags.require) && hasPairs;
};

const recordAll = async (record: Coverage, traces: readonly string[], flags: Flags): Promise<void> => {
  const { seeds } = flags;
  const paths = flags.paths ?? (traces.length === 0 && seeds === undefined ? 'transitions' : null);
  for (const trace of traces) {
    let steps = 0;
    for (const event of readTrace(trace)) {
      record.addTraceEvent(event);
      if (event.type === 'chart') steps++;
    }
    if (steps === 0) throw new UsageError(`${trace} contains no step of a chart`);
  }
  if (seeds !== undefined) {
    for (let seed = seeds.from; seed <= seeds.to; seed++) {
      const plan = generatePlan({ ...defaultPlan, seed }, defaultProfile);
      await runSimulation(plan, { onEvent: (event) => record.addTraceEvent(event) });
    }
  }
  if (paths !== null) {
    for (const path of generatedVisibly(chartCapabilities, { cover: paths }).paths) record.addPath(path);
  }
};
