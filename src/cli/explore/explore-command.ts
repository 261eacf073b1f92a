import { totalmem } from 'node:os';
import { Command, Option } from 'commander';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Violation } from '../../trace/violation.ts';
import type { ExploreOptions } from '../../verify/explore/cluster-event.ts';
import { stuckProperty } from '../../verify/explore/counterexample.ts';
import type { Exploration, ExploreEnd } from '../../verify/explore/exploration.ts';
import { explorationOf, exploreOn } from '../../verify/explore/explore.ts';
import { violation } from '../../verify/properties/property.ts';
import { parseDuration } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { quoted } from '../quoted.ts';
import { UsageError } from '../usage-error.ts';
import { checkWritable, loadStopped, type StoppedExploration, saveStopped } from './checkpoints.ts';
import { ExploreProgress } from './explore-progress.ts';
import { type Ending, figuresText, progressText } from './explore-text.ts';
import { writeCounterexample } from './failure-files.ts';
import { parseBetween, parseBytes } from './grammar.ts';
import { chartRules, chosenChart, loadRoleChart } from './role-chart.ts';

interface Flags {
  readonly nodes: number;
  readonly spares: number;
  readonly maxTerm: number;
  readonly maxLog: number;
  readonly messages: number;
  readonly loss: boolean;
  readonly duplicates: boolean;
  readonly crashes: number;
  readonly transfers: number;
  readonly reads: number;
  readonly snapshots: number;
  readonly reconfigurations: number;
  readonly slowDisk: boolean;
  readonly timeLimit?: number;
  readonly memoryLimit?: number;
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly chart?: string;
  readonly export?: string;
  readonly broken?: string;
  readonly out: string;
  readonly requireExhausted: boolean;
}

/** Half of the machine's memory: somebody is working on it as well. */
const defaultMemoryBytes = totalmem() / 2;

/** `raftchart explore`: exhausts a cluster of charts within bounds. docs/explorer.md */
export const exploreCommand = (): Command =>
  new Command('explore')
    .description(
      'Visits every state that a small cluster of charts can reach and checks every step: without bounds, of 4 nodes and of 3.',
    )
    .option('--nodes <n>', 'size of the cluster', parsedBy(parseBetween(1, 5)), 3)
    .option('--spares <n>', 'further nodes, which are not members at first', parsedBy(parseBetween(0, 2)), 0)
    .option('--max-term <n>', 'no node enters a later term', parsedBy(parseBetween(1, 15)), 2)
    .option('--max-log <n>', 'no log grows beyond this index', parsedBy(parseBetween(0, 15)), 1)
    .option('--messages <n>', 'how many messages can be under way at once', parsedBy(parseBetween(1, 60)), 4)
    .option('--loss', 'any message under way may be lost', false)
    .option('--duplicates', 'any message under way may arrive again and again', false)
    .option('--crashes <n>', 'how many times a node may lose power', parsedBy(parseBetween(0, 9)), 0)
    .option('--transfers <n>', 'how many leadership transfers are asked for', parsedBy(parseBetween(0, 9)), 0)
    .option('--reads <n>', 'how many reads are asked for', parsedBy(parseBetween(0, 9)), 0)
    .option('--snapshots <n>', 'how many snapshots nodes take', parsedBy(parseBetween(0, 9)), 0)
    .option(
      '--reconfigurations <n>',
      'how many changes of the members are asked for',
      parsedBy(parseBetween(0, 9)),
      0,
    )
    .option('--slow-disk', 'a write may become durable at any later time, not at once', false)
    .option('--time-limit <time>', 'stop after 30s, 5m, …', parsedBy(parseDuration))
    .option(
      '--memory-limit <bytes>',
      'stop at 512MB, 2GB, … (default: half of the memory)',
      parsedBy(parseBytes),
    )
    .option(
      '--checkpoint <file>',
      'save the exploration there when it is stopped (default: the file of --resume)',
    )
    .option('--resume <file>', 'continue from a checkpoint, with its bounds and its chart')
    .option('--chart <file>', 'a module that exports another role chart')
    .option('--export <name>', 'which export of --chart')
    .addOption(
      new Option(
        '--broken <rule>',
        'break this rule of the chart on purpose, to see what that violates',
      ).choices(chartRules),
    )
    .option('--out <dir>', 'write a counterexample there', 'raftchart-failures')
    .option('--require-exhausted', 'exit code 1 where a limit or Ctrl-C stops it first', false)
    .action(async (flags: Flags, command: Command) => {
      process.exitCode = await explore(flags, command);
    });

