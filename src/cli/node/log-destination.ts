import pino from 'pino';
import { optionalPackage } from '../../statechart/missing-package.ts';
import type { NodeOptions } from './node-options.ts';

/** How much of the log waits for an output that is blocked; anything more is dropped. */
const maxWaitingBytes = 64 * 1024;

/**
 * Standard output, as a node writes its log there. A full disk, or a reader that is gone, costs log lines but never the node.
 * Rejects with `PackageMissing`.
 */
export const logDestination = async (format: NodeOptions['logFormat']): Promise<pino.DestinationStream> => {
  const output = pino.destination({ dest: 1, sync: true, maxLength: maxWaitingBytes });
  let isTold = false;
  output.on('error', (error: Error) => {
    if (isTold) return;
    isTold = true;
    process.stderr.write(`cannot write the log, continuing without it: ${error.message}\n`);
  });
  if (format === 'json') return output;
  const { default: pretty } = await optionalPackage(
    'pino-pretty',
    '--log-format pretty',
    () => import('pino-pretty'),
  );
  return pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', destination: output, sync: true });
};
