import { generationFor } from '../../src/conformance/plan.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
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

/** Those for an implementation of these capabilities, likewise. */
export const generatedPathsFor = (has: Capabilities): PathSet => {
  const { lacks = [], hints, settings } = generationFor(has);
  const name = [...lacks, hints, ...Object.entries(settings ?? {}).flat()].join('-');
  return oncePerRun(`paths-for-${name}.json`, () => {
    const { goals: _, ...set } = generatePaths({ cover: 'transitions', ...generationFor(has) });
    return set;
  });
};