/** Runs the exploration and reports on it. Returns the exit code: 0 everything visited holds, 1 it does not, or not everything was visited that had to be. */
const explore = async (flags: Flags, command: Command): Promise<number> => {
  const { outcome, reason } = isUnbounded(flags, command)
    ? await exploreDefaults(flags, command)
    : await exploreBounded(flags, command);
  if (outcome === 'failed') return 1;
  if (outcome === 'exhausted') return 0;
  say(`not exhausted: ${reason}`);
  return flags.requireExhausted ? 1 : 0;
};

const exploreBounded = (flags: Flags, command: Command): Promise<Explored> => {
  const stopped = flags.resume === undefined ? null : resumed(flags.resume, command);
  const asked = stopped ?? { options: optionsOf(flags, command), chart: chosenChart(flags) };
  return exploreOne(flags, asked, stopped);
};

/** What is explored where no bound is given, on a network that loses and repeats: 4 nodes, half of which are no majority, and 3 over two terms. */
const defaultClusters: readonly Pick<ExploreOptions, 'nodes' | 'maxTerm'>[] = [
  { nodes: 4, maxTerm: 1 },
  { nodes: 3, maxTerm: 2 },
];

const isUnbounded = ({ checkpoint, resume }: Flags, command: Command): boolean =>
  checkpoint === undefined && resume === undefined && givenOf([...boundFlags, 'slowDisk'], command) === null;

/** One after the other, up to the first in which something is wrong, or which is stopped. */
const exploreDefaults = async (flags: Flags, command: Command): Promise<Explored> => {
  const chart = chosenChart(flags);
  // No bound is given, so these are the defaults.
  const bounds = { ...optionsOf(flags, command), loss: true, duplicates: true };
  for (const [at, size] of defaultClusters.entries()) {
    if (at > 0) say('');
    const options = { ...bounds, ...size };
    const explored = await exploreOne(flags, { options, chart }, null);
    if (explored.outcome === 'exhausted') continue;
    const left = defaultClusters.slice(at + 1).map(({ nodes }) => `${nodes} nodes`);
    if (explored.outcome === 'stopped' && left.length > 0)
      say(`Not looked at: the cluster of ${left.join(', ')}.`);
    return explored;
  }
  return { outcome: 'exhausted', reason: null };
};

interface Explored {
  readonly outcome: 'exhausted' | 'stopped' | 'failed';
  /** Why it was stopped. */
  readonly reason: string | null;
}

const exploreOne = async (
  flags: Flags,
  { options, chart }: Pick<StoppedExploration, 'options' | 'chart'>,
  stopped: StoppedExploration | null,
): Promise<Explored> => {
  const checkpoint = flags.checkpoint ?? flags.resume;
  if (checkpoint !== undefined) checkWritable(checkpoint);
  const machine = chart === null ? raftMachine : await loadRoleChart(chart);
  const parts = chart === null ? {} : { machine };
  // It may take a while: the file has the states, but the steps of the chart are taken again.
  if (stopped !== null) process.stderr.write(`continuing from ${flags.resume}…\n`);
  const explorer = explorationOf(options, parts, stopped?.saved);
  const { end, ending, seconds } = await advance(explorer, {
    timeMs: flags.timeLimit ?? Number.POSITIVE_INFINITY,
    bytes: flags.memoryLimit ?? defaultMemoryBytes,
    secondsBefore: stopped?.seconds ?? 0,
  });
  for (const line of figuresText(options, ending, { ...explorer.figures, seconds })) say(line);
  if (end === null) {
    say('');
    say(kept(checkpoint, { options, chart, seconds, explorer }));
    return { outcome: 'stopped', reason: ending.outcome === 'limit' ? ending.reason : null };
  }
  const found = failureOf(end, options);
  if (found === null) return { outcome: 'exhausted', reason: null };
  say('');
  for (const line of writeCounterexample(flags.out, { options, machine, chart, ...found })) say(line);
  return { outcome: 'failed', reason: null };
};

/** Flags that are bounds of the space as they stand. */
const boundFlags = [
  'nodes',
  'spares',
  'maxTerm',
  'maxLog',
  'messages',
  'loss',
  'duplicates',
  'crashes',
  'transfers',
  'reads',
  'snapshots',
  'reconfigurations',
] as const satisfies readonly (keyof Flags & keyof ExploreOptions)[];

