import { appendFile, fstatSync, writeSync } from 'node:fs';
import pino from 'pino';
import { optionalPackage } from '../../statechart/missing-package.ts';
import { outliveOutput } from '../output-errors.ts';
import type { NodeOptions } from './node-options.ts';
import { PatientOutput, type Sink } from './patient-output.ts';

/** How much of the log waits for a slow reader: some thousands of lines. */
const maxWaiting = 1024 * 1024;
/** How long the last lines wait for a reader once the node has stopped. */
const lastWordsMs = 1000;
const stdout = 1;

export interface OpenLog {
  readonly log: pino.Logger;
  /** Nothing more is logged. Whatever is left, such as lines that nobody reads, keeps the process for a second at most. */
  end(): void;
}

/**
 * The log of a node, on the standard output. It never makes the node wait, and never ends it: lines that are not taken, by a full disk, by a reader that is slow, stopped or gone,
 * are lost, which is said once on stderr; how many were lost is logged as soon as lines are taken again. Rejects with `PackageMissing`.
 */
export const openLog = async ({
  logFormat,
  logLevel,
}: Pick<NodeOptions, 'logFormat' | 'logLevel'>): Promise<OpenLog> => {
  const format = logFormat === 'json' ? (line: string) => line : await prettyFormat();
  outliveOutput();
  if (process.stdout.isTTY) neverWaitFor(process.stdout);
  let isTold = false;
  const output = new PatientOutput({
    sink: isFile() ? fileSink() : streamSink,
    maxWaiting,
    lost: (reason) => {
      if (isTold) return;
      isTold = true;
      process.stderr.write(`cannot write the log, continuing without it: ${reason}\n`);
    },
    goesOn: (lines) => log.warn({ lines }, 'the log goes on after lines that are lost'),
  });
  const log = pino({ level: logLevel, base: null }, { write: (line) => output.write(format(line)) });
  // Of a process that crashes, the last lines are what matters.
  if (isFile()) process.once('exit', () => writeRest(output.take()));
  return {
    log,
    end: () => {
      setTimeout(() => process.exit(), lastWordsMs).unref();
    },
  };
};

const prettyFormat = async (): Promise<(line: string) => string> => {
  const { prettyFactory } = await optionalPackage(
    'pino-pretty',
    '--log-format pretty',
    () => import('pino-pretty'),
  );
  return prettyFactory({ colorize: process.stdout.isTTY, ignore: 'pid,hostname' });
};

/** A terminal whose output is stopped (Ctrl-S) would stop the node. Node.js writes to pipes without waiting, and has no public way to do so with terminals; the package set-blocking does it like this. */
const neverWaitFor = (terminal: NodeJS.WriteStream): void => {
  const { _handle: handle } = terminal as { _handle?: { setBlocking?: (isBlocking: boolean) => void } };
  handle?.setBlocking?.(false);
};

/** Whether the standard output is no pipe, socket or terminal. `process.stdout` would write to it in the node's own time, and wait for the disk. */
const isFile = (): boolean => {
  const stat = fstatSync(stdout);
  return stat.isFile() || (stat.isCharacterDevice() && !process.stdout.isTTY);
};

const fileSink = (): Sink => {
  let isTorn = false;
  return (text, done) =>
    appendFile(stdout, isTorn ? `\n${text}` : text, (error) => {
      // It may have ended in the middle of a line.
      isTorn = error !== null;
      done(error);
    });
};

const streamSink: Sink = (text, done) => {
  process.stdout.write(text, (error) => done(error ?? null));
};

const writeRest = (text: string): void => {
  try {
    if (text !== '') writeSync(stdout, text);
  } catch {
    // There is nobody left to tell.
  }
};
