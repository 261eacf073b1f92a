import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { writeCounterexample } from '../../../src/cli/explore/failure-files.ts';
import { stuckProperty } from '../../../src/verify/explore/counterexample.ts';
import { violation } from '../../../src/verify/properties/property.ts';
import { smallCluster } from '../../verify/explore/small-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-failure-'));
afterAll(() => rmSync(directory, { recursive: true }));

it.each([
  ['Election Safety', null, true],
  ['Election Safety', { broken: 'figure-8-commit' }, true],
  ['Election Safety', { file: 'mine.ts', export: null }, false],
  [stuckProperty, null, false],
] as const)(
  'a counterexample to %s of the chart %o is for the playground: %s',
  (property, chart, isPlayable) => {
    const lines = writeCounterexample(directory, {
      options: smallCluster,
      machine: raftMachine,
      chart,
      violation: violation(property, 'this', 'that'),
      schedule: [],
      isShortest: true,
    });
    expect(lines.some((line) => /^play: +npx raftchart play .*trace\.ndjson$/.test(line))).toBe(isPlayable);
  },
);