/** Flags that would make it another exploration. */
const spaceFlags: readonly string[] = [...boundFlags, 'slowDisk', 'chart', 'export', 'broken'];

/** The first of these flags that was given; null: none. */
const givenOf = (names: readonly string[], command: Command): Option | null =>
  command.options.find(
    (option) =>
      names.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  ) ?? null;

const resumed = (file: string, command: Command): StoppedExploration => {
  const given = givenOf(spaceFlags, command);
  if (given !== null) throw new UsageError(`--resume takes this from its file: leave out ${given.long}`);
  return loadStopped(file);
};

/** Writes the checkpoint, if one was asked for; says how to continue. */
const kept = (
  file: string | undefined,
  { explorer, ...about }: Omit<StoppedExploration, 'saved'> & { readonly explorer: Exploration },
): string => {
  if (file === undefined)
    return 'Nothing was saved; with bounds and --checkpoint FILE you can continue later.';
  saveStopped(file, { ...about, saved: explorer.save() });
  return `Continue:  npx raftchart explore --resume ${quoted(file)}`;
};

const optionsOf = (flags: Flags, command: Command): ExploreOptions => {
  const { nodes, spares, messages, loss, duplicates, reconfigurations, slowDisk } = flags;
  if (loss && duplicates && command.getOptionValueSource('messages') === 'cli')
    throw new UsageError(
      'with --loss and --duplicates, any number of messages can be under way: leave out --messages',
    );
  if (spares > 0 && reconfigurations === 0)
    throw new UsageError('spares become members by --reconfigurations: ask for at least 1');
  // It would be stuck through no fault of the chart: a majority's answers never get through, as every request but one is lost.
  if (nodes > 3 && messages < 2) throw new UsageError('more than 3 nodes need at least --messages 2');
  const bounds = Object.fromEntries(boundFlags.map((name) => [name, flags[name]]));
  return { ...(bounds as Pick<Flags, (typeof boundFlags)[number]>), disk: slowDisk ? 'slow' : 'prompt' };
};

/** What is wrong, and the way there; null if nothing is. */
const failureOf = (end: ExploreEnd, options: ExploreOptions) => {
  switch (end.outcome) {
    case 'exhausted':
      return null;
    case 'violation':
      return { violation: end.violation, schedule: end.schedule, isShortest: end.isShortest };
    case 'stuck':
      return { violation: stuck(options), schedule: end.schedule, isShortest: end.isShortest };
  }
};

const stuck = ({ loss, duplicates }: ExploreOptions): Violation =>
  violation(
    stuckProperty,
    loss && duplicates
      ? 'once all messages under way are lost, whatever happens'
      : 'from here on, whatever happens',
    'neither a leader nor a bound can ever be reached',
  );

interface Limits {
  readonly timeMs: number;
  readonly bytes: number;
  readonly secondsBefore: number;
}

/** How often Ctrl-C is looked for. */
const sliceSeconds = 0.2;

/** Continues until the space is exhausted, something is wrong, a limit is reached or somebody presses Ctrl-C. */
const advance = async (
  explorer: Exploration,
  { timeMs, bytes, secondsBefore }: Limits,
): Promise<{ readonly end: ExploreEnd | null; readonly ending: Ending; readonly seconds: number }> => {
  const progress = new ExploreProgress(process.stderr);
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let seconds = 0;
  const stopped = (reason: string) => ({
    end: null,
    ending: { outcome: 'limit', reason } as const,
    seconds: secondsBefore + seconds,
  });
  try {
    for (;;) {
      const left = timeMs / 1000 - seconds;
      const { figures, ...explored } = exploreOn(explorer, {
        limits: { seconds: Math.min(sliceSeconds, left), bytes },
      });
      seconds += figures.seconds;
      if (explored.outcome !== 'limit') {
        const { outcome } = explored;
        return { end: explored, ending: { outcome }, seconds: secondsBefore + seconds };
      }
      if (explored.limit === 'bytes')
        return stopped(`the memory limit of ${Math.round(bytes / 1e6)} MB was reached`);
      if (seconds >= timeMs / 1000) return stopped(`the time limit of ${timeMs / 1000} s was reached`);
      progress.show(() => progressText({ ...explorer.figures, seconds: secondsBefore + seconds }));
      // Signals are delivered between two turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (isInterrupted) return stopped('it was interrupted');
    }
  } finally {
    progress.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
};

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
