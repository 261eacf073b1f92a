import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { parsePlan, UnusablePlan } from '../../simulate/parse-plan.ts';
import { type Plan, workloadNames } from '../../simulate/plan.ts';
import { runSimulation } from '../../simulate/run-simulation.ts';
import { defaultShrinkOptions, shrink } from '../../simulate/shrink.ts';
import { parseDuration } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { quoted } from '../quoted.ts';
import { type TraceFormat, TraceWriter, traceFormats } from '../trace-writer.ts';
import { UsageError } from '../usage-error.ts';
import { commitOf } from './commit.ts';
import { writeFailure } from './failure-files.ts';
import {
  parseCount,
  parseCrashes,
  parseFrequency,
  parseMilliseconds,
  parsePartitions,
  parsePauses,
  parseProfile,
  parseRate,
  parseSeeds,
  parseShard,
  parseThreads,
} from './grammar.ts';
import { Progress } from './progress.ts';
import { replaySchedule } from './replay-schedule.ts';
import { emptyReport, type Report, type SeedFailure, summaryLines, withResult } from './report.ts';
import { type PlanFlags, planOf, type RunRequest, requestOf } from './run-request.ts';
import { runSeeds } from './run-seeds.ts';

interface Flags extends PlanFlags {
  readonly seed: number;
  readonly seeds?: { readonly from: number; readonly to: number };
  readonly plan?: string;
  readonly replay?: string;
  readonly chart?: string;
  readonly export?: string;
  readonly shard?: { readonly part: number; readonly of: number };
  readonly jobs: number;
  readonly report?: string;
  readonly trace?: string;
  readonly format?: TraceFormat;
  readonly out: string;
  readonly shrink: boolean;
}

