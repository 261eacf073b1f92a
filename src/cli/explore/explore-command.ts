import { totalmem } from 'node:os';
import { Command } from 'commander';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { ExploreOptions } from '../../model/explorer/cluster-event.ts';
import { stuckProperty } from '../../model/explorer/counterexample.ts';
import { exploreOn } from '../../model/explorer/explore.ts';
import { type ExploreEnd, Explorer } from '../../model/explorer/explorer.ts';
import { type Violation, violation } from '../../properties/view.ts';
import { parseDuration } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { ExploreProgress } from './explore-progress.ts';
import { type Ending, figuresText, progressText } from './explore-text.ts';
import { writeCounterexample } from './failure-files.ts';
import { parseBetween, parseBytes } from './grammar.ts';
import { chosenChart, loadRoleChart } from './role-chart.ts';

interface Flags {
  readonly nodes: number;
  readonly maxTerm: number;
  readonly maxLog: number;
  readonly messages: number;
  readonly loss: boolean;
  readonly duplicates: boolean;
  readonly crashes: number;
  readonly slowDisk: boolean;
  readonly timeLimit?: number;
  readonly memoryLimit: number;
  readonly chart?: string;
  readonly export?: string;
  readonly out: string;
}

/** Half of what the machine has: a person works on it as well. */
const defaultMemoryBytes = totalmem() / 2;

/** `raftchart explore`: exhausts a cluster of charts within bounds. docs/explorer.md */
export const exploreCommand = (): Command =>
  new Command('explore')
    .description('Visits every state that a small cluster of charts can reach, and checks every step.')
    .option('--nodes <n>', 'size of the cluster', parsedBy(parseBetween(1, 5)), 3)
    .option('--max-term <n>', 'no node enters a later term', parsedBy(parseBetween(1, 15)), 2)
    .option('--max-log <n>', 'no log grows beyond this index', parsedBy(parseBetween(0, 15)), 1)
    .option('--messages <n>', 'how many can be under way at once', parsedBy(parseBetween(1, 20)), 4)
    .option('--loss', 'any message under way may be lost', false)
    .option('--duplicates', 'any message under way may arrive again and again', false)
    .option('--crashes <n>', 'how often a node may lose power', parsedBy(parseBetween(0, 9)), 0)
    .option('--slow-disk', 'a write becomes durable at any later time, not at once', false)
    .option('--time-limit <time>', 'stop after 30s, 5m, …', parsedBy(parseDuration))
    .option('--memory-limit <bytes>', 'stop at 512MB, 2GB, … (default: half of all)', parsedBy(parseBytes))
    .option('--chart <file>', 'another role chart: a module that exports it')
    .option('--export <name>', 'which export of --chart')
    .option('--out <dir>', 'where a counterexample is written to', 'raftchart-failures')
    .action(async (flags: Flags) => {
      process.exitCode = await explore(flags);
    });

/** Runs what was asked for and tells about it. Returns the exit code: 0 all that was visited holds, 1 it does not. */
const explore = async (flags: Flags): Promise<number> => {
  const chart = chosenChart(flags);
  const machine = chart === null ? raftMachine : await loadRoleChart(chart);
  const options = optionsOf(flags);
  const explorer = new Explorer(options, chart === null ? {} : { machine });
  const { end, ending, seconds } = await advance(explorer, {
    timeMs: flags.timeLimit ?? Number.POSITIVE_INFINITY,
    bytes: flags.memoryLimit ?? defaultMemoryBytes,
    secondsBefore: 0,
  });
  for (const line of figuresText(options, ending, { ...explorer.figures, seconds })) say(line);
  const found = end === null ? null : failureOf(end);
  if (found === null) return 0;
  say('');
  for (const line of writeCounterexample(flags.out, { options, machine, chart, ...found })) say(line);
  return 1;
};

const optionsOf = (flags: Flags): ExploreOptions => {
  const { nodes, maxTerm, maxLog, messages, loss, duplicates, crashes, slowDisk } = flags;
  const disk = slowDisk ? 'slow' : 'prompt';
  return { nodes, maxTerm, maxLog, messages, loss, duplicates, crashes, disk };
};

/** What is wrong, and the way there; null: nothing is. */
const failureOf = (end: ExploreEnd) => {
  switch (end.outcome) {
    case 'exhausted':
      return null;
    case 'violation':
      return { violation: end.violation, schedule: end.schedule };
    case 'stuck':
      return { violation: stuck, schedule: end.schedule };
  }
};

const stuck: Violation = violation(
  stuckProperty,
  'from here on anything may happen',
  'neither a leader nor a bound can ever be reached',
);

interface Limits {
  readonly timeMs: number;
  readonly bytes: number;
  readonly secondsBefore: number;
}

/** Between two looks at Ctrl-C. */
const sliceSeconds = 0.2;

/** Goes on until the space is exhausted, something is wrong, a limit is reached or somebody presses Ctrl-C. */
const advance = async (
  explorer: Explorer,
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
      // Signals are told of between two turns of the event loop.
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
