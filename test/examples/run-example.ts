import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs an example on the source; what it writes to its standard output, as lines. Rejects if it fails. */
export const runExample = async (name: string, ...args: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import=./test/examples/from-source.ts',
    `examples/${name}.ts`,
    ...args,
  ]);
  return stdout.trimEnd().split('\n');
};
