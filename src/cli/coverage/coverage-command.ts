import { Command, Option } from 'commander';
import { chartCapabilities } from '../../conformance/capabilities.ts';
import { defaultPlan, defaultProfile, generatePlan } from '../../simulate/generate-plan.ts';
import { runSimulation } from '../../simulate/run-simulation.ts';
import { type Assessment, isWhole } from '../../statechart/coverage/assessment.ts';
import { coverageJson, coverageLines } from '../../statechart/coverage/coverage-text.ts';
import { coverGoals } from '../../statechart/paths/model-path.ts';
import type { Coverage } from '../../verify/coverage/coverage.ts';
import { RaftCoverage } from '../../verify/coverage/raft-coverage.ts';
import type { PathSet } from '../../verify/paths/path.ts';
import { emit } from '../emit.ts';
import { checkFlagsFit, type FlagKinds } from '../flags-fit.ts';
import { withCacheFlag } from '../kept/cache-flag.ts';
import { roleChart } from '../machine/known-charts.ts';
import { withMachineFlags } from '../machine/machine-flags.ts';
import { type CoverageOfFileFlags, coverageOfFile, isMachine } from '../model-test/coverage-of-file.ts';
import { withSearchFlags } from '../model-test/search-flags.ts';
import { parsedBy } from '../parsed-by.ts';
import { generatedVisibly } from '../paths/generated.ts';
import { parseSeeds } from '../simulate/grammar.ts';
import { UsageError } from '../usage-error.ts';
import { keptEvidence } from './kept-evidence.ts';
import { readTrace } from './read-trace.ts';
import { writeShadedDiagrams } from './shaded-diagrams.ts';

interface Flags extends CoverageOfFileFlags {
  readonly seeds?: { readonly from: number; readonly to: number };
  readonly paths?: PathSet['cover'];
  readonly cache: boolean;
}

const flagKinds: FlagKinds = {
  raft: ['--seeds', '--paths', '--no-cache'],
  others: ['--sequences', '--cover', '--events', '--model', '--max-states', '--max-depth', '--export'],
};

/** `raftchart coverage`: what of the role chart was walked, by generated paths, traces or simulations. */
export const coverageCommand = (): Command =>
  withCacheFlag(
    withMachineFlags(
      withSearchFlags(new Command('coverage')),
      'list all that is excluded and all pairs never walked',
    ),
  )
    .description(
      'Reports which transitions of the role chart, or of a machine of your own, were walked and which never were.',
    )
    .argument(
      '[files...]',
      'traces written by raftchart simulate, or one machine: FILE, FILE#NAME, log-writer, peer-link or client-session; without any, the generated paths of the role chart',
    )
    .option(
      '--sequences <file>',
      'of a machine of your own: recorded events, a JSON array of them on each line',
    )
    .addOption(
      new Option('--cover <what>', 'of a machine of your own: what its generated paths cover')
        .choices(coverGoals)
        .default('transitions'),
    )
    .addOption(new Option('--paths <cover>', 'the generated paths').choices(['transitions', 'pairs']))
    .option('--seeds <from..to>', 'simulations of these seeds, run now', parsedBy(parseSeeds))
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .option('--diagram <dir>', 'write diagrams of the chart there, shaded by what was walked')
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
    .action(async (files: readonly string[], flags: Flags, command: Command) => {
      const machine = files.find((file) => isMachine(file));
      const others = files.filter((file) => file !== machine);
      if (machine !== undefined && others.length > 0)
        throw new UsageError(`${machine} is a machine, which goes alone: leave out ${others.join(', ')}`);
      const isRoleChart = machine === undefined || machine === roleChart;
      checkFlagsFit(command, isRoleChart ? undefined : machine, flagKinds);
      if (!isRoleChart) return coverageOfFile(machine, flags);
      const coverage = new RaftCoverage();
      await recordAll(coverage.record, others, flags);
      const assessment = coverage.assess(keptEvidence({ isKept: flags.cache }));
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

const isEnough = (assessment: Assessment, flags: Flags): boolean => {
  const { walked, reachable } = assessment.rows.at(-1)!.pairs;
  const hasPairs = flags.requirePairs === undefined || 100 * walked >= flags.requirePairs * reachable;
  return assessment.problems.length === 0 && (isWhole(assessment) || !flags.require) && hasPairs;
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
    const set = generatedVisibly(chartCapabilities, { cover: paths }, { isKept: flags.cache });
    for (const path of set.paths) record.addPath(path);
  }
};
