import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from '../adapters/system/node-version.ts';
import { exitCodes } from './exit-codes.ts';

const isSource = import.meta.url.endsWith('.ts');
/** Where a clone keeps what Node.js has compiled: most of the time that a program takes to start from its sources goes into stripping types. */
const compiledDirectory = fileURLToPath(new URL('../../node_modules/.cache/raftchart', import.meta.url));

/** Runs the `main` of what `load` imports. Where Node.js is too old for that, one line says so, and the process ends with `exitCode`. */
export const startProgram = async (
  load: () => Promise<{ readonly main: () => Promise<void> }>,
  exitCode: number,
): Promise<void> => {
  const problem = nodeVersionProblem(process.version);
  if (problem !== null) {
    process.stderr.write(`${problem}; in a clone, npx finds the right one\n`);
    process.exitCode = exitCode;
    return;
  }
  if (isSource) nodeModule.enableCompileCache(compiledDirectory);
  // Only now: these modules may not even parse on an old Node.js.
  const { main } = await load();
  // Now and not only at its end: nodes are killed.
  if (isSource) nodeModule.flushCompileCache();
  process.on('uncaughtException', endWithBug);
  await main().catch(endWithBug);
};

/** One line, with what is needed to find the place. */
const endWithBug = (error: unknown): never => {
  const { message, stack = '', syscall } = error as Partial<NodeJS.ErrnoException>;
  const place = stack.split('\n').filter((line) => line.startsWith('    at '));
  const text =
    syscall === 'uv_cwd'
      ? 'the working directory does not exist any more: change to another one'
      : `internal error, please report it: ${[message ?? error, ...place.slice(0, 5)].map((each) => String(each).trim()).join(' ')}`;
  process.stderr.write(`${text.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exit(exitCodes.internalError);
};
