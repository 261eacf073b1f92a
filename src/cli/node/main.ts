import { PackageMissing } from '../../statechart/missing-package.ts';
import { exitCodes } from '../exit-codes.ts';
import { runProgram } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { nodeCommand } from './node-command.ts';
import { type NodeOptions, resolveNodeOptions } from './node-options.ts';
import { openLog } from './open-log.ts';
import { runNode } from './run-node.ts';
import { StartRefused } from './start-refused.ts';

/** `raft-node`: runs until it is told to stop, or until its parent ends, if it has a channel to one. */
export const main = (): Promise<void> => {
  const command = nodeCommand(version).action(async (flags) => run(resolveNodeOptions(flags, process.env)));
  return runProgram(command, exitCodes.failure, (error) => {
    if (error instanceof StartRefused) return error.exitCode;
    return error instanceof UsageError || error instanceof PackageMissing ? exitCodes.failure : null;
  });
};

const run = async (options: NodeOptions): Promise<void> => {
  const { log, end } = await openLog(options);
  const running = runNode(options, log);
  // The first signal lets a leader hand over, the second stops it at once, and a third one is the system's to deal with.
  const signals = ['SIGTERM', 'SIGINT'] as const;
  const retire = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'shutting down');
    for (const each of signals) process.off(each, retire).once(each, stop);
    running.retire();
  };
  const stop = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'shutting down at once');
    running.stop();
  };
  for (const each of signals) process.on(each, retire);
  // Without certificates or tokens to reload, it has its usual meaning: the terminal is gone.
  const { peerTls, clientTls, tokenFile } = options;
  if ([peerTls, clientTls, tokenFile].some((each) => each !== null))
    process.on('SIGHUP', () => running.reload());
  process.once('disconnect', () => running.stop());
  try {
    process.exitCode = await running.exitCode;
    log.info({ exitCode: process.exitCode }, 'stopped');
  } finally {
    end();
    // Otherwise the channel to the parent would keep the process.
    if (process.connected) process.disconnect();
  }
};
