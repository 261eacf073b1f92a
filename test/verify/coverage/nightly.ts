import { coverageLines } from '../../../src/statechart/coverage/coverage-text.ts';
import { RaftCoverage } from '../../../src/verify/coverage/raft-coverage.ts';
import { generatePaths } from '../../../src/verify/paths/generate-paths.ts';
import { replay } from '../../../src/verify/paths/replay.ts';

/**
 * `npm run paths:nightly` generates the paths for pairs of consecutive transitions, replays each, and prints what they cover; exit code 1 if one
 * does not replay, if one walks a pair that is excluded, or if they walk less than docs/paths.md promises. Takes some ten minutes.
 */
const promised = 0.77;

const { paths } = generatePaths({ cover: 'pairs' });
const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
console.log(`${paths.length} paths, ${steps} steps`);
const coverage = new RaftCoverage();
for (const path of paths) coverage.record.addPath(path);
const mismatches = paths.map((path) => replay(path)).filter((mismatch) => mismatch !== null);
const assessment = coverage.assess();
console.log(`\n${coverageLines(assessment, { verbose: false }).join('\n')}\n`);

const { walked, reachable } = assessment.rows.at(-1)!.pairs;
const faults = [
  ...mismatches.map((mismatch) => JSON.stringify(mismatch)),
  ...assessment.problems,
  ...(walked / reachable >= promised ? [] : [`less than ${100 * promised} % of the pairs are walked`]),
];
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
