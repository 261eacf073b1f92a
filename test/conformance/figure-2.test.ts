import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ClusterSize } from '../../src/verify/paths/generate-paths.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { listBugs, type Mode, modeNames, type PathSource, pythonMissing, runToy } from './figure-2-toy.ts';

/** All paths of a mode take a minute to generate: of the modes between the others, those of one size. `npm run conformance:bugs` runs all of all. */
const sizes: Readonly<Record<Mode, ClusterSize | undefined>> = {
  plain: undefined,
  noop: 5,
  pipeline: 5,
  'noop,pipeline': undefined,
};

const pathsIn =
  (mode: Mode): PathSource =>
  (has) =>
    generatedPathsFor(has, sizes[mode]);

if (pythonMissing !== null) console.warn(pythonMissing);

describe.skipIf(pythonMissing !== null)('the toy of Figure 2', () => {
  test.each(modeNames)(
    'passes without a bug (%s)',
    async (mode) => {
      const { passed, findings } = await runToy(mode, null, pathsIn(mode));
      const texts = findings.flatMap(({ differences }) => differences.map(({ text }) => text));
      expect(texts).toEqual([]);
      expect(passed).toBeGreaterThan(sizes[mode] === undefined ? 400 : 50);
    },
    makingMs,
  );

  test.each([
    ['votes-twice', 'plain', ': refused, got RequestVoteResponse'],
    ['forgets-vote', 'noop,pipeline', 'votedFor: expected'],
    ['counts-votes-twice', 'pipeline', 'role: expected candidate, got leader'],
    ['truncates-matching-entries', 'plain', 'log: expected 1 1, got 1'],
    ['commits-whole-log', 'noop,pipeline', 'commitIndex: expected 1'],
    ['commits-old-term', 'noop,pipeline', 'commitIndex: expected'],
    ['sends-nothing-after-ack', 'noop,pipeline', 'got nothing'],
    ['never-replicates', 'plain', 'got nothing of that'],
    ['replicates-to-one-follower', 'plain', 'got nothing of that'],
    ['ignores-rejection', 'plain', 'got nothing'],
    ['commits-alone', 'plain', 'commitIndex: expected 0'],
    ['grants-old-term-vote', 'plain', 'refused'],
  ] as const)(
    'fails with the bug %s (%s)',
    async (bug, mode, text) => {
      const { findings } = await runToy(mode, bug, pathsIn(mode), { untilFailure: true });
      const [first] = findings;
      expect(first?.differences.map((each) => each.text).join('\n')).toContain(text);
    },
    makingMs,
  );

  test('names each bug once, says what it breaks, and can have it in all modes but for a reason', () => {
    const bugs = listBugs();
    expect(bugs.length).toBeGreaterThanOrEqual(34);
    expect(readFileSync('examples/conformance-figure-2/README.md', 'utf8')).toContain(
      `with ${bugs.length} bugs`,
    );
    for (const { what, paper, breaks, impossible } of bugs) {
      expect(['safety', 'durability', 'liveness', 'form']).toContain(breaks);
      expect(what).not.toBe('');
      expect(paper).toMatch(/Figure \d|§/);
      expect(modeNames).toEqual(expect.arrayContaining(Object.keys(impossible)));
    }
    expect(bugs.filter(({ impossible }) => Object.keys(impossible).length > 0).length).toBeLessThanOrEqual(4);
  });
});
