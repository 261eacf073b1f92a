import { CommanderError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { guardOutput } from '../output-errors.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { clientCommand, usageError } from './client-command.ts';

/** Runs the command line of this process. */
export const main = async (): Promise<void> => {
  guardOutput(exitCodes.failure, (message) => JSON.stringify({ error: 'output', message }));
  const command = clientCommand(version, ({ stdout, stderr, exitCode }) => {
    if (stdout.length > 0) process.stdout.write(stdout);
    if (stderr !== '') process.stderr.write(`${stderr}\n`);
    process.exitCode = exitCode;
  });
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof UsageError) process.stderr.write(`${usageError(error.message)}\n`);
    else if (!(error instanceof CommanderError)) throw error;
    else if (error.exitCode === 0) return;
    process.exitCode = exitCodes.failure;
  }
};
