import { type Generated, generatePaths } from '../../src/verify/paths/generate-paths.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { oncePerRun } from './once-per-run.ts';

/** The tests generated from this repository's own chart: once for all test files of a run. */
export const generatedPaths = (cover: PathSet['cover'] = 'transitions'): Generated => {
  const { goals, ...set } = oncePerRun(`paths-${cover}.json`, () => {
    const { goals, ...set } = generatePaths({ cover });
    return { ...set, goals: [...goals] };
  });
  return { ...set, goals: new Map(goals) };
};
