import { type GenerateOptions, generatePaths } from '../verify/paths/generate-paths.ts';
import type { PathSet } from '../verify/paths/path.ts';
import { generationFor, misfitOf } from './plan.ts';
import type { Capabilities } from './protocol.ts';

/** The paths for an implementation that has these: generated from the chart of what it is, so that nothing of it is left out for what it lacks. */
export const pathsFor = (
  has: Capabilities,
  options: Pick<GenerateOptions, 'cover' | 'voters' | 'machine' | 'onSearch'>,
): PathSet => generatePaths({ ...options, ...generationFor(has) });

/** These paths are of the chart of another implementation: hardly anything would be compared. One line. */
export class PathsUnfit extends Error {
  override readonly name = 'PathsUnfit';
}

/** Throws `PathsUnfit` unless these paths are for an implementation that has these. */
export const checkFit = ({ lacks = [] }: PathSet, has: Capabilities): void => {
  const misfit = misfitOf(lacks, has);
  if (misfit === null) return;
  const [are, is] = lacks.includes(misfit) ? ['without', 'with'] : ['with', 'without'];
  throw new PathsUnfit(
    `these paths are for an implementation ${are} ${misfit}, but this one is ${is} it: generate them for its capabilities`,
  );
};
