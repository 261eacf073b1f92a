import { beforeAll, describe, expect, it } from 'vitest';
import type { Assessment } from '../../../src/statechart/coverage/assessment.ts';
import { coverageLines } from '../../../src/statechart/coverage/coverage-text.ts';
import { RaftCoverage } from '../../../src/verify/coverage/raft-coverage.ts';
import type { Path } from '../../../src/verify/paths/path.ts';
import { replay } from '../../../src/verify/paths/replay.ts';
import { generatedPaths } from '../generated-paths.ts';

let paths: readonly Path[];
let assessment: Assessment;
beforeAll(() => {
  paths = generatedPaths('pairs').paths;
  const coverage = new RaftCoverage();
  for (const path of paths) coverage.record.addPath(path);
  assessment = coverage.assess();
}, 900_000);

describe('the paths generated for pairs', () => {
  it('walk 80 % of the pairs that are not excluded, and none that is', () => {
    const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
    process.stdout.write(
      `\n${paths.length} paths generated for pairs, ${steps} steps\n\n${coverageLines(assessment, { verbose: false }).join('\n')}\n\n`,
    );
    expect(assessment.problems).toEqual([]);
    const { walked, reachable } = assessment.rows.at(-1)!.pairs;
    expect(walked / reachable).toBeGreaterThanOrEqual(0.8);
  });

  it('replay on the chart that they come from', () => {
    expect(paths.map((path) => replay(path)).filter((mismatch) => mismatch !== null)).toEqual([]);
  });
});