/** `raftchart simulate`: clusters of real nodes on a virtual clock, under faults, every step checked. docs/simulator.md */
export const simulateCommand = (): Command =>
  new Command('simulate')
    .description(
      'Runs whole clusters under faults on a virtual clock and checks every step; replayable from a seed.',
    )
    .option('--seed <n>', 'the seed of one run', parsedBy(parseCount), 1)
    .option('--seeds <from..to>', 'many runs, on all cores', parsedBy(parseSeeds))
    .option('--nodes <n>', 'size of the cluster (default: 5)', parsedBy(parseCount))
    .option('--duration <time>', 'virtual time with faults (default: 60s)', parsedBy(parseDuration))
    .option('--drop-rate <p>', 'probability that a message is lost (default: 0.02)', parsedBy(parseRate))
    .option('--duplicate-rate <p>', 'probability that it arrives twice (default: 0.01)', parsedBy(parseRate))
    .option(
      '--reorder-rate <p>',
      'probability that a later one overtakes it (default: 0.02)',
      parsedBy(parseRate),
    )
    .option('--delay <ms>', 'how long a message takes (default: 1-15ms)', parsedBy(parseMilliseconds))
    .option('--sync <ms>', 'how long a disk sync takes (default: 0.1-3ms)', parsedBy(parseMilliseconds))
    .option('--sessions <n>', 'concurrent clients (default: 8)', parsedBy(parseCount))
    .option('--rate <n>', 'client operations per virtual second (default: 20)', parsedBy(parseCount))
    .option('--keys <n>', 'how many keys they use (default: 5)', parsedBy(parseCount))
    .addOption(
      new Option(
        '--workload <name>',
        'what they do: one key at a time, or ranges and transactions of several (default: kv)',
      ).choices(workloadNames),
    )
    .option('--reads <n>', 'reads without a log entry per virtual second (default: 10)', parsedBy(parseCount))
    .option(
      '--transfers <n>',
      'requests to hand over, to any node, per virtual second (default: 0.2)',
      parsedBy(parseFrequency),
    )
    .option(
      '--changes <n>',
      'requests for other members per virtual second, half of them to any node (default: 0.5)',
      parsedBy(parseFrequency),
    )
    .option(
      '--spares <n>',
      'nodes that are not members until somebody adds them (default: 2; 0 with --changes 0)',
      parsedBy(parseCount),
    )
    .option('--lease-reads', 'leases answer reads; clocks are as wrong as that allows for')
    .addOption(
      new Option(
        '--faults <profile>',
        'default, none, or mean times between faults: partition=6s,crash=10s,…; default,lostDisk=20s adds some',
      )
        .argParser(parsedBy(parseProfile))
        .default(parseProfile('default'), 'default'),
    )
    .option(
      '--partitions <list>',
      "instead of random ones: '1,2|3,4,5@10s-20s;1>2,3@25s-26s'",
      parsedBy(parsePartitions),
    )
    .option(
      '--crashes <list>',
      "instead of random ones: '2@5s-7s;1,2,3@9s-10s;2+4@20s-21s'",
      parsedBy(parseCrashes),
    )
    .option('--pauses <list>', "instead of random ones: '2@5s-7s'", parsedBy(parsePauses))
    .option('--plan <file>', 'the whole plan as JSON, instead of all of the above')
    .option(
      '--replay <file>',
      'play a counterexample of raftchart explore on real nodes; all else is ignored',
    )
    .option('--chart <file>', 'for --replay: a role chart other than the one of the counterexample')
    .option('--export <name>', 'which export of --chart')
    .option('--shard <part/of>', 'only this part of --seeds', parsedBy(parseShard))
    .addOption(
      new Option('--jobs <n>', 'threads for --seeds')
        .argParser(parsedBy(parseThreads))
        .default(availableParallelism(), 'one per core'),
    )
    .option('--report <file>', 'write the figures and failures as JSON, for raftchart merge')
    .option('--trace <file>', 'write every event of the run of --seed or --plan as NDJSON')
    .addOption(new Option('--format <format>', 'of --trace; docs/traces-of-others.md').choices(traceFormats))
    .option('--out <dir>', 'write a failure there', 'raftchart-failures')
    .option('--no-shrink', 'do not shrink a failing plan')
    .action(async (flags: Flags, command: Command) => {
      const { replay } = flags;
      if (replay === undefined && flags.chart !== undefined) throw new UsageError('--chart needs --replay');
      process.exitCode =
        replay === undefined
          ? await simulate(flags, givenOptions(command))
          : await replaySchedule({ ...flags, replay }, say);
    });

/** Runs the simulations and reports on them. Returns the exit code: 0 everything holds, 1 a violation. */
const simulate = async (flags: Flags, options: string): Promise<number> => {
  if (flags.shard !== undefined && flags.seeds === undefined)
    throw new UsageError('--shard is a part of --seeds, which is missing');
  const request = flags.plan === undefined ? usable(() => requestOf(flags)) : wholePlan(flags.plan);
  const seeds = seedsOf(flags, request);
  if (flags.trace !== undefined) {
    if (seeds.length !== 1)
      throw new UsageError('--trace is for one run: give --seed or --plan, not --seeds');
    await writeTrace(flags.trace, flags.format ?? 'raftchart', planOf(request, seeds[0]!));
  } else if (flags.format !== undefined) throw new UsageError('--format needs --trace');
  const commit = commitOf(import.meta.dirname);
  const progress = new Progress(process.stderr, seeds.length);
  const started = performance.now();
  let report: Report = emptyReport(commit, options);
  await runSeeds(request, seeds, flags.jobs, (result) => {
    report = withResult(report, result);
    progress.add(result.violation !== null);
  });
  progress.end();
  report = { ...report, realMs: Math.round(performance.now() - started) };
  if (flags.report !== undefined) writeFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  for (const line of summaryLines(report)) say(line);
  const [first] = report.failures;
  if (first === undefined) return 0;
  for (const { seed, message, atMs } of report.failures) say(`seed ${seed} at ${atMs} ms: ${message}`);
  await tellFailure(first, request, { flags, options, commit });
  return 1;
};

