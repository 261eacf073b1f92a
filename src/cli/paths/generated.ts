import { type Generated, type GenerateOptions, generatePaths } from '../../verify/paths/generate-paths.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The paths of the chart as it stands in this clone. Throws `UsageError` where none can be generated from it: a broken chart may never get
 * to where a search begins.
 */
export const generated = (options: GenerateOptions): Generated => {
  try {
    return generatePaths(options);
  } catch (error) {
    // An error with a name of its own was foreseen; any other keeps its stack.
    if (!(error instanceof Error) || foreign.includes(error.name)) throw error;
    throw new UsageError(oneLine(error.message));
  }
};

const foreign: readonly string[] = ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

const prefix = 'no paths can be generated from this chart';

const oneLine = (message: string): string => {
  const line = message.replace(/\s+/g, ' ');
  const said = line.startsWith(prefix) ? line : `${prefix}: ${line}`;
  return said.length <= 400 ? said : `${said.slice(0, 399)}…`;
};
