import { CommanderError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { guardOutput } from '../output-errors.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { clientCommand, usageError } from './client-command.ts';
import type { Report } from './report.ts';
import { terminalText } from './terminal-text.ts';

/** Runs the command line of this process. */
export const main = async (): Promise<void> => {
  guardOutput(exitCodes.failure, (message) => JSON.stringify({ error: 'output', message }));
  const print = ({ stdout, stderr, exitCode }: Report): void => {
    const isShown = typeof stdout !== 'string' && process.stdout.isTTY;
    if (stdout.length > 0) process.stdout.write(isShown ? terminalText(stdout) : stdout);
    if (stderr !== '') process.stderr.write(`${stderr}\n`);
    process.exitCode = exitCode;
  };
  let last = '';
  // What is not a terminal gets errors only, as JSON.
  const progress = (line: string): void => {
    if (process.stderr.isTTY && line !== last) process.stderr.write(`${line}\n`);
    last = line;
  };
  const command = clientCommand(version, print, progress);
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof UsageError) process.stderr.write(`${usageError(error.message)}\n`);
    else if (!(error instanceof CommanderError)) throw error;
    else if (error.exitCode === 0) return;
    process.exitCode = exitCodes.failure;
  }
};
