import { type Generated, generatePaths } from './generate-paths.ts';
import type { PathSet } from './path.ts';

const sets = new Map<PathSet['cover'], Generated>();

/** The tests of this repository's own chart, generated once a process. */
export const generatedPaths = (cover: PathSet['cover'] = 'transitions'): Generated => {
  let set = sets.get(cover);
  if (set === undefined) {
    set = generatePaths({ cover });
    sets.set(cover, set);
  }
  return set;
};
