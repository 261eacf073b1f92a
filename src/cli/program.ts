import { type Command, CommanderError } from 'commander';
import { guardOutput } from './output-errors.ts';

/** Applies `visit` to a command and all below it. */
const forEachCommand = (command: Command, visit: (command: Command) => void): void => {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
};

/**
 * Runs a command line. A user's mistake gets one line on stderr and an exit code: `usage` for a bad flag, else what
 * `exitCodeOf` returns for the error; null means our own bug, which is rethrown. `usage` is
 * also the exit code for a standard output that cannot be written.
 */
export const runProgram = async (
  command: Command,
  usage: number,
  exitCodeOf: (error: Error) => number | null,
): Promise<void> => {
  guardOutput(usage);
  forEachCommand(command, (each) => {
    each.exitOverride().configureOutput({
      // Commander's suggestion would be a second line.
      outputError: (text, write) => write(text.replace(/^error: /, '').replace(/\n(?=\(Did you mean)/, ' ')),
    });
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
