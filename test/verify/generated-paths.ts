import { keptPaths } from '../../src/cli/paths/kept-paths.ts';
import { generationFor } from '../../src/conformance/plan.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import type { ClusterSize, Generated, GenerateOptions } from '../../src/verify/paths/generate-paths.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { madeOnce } from './made-once.ts';

const generated = (options: Pick<GenerateOptions, 'voters' | 'lacks' | 'hints' | 'settings'>): Generated => {
  const { voters = 'all', lacks = [], hints = true, settings = {} } = options;
  const name = [voters, ...lacks, hints ? 'hints' : 'noHints', ...Object.entries(settings).flat()].join('-');
  const { goals, ...set } = madeOnce(`paths-${name}.json`, () => {
    // Where the commands that tests start find them, too.
    const { goals, ...set } = keptPaths({ cover: 'transitions', ...options }, { isKept: true });
    return { ...set, goals: [...goals] };
  });
  return { ...set, goals: new Map(goals) };
};

/** The tests generated from this repository's own chart. */
export const generatedPaths = (): Generated => generated({});

/** Those for an implementation of these capabilities; with `voters`, only those of a cluster of this size. */
export const generatedPathsFor = (has: Capabilities, voters?: ClusterSize): PathSet => {
  const { goals: _, ...set } = generated({
    ...generationFor(has),
    ...(voters === undefined ? {} : { voters }),
  });
  return set;
};
