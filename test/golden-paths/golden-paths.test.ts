import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guards } from '../../machines/raft/guards.ts';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { goldenFiles, readGolden } from './golden-files.ts';
import { type Outcome, textOf, treesOf } from './golden-tree.ts';
import { branchesOf, play, type Surprise } from './play-golden.ts';

/** What a person needs of a step that surprises: what led to it, and each thing that differs. */
const tell = ({ events, expected, actual }: Surprise): string => {
  const said = (outcome: Outcome, name: string) =>
    JSON.stringify(outcome[name as keyof Outcome]) ?? 'as before';
  const differing =
    actual instanceof Error
      ? [`it fails: ${actual.message}`]
      : [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
          .filter((name) => said(expected, name) !== said(actual, name))
          .map((name) => `${name}: reviewed ${said(expected, name)}, now ${said(actual, name)}`);
  return [...events.map((event) => `  ${JSON.stringify(event)}`), ...differing].join('\n');
};

/** The first few, those with the fewest events first. */
const tellAll = (surprises: readonly Surprise[]): string => {
  const shortest = surprises.toSorted((a, b) => a.events.length - b.events.length).slice(0, 3);
  return surprises.length === 0
    ? ''
    : `\n${shortest.map(tell).join('\n\n')}\n\n${surprises.length} steps do something else than when this was reviewed.\nA rule has changed. If that is meant, \`npm run golden\` writes these files anew: read the diff.\n`;
};

// Generated paths take what is right from the chart itself. These do not: they stand in files that change only when somebody reviews it.
describe.each(goldenFiles)('$path', (file) => {
  const trees = readGolden(file);

  test('the node does in each step what it did when this was reviewed', () => {
    const played = trees.map((tree) => play(tree));
    const surprises = played.flatMap((each) => each.surprises);
    expect.soft(surprises.length, tellAll(surprises)).toBe(0);
    expect(played.reduce((sum, { steps }) => sum + steps, 0)).toBeGreaterThan(1500);
  });

  test(
    'takes every branch of the chart that a generated path takes',
    () => {
      const taken = new Set(trees.flatMap((tree) => [...play(tree).branches]));
      const generated = generatedPathsFor(file.has).paths.flatMap(({ steps }) => steps.flatMap(branchesOf));
      const missing = [...new Set(generated)].filter((branch) => !taken.has(branch));
      expect(missing, '`node test/golden-paths/write-golden-paths.ts --generate` chooses paths anew').toEqual(
        [],
      );
    },
    makingMs,
  );

  test('is written as it is read', () => {
    expect(textOf(trees)).toBe(readFileSync(file.url, 'utf8'));
  });

  test.each(['votedForAnother', 'isLogBehind', 'isLogMismatch', 'isStaleRejection'] as const)(
    'sees a guard that never holds: %s',
    (guard) => {
      const broken = raftMachine.provide({ guards: { ...guards, [guard]: () => false } });
      expect(trees.flatMap((tree) => play(tree, broken).surprises)).not.toEqual([]);
    },
  );
});

test('paths that begin alike share their first steps', () => {
  const [setup] = readGolden(goldenFiles[0]!).map((tree) => tree.setup);
  const first = { type: 'timeout', timer: 'electionTimeout' } as const;
  const [restart, again] = [{ type: 'restart' } as const, first];
  const pathOf = (...events: readonly (typeof first | typeof restart)[]) => ({
    id: '',
    title: '',
    ...setup!,
    steps: events.map((event) => ({
      event,
      isDuplicate: false,
      isHostile: false,
      expect: {} as never,
      transitions: [],
    })),
  });
  const [tree, ...others] = treesOf([pathOf(first, restart), pathOf(first, again), pathOf(first)]);
  expect(others).toEqual([]);
  expect(tree!.next.map(({ next }) => next.map(({ event }) => event))).toEqual([[restart, again]]);
});
