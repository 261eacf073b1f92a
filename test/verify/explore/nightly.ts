import { parseArgs } from 'node:util';
import { optionsFlags } from '../../../src/cli/explore/explore-text.ts';
import { explore } from '../../../src/verify/explore/explore.ts';
import { type Space, spaces } from './spaces.ts';

/**
 * Exhausts every space of the list and compares its size with what is written there; exit code 1 if any differs.
 * `--only TEXT`: those whose names hold it. `--measure`: prints the list's figures as they are, to be written there.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, measure: { type: 'boolean' } } });

const chosen = spaces.filter(({ name }) => name.includes(values.only ?? ''));
const nameWidth = Math.max(0, ...chosen.map(({ name }) => name.length));
const row = (...cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(nameWidth) : cell.padStart(14))).join('');
const count = (value: number | null): string => value?.toLocaleString('en-US') ?? '-';

/** What differs; empty: nothing. */
const differences = (space: Space, found: Pick<Space, 'states' | 'edges' | 'depth'>): readonly string[] =>
  (['states', 'edges', 'depth'] as const)
    .filter((figure) => space[figure] !== found[figure])
    .map((figure) => `${figure}: ${count(space[figure])} expected, ${count(found[figure])} found`);

console.log(row('space', 'states', 'edges', 'depth', 'seconds', 'states/s', 'MB'));
let failed = 0;
for (const space of chosen) {
  const { figures, ...explored } = explore(space.options);
  const { states, edges, depth, seconds, bytes } = figures;
  const rate = Math.round(states / seconds);
  console.log(
    row(
      space.name,
      count(states),
      count(edges),
      count(depth),
      seconds.toFixed(1),
      count(rate),
      (bytes / 1e6).toFixed(1),
    ),
  );
  if (values.measure) console.log(`  [${states}, ${edges}, ${depth}]`);
  const wrong = [
    ...(explored.outcome === 'exhausted' ? [] : [`it ended otherwise: ${explored.outcome}`]),
    ...(values.measure ? [] : differences(space, figures)),
  ];
  for (const line of wrong) console.log(`  ${line}`);
  if (wrong.length === 0) continue;
  failed++;
  console.log(`  raftchart explore ${optionsFlags(space.options)}`);
}
const verdict = values.measure ? 'exhausted' : 'as expected';
console.log(
  failed === 0 ? `all ${chosen.length} ${verdict}` : `${failed} of ${chosen.length} not ${verdict}`,
);
process.exitCode = failed === 0 ? 0 : 1;
