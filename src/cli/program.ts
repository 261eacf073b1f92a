import { type Command, CommanderError } from 'commander';

/** Applies `visit` to a command and all below it. */
const forEachCommand = (command: Command, visit: (command: Command) => void): void => {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
};

/** Whoever reads the standard output has seen enough (`| head`) and closed it: nothing is left to be done, and nothing to complain of. */
const endQuietly = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
};

/**
 * Runs a command line. What a person did wrong gets one line on stderr and an exit code: `usage` for a bad flag, else what
 * `exitCodeOf` says of the error; for null it is our own bug, which is thrown on with its stack. A closed standard output ends it
 * quietly, with the exit code as it stands.
 */
export const runProgram = async (
  command: Command,
  usage: number,
  exitCodeOf: (error: Error) => number | null,
): Promise<void> => {
  // Once, however many command lines this process runs.
  process.stdout.off('error', endQuietly).on('error', endQuietly);
  forEachCommand(command, (each) => {
    each
      .exitOverride()
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) });
  });
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : usage;
      return;
    }
    const exitCode = exitCodeOf(error as Error);
    if (exitCode === null) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = exitCode;
  }
};
