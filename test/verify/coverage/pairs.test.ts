import { describe, expect, it } from 'vitest';
import { generatePaths } from '../../../src/verify/paths/generate-paths.ts';
import type { PathSet } from '../../../src/verify/paths/path.ts';
import { replay } from '../../../src/verify/paths/replay.ts';

/** Of small clusters; `npm run paths:nightly` generates them all, and shows what they cover. */
const pathsFor = (cover: PathSet['cover']) =>
  ([1, 2] as const).flatMap((voters) => generatePaths({ cover, voters }).paths);

describe('the paths generated for pairs', () => {
  const paths = pathsFor('pairs');

  it('go further than those for transitions', () => {
    expect(paths.length).toBeGreaterThan(1.2 * pathsFor('transitions').length);
  });

  it('replay on the chart that they come from', () => {
    expect(paths.map((path) => replay(path)).filter((mismatch) => mismatch !== null)).toEqual([]);
  });
});
