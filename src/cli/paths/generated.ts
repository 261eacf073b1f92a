import { generationFor } from '../../conformance/plan.ts';
import type { Capabilities } from '../../conformance/protocol.ts';
import type { GenerateOptions } from '../../verify/paths/generate-paths.ts';
import type { PathSet } from '../../verify/paths/path.ts';
import { UsageError } from '../usage-error.ts';
import { keptPaths, type PathKeeping } from './kept-paths.ts';
import { showingSearch } from './search-progress.ts';

/**
 * The paths for an implementation that has these, from the chart as it stands in this clone: generated now, or kept from an earlier run.
 * Throws `UsageError` where none can be generated from it: a broken chart may never get to where a search begins.
 */
export const generated = (
  has: Capabilities,
  options: Pick<GenerateOptions, 'cover' | 'voters'>,
  keeping: PathKeeping,
): PathSet => {
  try {
    return keptPaths({ ...options, ...generationFor(has) }, keeping);
  } catch (error) {
    // An error with a name of its own was foreseen; any other keeps its stack.
    if (!(error instanceof Error) || foreign.includes(error.name)) throw error;
    throw new UsageError(oneLine(error.message));
  }
};

/** The same, and says meanwhile on stderr how far it has come. */
export const generatedVisibly: typeof generated = (has, options, keeping) =>
  showingSearch((onSearch) => generated(has, options, { ...keeping, onSearch }));

const foreign: readonly string[] = ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

const prefix = 'no paths can be generated from this chart';

const oneLine = (message: string): string => {
  const line = message.replace(/\s+/g, ' ');
  const said = line.startsWith(prefix) ? line : `${prefix}: ${line}`;
  return said.length <= 400 ? said : `${said.slice(0, 399)}…`;
};
