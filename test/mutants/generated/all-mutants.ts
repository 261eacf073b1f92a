import { readdirSync, readFileSync } from 'node:fs';
import { changesOfChart, changesOfGuards } from './chart-operators.ts';
import { changesOfRule } from './rule-operators.ts';
import { mutantsOf, type Operator, type SourceMutant } from './source-mutant.ts';

export const projectRoot = new URL('../../../', import.meta.url);

/** Types alone; what the mutants are to be found by; the die, which paths and explorer leave out. */
const notMutated = ['types.ts', 'messages.ts', 'inputs.ts', 'assert.ts', 'invariants.ts', 'random.ts'];

/** Every mutant of the chart, its guards and the rules, from the sources as they are. */
export const allMutants = (): readonly SourceMutant[] => [
  ...ofFile('machines/raft/guards.ts', changesOfGuards),
  ...ofFile('machines/raft/raft.machine.ts', changesOfChart),
  ...readdirSync(new URL('src/raft/', projectRoot))
    .filter((name) => !notMutated.includes(name))
    .sort()
    .flatMap((name) => ofFile(`src/raft/${name}`, changesOfRule)),
];

const ofFile = (file: string, operator: Operator): readonly SourceMutant[] =>
  mutantsOf(file, readFileSync(new URL(file, projectRoot), 'utf8'), operator);
