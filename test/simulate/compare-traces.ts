/**
 * Whether this checkout and another one simulate the same: run before and after a change that must not change behaviour.
 *
 *     node test/simulate/compare-traces.ts OTHER_CHECKOUT [SEEDS, default 1..20] [--duration TIME, default 10s]
 *
 * OTHER_CHECKOUT is a folder with its own node_modules, of any commit since `raftchart simulate --trace`. For each seed both
 * checkouts run their own `raftchart simulate` in a process of its own, once with the default faults and once calm: no fault,
 * and a network that loses, repeats and reorders nothing. The two traces must be equal, line by line, in this projection:
 *
 * - kept: each node's states before and after, effects, messages, times, and all other events with all their fields;
 * - left out: a chart's transitions (ids, rules, descriptions), and sentences: the reason why a node stopped or refused to
 *   start, and what a violation says besides its property;
 * - left out as a whole: an event that a node ignored, which changed nothing of its state that a trace shows and had no
 *   effects. Whether a chart ignores it by a transition or by having none makes no difference.
 *
 * Prints the first difference. Exit code 0: all traces are equal; 1: one is not; 2: they cannot be compared.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { parseDuration } from '../../src/cli/flag-values.ts';
import { parseSeeds } from '../../src/cli/simulate/grammar.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

/** A line of a trace, from 1, in the projection; `event` is null past the trace's end. */
export interface TraceSide {
  readonly line: number;
  readonly event: object | null;
}

export interface TraceDifference {
  readonly ours: TraceSide;
  readonly theirs: TraceSide;
}

/** The first place where two traces differ in the projection; null: they are equal in it. */
export const firstDifference = (ours: string, theirs: string): TraceDifference | null => {
  const [left, right] = [projected(ours), projected(theirs)];
  for (;;) {
    const [mine, other] = [left.next().value, right.next().value];
    if (!isDeepStrictEqual(mine.event, other.event)) return { ours: mine, theirs: other };
    if (mine.event === null) return null;
  }
};

/** What is compared of an event of a trace; null: it is left out. */
export const projection = (event: Readonly<Record<string, unknown>>): object | null => {
  switch (event.type) {
    case 'chart': {
      const { transitions, ...kept } = event;
      const { before, after, effects } = kept;
      const isIgnored = isDeepStrictEqual(before, after) && isDeepStrictEqual(effects, []);
      return isIgnored ? null : kept;
    }
    case 'stopped':
    case 'refused': {
      const { reason, ...kept } = event;
      return kept;
    }
    case 'violation': {
      const { property } = event.violation as { readonly property: string };
      return { ...event, violation: property };
    }
    default:
      return event;
  }
};

/** The lines that are compared; the end returns a side without an event, again and again. */
function* projected(trace: string): Generator<TraceSide, TraceSide> {
  const lines = trace.split('\n');
  // The last line ends with a line break as well.
  if (lines.at(-1) === '') lines.pop();
  for (const [at, line] of lines.entries()) {
    const event = projection(JSON.parse(line));
    if (event !== null) yield { line: at + 1, event };
  }
  for (;;) yield { line: lines.length + 1, event: null };
}

const weathers = {
  'default faults': [],
  calm: ['--faults', 'none', '--drop-rate', '0', '--duplicate-rate', '0', '--reorder-rate', '0'],
} as const;

const program = join('src', 'cli', 'raftchart.ts');

/** The whole program but for its exit code 2, which is a thrown `UsageError`. */
export const compareTraces = async (args: readonly string[], say: (line: string) => void): Promise<0 | 1> => {
  const { other, seeds, duration } = parsed(args);
  const here = resolve(import.meta.dirname, '..', '..');
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-compare-'));
  let compared = 0;
  try {
    for (let seed = seeds.from; seed <= seeds.to; seed++) {
      for (const [weather, flags] of Object.entries(weathers)) {
        const options = ['--seed', `${seed}`, '--duration', duration, ...flags];
        const [ours, theirs] = await Promise.all([
          traceOf(here, options, join(directory, 'ours')),
          traceOf(other, options, join(directory, 'theirs')),
        ]);
        const difference = firstDifference(ours, theirs);
        if (difference !== null) {
          say(`seed ${seed}, ${weather}: the traces differ`);
          say(`here,  line ${difference.ours.line}: ${textOf(difference.ours)}`);
          say(`there, line ${difference.theirs.line}: ${textOf(difference.theirs)}`);
          say(`in each checkout: node ${program} simulate ${options.join(' ')} --trace FILE`);
          return 1;
        }
        compared++;
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  say(`seeds ${seeds.from}..${seeds.to}, ${duration} each: ${compared} pairs of traces, all equal`);
  return 0;
};

interface Request {
  readonly other: string;
  readonly seeds: { readonly from: number; readonly to: number };
  readonly duration: string;
}

const parsed = (args: readonly string[]): Request => {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { duration: { type: 'string', default: '10s' } },
    });
    const [other, seeds = '1..20', ...rest] = positionals;
    if (other === undefined || rest.length > 0) {
      throw new Error('usage: compare-traces.ts OTHER_CHECKOUT [SEEDS] [--duration TIME]');
    }
    if (!existsSync(join(other, program))) throw new Error(`${other}: no checkout, it has no ${program}`);
    parseDuration(values.duration);
    return { other: resolve(other), seeds: parseSeeds(seeds), duration: values.duration };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

/** The trace of one run of a checkout's own simulator. A violation is no failure: the trace tells it. */
const traceOf = async (checkout: string, options: readonly string[], into: string): Promise<string> => {
  const file = `${into}.ndjson`;
  rmSync(file, { force: true });
  const args = [
    program,
    'simulate',
    ...options,
    '--jobs',
    '1',
    '--trace',
    file,
    '--no-shrink',
    '--out',
    into,
  ];
  await new Promise<void>((done, fail) => {
    execFile(process.execPath, args, { cwd: checkout }, (error, _stdout, stderr) => {
      if (error === null || error.code === 1) done();
      else fail(new UsageError(`${checkout}: raftchart simulate failed: ${stderr.trim() || error.message}`));
    });
  });
  if (!existsSync(file)) throw new UsageError(`${checkout}: raftchart simulate wrote no trace`);
  return readFileSync(file, 'utf8');
};

const textOf = ({ event }: TraceSide): string =>
  event === null ? 'the trace has ended' : JSON.stringify(event);

if (process.argv[1] === import.meta.filename) {
  try {
    process.exitCode = await compareTraces(process.argv.slice(2), console.log);
  } catch (error) {
    // A wrong flag, an unusable checkout, or a trace that is not JSON: none of them says that behaviour differs.
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = 2;
  }
}
