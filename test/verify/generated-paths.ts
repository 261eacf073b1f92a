import { keptPaths, type PathOptions } from '../../src/cli/paths/kept-paths.ts';
import { generationFor } from '../../src/conformance/plan.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import type { Generated } from '../../src/verify/paths/generate-paths.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { madeOnce } from './made-once.ts';

/** The tests generated from this repository's own chart. */
export const generatedPaths = (): Generated => generated({});

/** Those for an implementation of these capabilities. */
export const generatedPathsFor = (has: Capabilities): PathSet => {
  const { goals: _, ...set } = generated(generationFor(has));
  return set;
};

const generated = (options: Pick<PathOptions, 'lacks' | 'hints' | 'settings'>): Generated => {
  const { lacks = [], hints = true, settings = {} } = options;
  const name = ['paths', ...lacks, hints ? 'hints' : 'noHints', ...Object.entries(settings).flat()].join('-');
  return madeOnce(name, () => keptPaths({ cover: 'transitions', ...options }, { isKept: true }));
};
