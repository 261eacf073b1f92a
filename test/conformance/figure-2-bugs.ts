import { parseArgs } from 'node:util';
import { pathsFor } from '../../src/conformance/paths-for.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { listBugs, type Mode, modeNames, pythonMissing, runToy, type Verdict } from './figure-2-toy.ts';

/**
 * `npm run conformance:bugs [-- --only BUG] [--mode noop,pipeline] [--whole]` runs the conformance kit against the toy of
 * examples/conformance-figure-2, without a bug and with each, in each mode, and prints what fails. A run stops at its first path that fails, unless
 * `--whole` asks for all. Exit code 1 if the toy without a bug fails, or a bug that can exist in a mode is not found there.
 */
const { values } = parseArgs({
  options: { only: { type: 'string' }, mode: { type: 'string' }, whole: { type: 'boolean', default: false } },
});

const fail = (line: string): never => {
  console.error(line);
  process.exit(2);
};

if (pythonMissing !== null) fail(pythonMissing);
const bugs = listBugs().filter(({ name }) => values.only === undefined || name === values.only);
if (bugs.length === 0)
  fail(`there is no bug "${values.only}"; examples/conformance-figure-2/bugs.py lists them`);
const asked = modeNames.filter((mode) => values.mode === undefined || mode === values.mode);
if (asked.length === 0) fail(`there is no mode "${values.mode}"; there are ${modeNames.join('; ')}`);

/** Generated once for each mode. */
const generated = new Map<string, PathSet>();

const pathsOf = (has: Capabilities): PathSet => {
  const key = JSON.stringify(has);
  const known = generated.get(key) ?? pathsFor(has, { cover: 'transitions' });
  generated.set(key, known);
  return known;
};

const nameWidth = Math.max(...bugs.map(({ name }) => name.length));
const modeWidth = Math.max(...modeNames.map((mode) => mode.length));

const printRow = (name: string, mode: Mode, words: string): void =>
  console.log(`${name.padEnd(nameWidth)}  ${mode.padEnd(modeWidth)}  ${words}`);

const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

const describe = ({ passed, failedRules, findings: [first] }: Verdict): string => {
  if (first === undefined) return `passes (${passed} paths)`;
  const rules = values.whole ? `${failedRules.length} rules; ` : '';
  const text = [...first.lost, ...first.differences].map((each) => each.text).join('; ');
  return `${rules}${shortened(first.subject.rule, 40)}: ${shortened(text, 110)}`;
};

/** Everything that should be otherwise. */
const wrong: string[] = [];
let cells = 0;
let failing = 0;

for (const mode of asked) {
  const verdict = await runToy(mode, null, pathsOf);
  printRow('no bug', mode, describe(verdict));
  if (verdict.failed.length > 0) wrong.push(`no bug, ${mode}: fails in ${verdict.failed.length} paths`);
}
for (const { name, impossible } of bugs) {
  for (const mode of asked) {
    if (impossible[mode] !== undefined) {
      printRow(name, mode, `cannot exist: ${impossible[mode]}`);
      continue;
    }
    const verdict = await runToy(mode, name, pathsOf, { untilFailure: !values.whole });
    printRow(name, mode, describe(verdict));
    cells++;
    if (verdict.failed.length > 0) failing++;
    else wrong.push(`${name}, ${mode}: passes`);
  }
}

for (const line of wrong) console.log(line);
console.log(`${failing} of ${cells} cells fail`);
process.exitCode = wrong.length === 0 ? 0 : 1;
