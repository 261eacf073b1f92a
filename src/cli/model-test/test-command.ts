import { Command, Option } from 'commander';
import { type CoverGoal, coverGoals } from '../../statechart/paths/model-path.ts';
import { emit } from '../emit.ts';
import { type MachineFlags, withMachineFlags } from '../machine/machine-flags.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { runModelTask } from './run-model-task.ts';
import { moduleOf, tellOfAnswers } from './search-flags.ts';
import { reporterOf, type TestReport, testReports } from './test-reports.ts';
import type { TestAnswer } from './test-task.ts';

interface Flags extends MachineFlags {
  readonly model?: string;
  readonly events?: string;
  readonly cover: CoverGoal;
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly report: TestReport;
  readonly require: boolean;
  readonly output?: string;
}

/** `raftchart test FILE`: walks a machine and a system at once. */
export const testCommand = (): Command =>
  withMachineFlags(
    new Command('test')
      .description('Tests a system against its machine: generated paths, then random walks.')
      .argument(
        '<machine>',
        'FILE or FILE#NAME: a module that exports an XState 5 machine; or a chart of raftchart by its name',
      )
      .option(
        '--model <module>',
        'how each event is done to your system, and what must hold then; without it, the machine itself runs',
      )
      .option('--events <module>', 'without --model: what events carry, by type')
      .addOption(
        new Option('--cover <what>', 'what the paths cover').choices(coverGoals).default('transitions'),
      )
      .addOption(
        new Option('--runs <n>', 'random walks after the paths; needs fast-check')
          .argParser(parsedBy(parseWhole))
          .default(0),
      )
      .addOption(
        new Option('--seed <n>', 'of the random walks; a new one each time by default').argParser(
          parsedBy(parseWhole),
        ),
      )
      .option('--path <path>', 'walk the one random walk again that a failure names; needs --seed')
      .addOption(new Option('--report <format>').choices(testReports).default('text'))
      .option(
        '--require',
        'exit with 1 unless every transition and every answer of a guard was walked',
        false,
      )
      .option('-o, --output <file>', 'write the report to this file instead of standard output'),
  ).action(async (file: string, flags: Flags) => {
    const { model, events, cover, runs, path, report, output } = flags;
    if (model !== undefined && events !== undefined)
      throw new UsageError('--model says what events carry as well: leave --events out');
    if (path !== undefined && flags.seed === undefined)
      throw new UsageError('--path is part of a random walk: give the --seed that the failure names as well');
    const write = await reporterOf(report);
    const seed = flags.seed ?? Math.floor(Math.random() * 2 ** 31);
    const answer = await runModelTask(
      file,
      'test',
      { model: moduleOf(model), events: moduleOf(events), cover, runs, seed, path: path ?? null },
      flags,
      'paths',
    );
    emit(write(file, answer), output);
    const isMissed = flags.require && !answer.isWhole;
    if (isMissed) tellOfAnswers(answer, cover);
    if (isMissed || !isPassed(answer)) process.exitCode = 1;
  });

const isPassed = ({ cases }: TestAnswer): boolean => cases.every(({ failure }) => failure === null);

const parseWhole = (text: string): number => {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`expected a whole number, got "${text}"`);
  return Number(text);
};
