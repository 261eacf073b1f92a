import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { runMutatedTests } from '../mutants/generated/run-mutated-test.ts';
import { unchanged } from '../mutants/generated/source-mutant.ts';
import { silencedChecks } from './find-checks.ts';
import { readLikelyTests, writeLikelyTests } from './likely-tests.ts';
import { type Silenced, silence } from './silence.ts';

/**
 * `npm run test:silenced`: silences each property, each check of the simulator and the explorer and each refusal of the linearizability
 * checker, one at a time, and demands that a test goes red. Exit code 1 if all stay green for some check, or if one that went red is red
 * on the clean build as well; 2 for a mistake on the command line. docs/mutants.md
 */
interface Flags {
  readonly only?: string;
  readonly threads: number;
  readonly json?: string;
  readonly write: boolean;
}

/** Of each test file. */
const limitSeconds = 600;

const main = async ({ only = '', threads, json, write }: Flags): Promise<number> => {
  const all = silencedChecks();
  const chosen = all.filter(({ name, key }) => `${name} ${key}`.includes(only));
  if (chosen.length === 0) {
    console.error(`error: no check's name holds '${only}'`);
    return 2;
  }
  const likely = readLikelyTests();
  const began = performance.now();
  const results: Silenced[] = [];
  let next = 0;
  const work = async () => {
    while (next < chosen.length) {
      const check = chosen[next++]!;
      const result = await silence(check, { likely: likely[check.key], limitSeconds });
      results.push(result);
      console.log(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  const red = results.filter(({ test }) => test !== null);
  const isClean = await areGreenWithout(red);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (write && isClean) writeLikelyTests(all, results);
  if (!isClean) console.log('FAULT some of these tests are red on the clean build as well');
  console.log(`${red.length} of ${chosen.length} red; ${seconds((performance.now() - began) / 1000)}`);
  return red.length === chosen.length && isClean ? 0 : 1;
};

/** Whether the tests that went red are green when nothing is silenced. */
const areGreenWithout = async (red: readonly Silenced[]): Promise<boolean> => {
  if (red.length === 0) return true;
  const files = [...new Set(red.map(({ test }) => test!.file))];
  const names = [...new Set(red.map(({ test }) => test!.name))];
  const { outcome, passed } = await runMutatedTests(unchanged, { files, names }, limitSeconds);
  return outcome === 'green' && passed >= names.length;
};

/** Where the check is and what it is called, the test that went red, and how long it took. */
const lineOf = ({ check, test, seconds: taken }: Silenced): string => {
  const [place, ...words] = check.name.split(' ');
  const line = place!.split(':').slice(0, 2).join(':');
  const found = test === null ? 'GREEN' : `${test.file}: ${test.name}`;
  return `${line}  ${words.join(' ')}  ${found}  ${seconds(taken)}`;
};

const seconds = (value: number): string => `${value.toFixed(1)} s`;

const parseThreads = (text: string): number => {
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1)
    throw new InvalidArgumentError('expected a whole number, at least 1.');
  return threads;
};

const program = new Command('run-silenced')
  .description('Silences each check, one at a time, and demands that a test goes red.')
  .option('--only <text>', 'only checks whose place or name holds this text')
  .option('--threads <n>', 'checks at a time', parseThreads, 2)
  .option('--json <file>', 'write all results to this file')
  .option('--write', 'keep which tests went red, to run them first', false)
  .allowExcessArguments(false)
  .showSuggestionAfterError(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (flags: Flags) => {
    process.exitCode = await main(flags);
  });
await program.parseAsync();
