import { keptPaths, type PathOptions } from '../../src/cli/paths/kept-paths.ts';
import { generationFor } from '../../src/conformance/plan.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import type { ClusterSize, Generated } from '../../src/verify/paths/generate-paths.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { madeOnce } from './made-once.ts';

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

const generated = (options: Pick<PathOptions, 'voters' | 'lacks' | 'hints' | 'settings'>): Generated => {
  const { voters = 'all', lacks = [], hints = true, settings = {} } = options;
  const parts = ['paths', voters, ...lacks, hints ? 'hints' : 'noHints', ...Object.entries(settings).flat()];
  return madeOnce(parts.join('-'), () => keptPaths({ cover: 'transitions', ...options }, { isKept: true }));
};
