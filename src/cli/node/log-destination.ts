import pino from 'pino';
import pretty from 'pino-pretty';
import type { NodeOptions } from './node-options.ts';

/** How much of the log waits for an output that is blocked; anything more is dropped. */
const maxWaitingBytes = 64 * 1024;

/** Standard output, as a node writes its log there. A full disk, or a reader that is gone, costs log lines but never the node. */
export const logDestination = (format: NodeOptions['logFormat']): pino.DestinationStream => {
  const output = pino.destination({ dest: 1, sync: true, maxLength: maxWaitingBytes });
  let isTold = false;
  output.on('error', (error: Error) => {
    if (isTold) return;
    isTold = true;
    process.stderr.write(`cannot write the log, continuing without it: ${error.message}\n`);
  });
  return format === 'pretty'
    ? pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname', destination: output, sync: true })
    : output;
};
