import { performance } from 'node:perf_hooks';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import { findMutant, isFound, shrinkMutant } from './check-mutant.ts';
import { defaultMaxWeight, type Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

/**
 * `npm run test:mutants` finds every mutant, shrinks it, and prints a table; exit code 1 if one is missed, or stays too large.
 *
 *     node test/mutants/run-mutants.ts [ROW …]                  these rows only
 *     node test/mutants/run-mutants.ts --seeds 1..100 [ROW …]   how many of these seeds find each
 */
const main = async (args: readonly string[]): Promise<number> => {
  const isSearch = args[0] === '--seeds';
  const rows = isSearch ? args.slice(2) : args;
  const chosen = mutants.filter(({ row }) => rows.length === 0 || rows.includes(row));
  if (chosen.length === 0) {
    console.error(`no mutant of row ${rows.join(', ')}: ${mutants.map(({ row }) => row).join(', ')}`);
    return 2;
  }
  if (!isSearch) return await report(chosen);
  const range = /^(\d+)\.\.(\d+)$/.exec(args[1] ?? '');
  if (range === null) {
    console.error(`--seeds: expected a range such as 1..100, got ${args[1] ?? 'nothing'}`);
    return 2;
  }
  await search(chosen, Number(range[1]), Number(range[2]));
  return 0;
};

const report = async (chosen: readonly Mutant[]): Promise<number> => {
  let failures = 0;
  line('row', 'mutant', 'caught by', 'seed', 'events', 'found in', 'shrunk to', 'in', '');
  for (const mutant of chosen) {
    const { row, title, seed, maxWeight = defaultMaxWeight } = mutant;
    const found = await findMutant(mutant);
    const began = performance.now();
    const shrunk = await shrinkMutant(mutant);
    const shrinkingMs = performance.now() - began;
    const size = shrunk?.weight ?? Number.POSITIVE_INFINITY;
    const isGood = isFound(mutant, found) && size <= maxWeight;
    if (!isGood) failures++;
    const sizeText = shrunk === null ? '-' : `${size} of ${maxWeight}`;
    const verdict =
      found.cleanViolation ??
      (found.property !== mutant.property ? `expected: ${mutant.property}` : isGood ? '' : 'too large');
    line(
      row,
      title,
      found.property ?? 'nothing',
      String(seed),
      String(found.events),
      seconds(found.milliseconds),
      sizeText,
      seconds(shrinkingMs),
      verdict,
    );
  }
  console.log(`${chosen.length - failures} of ${chosen.length} mutants found and shrunk`);
  return failures === 0 ? 0 : 1;
};

const search = async (chosen: readonly Mutant[], from: number, to: number): Promise<void> => {
  for (const { row, title, plan, patch } of chosen) {
    const seeds = new Map<string, number[]>();
    for (let seed = from; seed <= to; seed++) {
      const { violation } = await runSimulation(plan(seed), patch);
      if (violation === null) continue;
      seeds.set(violation.property, [...(seeds.get(violation.property) ?? []), seed]);
    }
    console.log(`${row}  ${title}`);
    for (const [property, found] of seeds) {
      console.log(
        `    ${property}: ${found.length} of ${to - from + 1} seeds: ${found.slice(0, 10).join(', ')}`,
      );
    }
  }
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const widths = [4, 62, 24, 6, 8, 9, 10, 8, 0];

const line = (...cells: readonly string[]): void =>
  console.log(
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join(' ')
      .trimEnd(),
  );

process.exitCode = await main(process.argv.slice(2));
