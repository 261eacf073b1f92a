import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { generatePaths } from '../../src/verify/paths/generate-paths.ts';
import { allMutants } from './generated/all-mutants.ts';
import { checkAll } from './generated/check-all.ts';
import { checkInWorker } from './generated/check-in-worker.ts';
import { explained } from './generated/explained.ts';
import { percent, type Report, type Result, reportOf, scoreOf, shareOf } from './generated/report.ts';
import { checkByTests } from './generated/run-mutated-test.ts';
import { unchanged } from './generated/source-mutant.ts';
import { type Checker, checkers } from './generated/verdict.ts';

/**
 * `npm run test:mutants`: breaks the chart, its guards and the rules in every place, one at a time, and counts what the generated
 * paths, the explorer and the tests find. Exit code 1 if fewer than 95 % are found, if a mutant survives without an explanation, or an explanation is wrong.
 */
interface Flags {
  readonly only?: string;
  readonly checker: readonly Checker[];
  readonly threads: number;
  readonly json?: string;
}

/** The share of all mutants, explained or not, that must be found. */
const requiredShare = 0.95;
const limitSeconds = { paths: 30, explorer: 240, tests: 240 };

const main = async (flags: Flags): Promise<number> => {
  const all = allMutants();
  const mutants = all.filter(({ name, key }) => `${name} ${key}`.includes(flags.only ?? ''));
  if (mutants.length === 0) {
    console.error(`no mutant's name holds "${flags.only}"`);
    return 2;
  }
  const asked = checkers.filter((checker) => flags.checker.includes(checker));
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-mutants-'));
  try {
    const pathsFile = join(directory, 'paths.json');
    writeFileSync(pathsFile, JSON.stringify(generatePaths({ cover: 'transitions' }).paths));
    for (const checker of asked) {
      const { outcome, how } =
        checker === 'tests'
          ? await checkByTests(unchanged, limitSeconds.tests)
          : await checkInWorker({ mutant: unchanged, checker, pathsFile }, limitSeconds[checker]);
      if (outcome === 'survived') continue;
      console.error(`the ${checker} find fault with the clean build: ${how}`);
      return 2;
    }
    const began = performance.now();
    let done = 0;
    const results = await checkAll(mutants, {
      checkers: asked,
      pathsFile,
      threads: flags.threads,
      limitSeconds,
      onResult: () => {
        done++;
        if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${mutants.length} mutants`);
        else if (done % 20 === 0) console.error(`${done} of ${mutants.length} mutants`);
      },
    });
    if (process.stderr.isTTY) process.stderr.write('\r');
    const report = reportOf(results, all, explained);
    if (flags.json !== undefined)
      writeFileSync(flags.json, `${JSON.stringify({ report, results }, null, 2)}\n`);
    print(report, results, asked, (performance.now() - began) / 1000);
    if (asked.length < checkers.length) return 0;
    return isGood(report, mutants.length === all.length) ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const print = (
  { rows, survivors, unexplained }: Report,
  results: readonly Result[],
  asked: readonly Checker[],
  seconds: number,
): void => {
  line('mutants', 'number', ...checkers, 'found', 'explained', 'share', 'of the rest');
  for (const row of rows) {
    const { kind, mutants, found, explained: known } = row;
    line(
      kind,
      String(mutants),
      ...checkers.map((checker) => (asked.includes(checker) ? String(row[checker]) : '-')),
      String(found),
      String(known),
      percent(shareOf(found, mutants)),
      percent(shareOf(found, mutants - known)),
    );
  }
  const isUnexplained = new Set(unexplained);
  const reasons = new Map(explained.flatMap(({ reason, mutants }) => mutants.map((key) => [key, reason])));
  console.log(`\n${survivors.length} of ${results.length} survive; ${Math.round(seconds)} s`);
  for (const mutant of survivors) {
    console.log(`  ${isUnexplained.has(mutant) ? 'unexplained' : 'explained  '} ${mutant.name}`);
    console.log(`              ${reasons.get(mutant.key) ?? mutant.key}`);
  }
  console.log(`score: ${scoreOf(rows.at(-1)!)}`);
};

/** Whether all that survives is explained, the explanations hold, and enough is found if all mutants were looked at. */
const isGood = ({ rows, unexplained, wronglyExplained, unknown }: Report, isWhole: boolean): boolean => {
  const faults = [
    ...unexplained.map(({ name }) => `survives unexplained: ${name}`),
    ...wronglyExplained.map((key) => `is found, and explained all the same: ${key}`),
    ...unknown.map((key) => `is explained, and does not exist: ${key}`),
  ];
  const total = rows.at(-1)!;
  const share = shareOf(total.found, total.mutants);
  if (isWhole && share < requiredShare) faults.push(`only ${percent(share)} of all mutants are found`);
  for (const fault of faults) console.log(`FAULT ${fault}`);
  return faults.length === 0;
};

const widths = [22, 8, 8, 10, 8, 8, 11, 9, 0];

const line = (...cells: readonly string[]): void =>
  console.log(
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join(' ')
      .trimEnd(),
  );

const parseThreads = (text: string): number => {
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1)
    throw new InvalidArgumentError('expected a whole number, at least 1.');
  return threads;
};

const program = new Command('run-generated')
  .description(
    'What the generated paths, the explorer and the tests find of a chart and rules that are broken everywhere.',
  )
  .option('--only <text>', 'only mutants whose name holds this text')
  .addOption(new Option('--checker <checkers...>', 'who looks').choices(checkers).default(checkers))
  .option('--threads <n>', 'mutants at a time', parseThreads, 2)
  .option('--json <file>', 'write all verdicts to this file')
  .action(async (flags: Flags) => {
    process.exitCode = await main(flags);
  });
await program.parseAsync();
