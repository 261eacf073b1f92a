#!/usr/bin/env node
import pino from 'pino';
import pretty from 'pino-pretty';
import { exitCodes } from './exit-codes.ts';
import { nodeCommand, resolveNodeOptions, UsageError } from './node/node-options.ts';
import { runNode, StartRefused } from './node/run-node.ts';
import { runProgram } from './program.ts';
import { version } from './version.ts';

const command = nodeCommand(version).action(async (flags) => {
  const options = resolveNodeOptions(flags);
  const destination =
    options.logFormat === 'pretty'
      ? pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', sync: true })
      : pino.destination({ dest: 1, sync: true });
  const log = pino({ level: options.logLevel, base: null }, destination);
  const running = await runNode(options, log);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'shutting down');
      running.stop();
    });
  }
  process.once('disconnect', () => running.stop());
  process.exitCode = await running.exitCode;
  if (process.connected) process.disconnect();
  log.info({ exitCode: process.exitCode }, 'stopped');
});

await runProgram(command, exitCodes.failure, (error) => {
  if (error instanceof StartRefused) return error.exitCode;
  if (error instanceof UsageError) return exitCodes.failure;
  return null;
});