/** What it takes to replay the first failure: as it was, and as small as it gets. */
const tellFailure = async (
  { seed, property }: SeedFailure,
  request: RunRequest,
  { flags, options, commit }: { readonly flags: Flags; readonly options: string; readonly commit: string },
): Promise<void> => {
  const plan = planOf(request, seed);
  const given = request.isWhole ? options : `--seed ${seed}${options === '' ? '' : ` ${options}`}`;
  say('');
  say(`violated: ${property}`);
  say(`seed:     ${seed}`);
  say(`options:  ${options === '' ? '(none)' : options}`);
  say(`commit:   ${commit}`);
  say(`replay:   npx raftchart simulate ${given}`);
  const failure = flags.shrink ? await shrink(plan, defaultShrinkOptions) : null;
  const directory = join(flags.out, `seed-${seed}`);
  const files = await writeFailure(directory, failure?.plan ?? plan).catch((error: Error) => {
    if (!('code' in error)) throw error;
    // Finding it may have taken hours: the rest is told all the same.
    say(`cannot write ${directory}: ${error.message}`);
    return null;
  });
  if (failure !== null) {
    const { plan: small, violation, weight } = failure;
    const { length } = small.faults;
    say(
      `shrunk:   ${weight} deliveries, timeouts and faults; ${nodesText(small)}, ${length} planned faults, ${small.durationMs} ms`,
    );
    say(`          ${violation.message}`);
    if (files !== null) say(`replay:   npx raftchart simulate --plan ${quoted(files.plan)}`);
  }
  if (files === null) return;
  say(`trace:    ${files.trace}`);
  say(`diagram:  ${files.diagram}`);
};

const nodesText = ({ nodes, spares = 0 }: Plan): string =>
  spares === 0 ? `${nodes} nodes` : `${nodes} nodes and ${spares} spare`;

/** The flags that determine the runs, as given. */
const givenOptions = (command: Command): string => {
  const others = new Set(['seed', 'seeds', 'shard', 'jobs', 'report', 'trace', 'format', 'out', 'shrink']);
  const { rawArgs } = (command.parent ?? command) as unknown as { readonly rawArgs: readonly string[] };
  const given: string[] = [];
  for (const [at, word] of rawArgs.entries()) {
    const [flag, value] = word.split(/=(.*)/s) as [string, string | undefined];
    const option = command.options.find(({ long }) => long === flag);
    if (option === undefined || others.has(option.attributeName())) continue;
    given.push(flag);
    if (option.required) given.push(quoted(value ?? rawArgs[at + 1] ?? ''));
  }
  return given.join(' ');
};

const seedsOf = ({ seed, seeds, shard }: Flags, request: RunRequest): readonly number[] => {
  if (request.isWhole) return [request.base.seed];
  if (seeds === undefined) return [seed];
  const { part, of } = shard ?? { part: 1, of: 1 };
  const all = Array.from({ length: seeds.to - seeds.from + 1 }, (_, at) => seeds.from + at);
  return all.filter((_, at) => at % of === part - 1);
};

const wholePlan = (file: string): RunRequest => ({
  base: usable(() => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
    }
    try {
      return parsePlan(text);
    } catch (error) {
      throw new UnusablePlan(`${file}: ${(error as Error).message}`);
    }
  }),
  profile: parseProfile('none'),
  isWhole: true,
  leaseReads: false,
});

/** A user's mistake as one line. */
const usable = <Value>(make: () => Value): Value => {
  try {
    return make();
  } catch (error) {
    const isTheirs = error instanceof UnusablePlan || (error instanceof Error && 'code' in error);
    throw isTheirs ? new UsageError(error.message) : error;
  }
};

const writeTrace = async (file: string, format: TraceFormat, plan: Plan): Promise<void> => {
  const writer = new TraceWriter(file, format);
  await runSimulation(plan, { onEvent: (event) => writer.take(event) });
  writer.close();
};

const writeFile = (file: string, text: string): void => usable(() => writeFileSync(file, text));

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
