import { appendFile, closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import type { Log } from '../../ports/log.ts';
import type { Storage } from '../../ports/storage.ts';
import type { NodeId } from '../../raft/types.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { briefTraceLine } from '../../trace/trace-line.ts';
import { type NodeTracer, traceNode } from '../../verify/node-tracer.ts';
import { exitCodes } from '../exit-codes.ts';
import { PatientOutput, type Sink } from './patient-output.ts';
import { StartRefused } from './start-refused.ts';

/** How many characters may wait for a slow disk; beyond that, lines are lost rather than the node's time. */
const maxWaiting = 64 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const flushMs = 100;
/** So many are made into lines in a few milliseconds. */
const maxWaitingEvents = 500;
/** How every line of a trace begins. */
const lineBegins = '{"atMs":';

export interface TraceFile {
  /** What the node whose storage was just opened is started with. */
  trace(id: NodeId, storage: Storage): NodeTracer;
  /** Writes what waits. */
  close(): void;
}

/** Appends a trace to `path`: the runs of a node stand in it one after another. Throws `StartRefused`. */
export const openTraceFile = (path: string, log: Log): TraceFile => {
  // Otherwise the failure would come when the node runs.
  try {
    prepare(path);
  } catch (error) {
    throw new StartRefused(`cannot write a trace to ${path}: ${(error as Error).message}`, exitCodes.failure);
  }
  const output = new PatientOutput({
    sink: sinkInto(path),
    maxWaiting,
    lost: (reason) => log.warn({ file: path, reason }, 'lines of the trace are lost'),
    goesOn: (lines) => log.warn({ file: path, lines }, 'the trace goes on after lines that are lost'),
  });
  // Lines are made many at a time: one by one, each would find its code evicted from the processor's caches.
  let waiting: TimedEvent[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const lines = waiting.map((event) => `${briefTraceLine(event)}\n`);
    waiting = [];
    output.write(...lines);
  };
  const timer = setInterval(flush, flushMs).unref();
  return {
    trace: (id, storage) =>
      traceNode(id, storage, (event) => {
        const atMs = Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
        waiting.push({ atMs, ...event });
        if (waiting.length >= maxWaitingEvents) flush();
      }),
    close: () => {
      clearInterval(timer);
      flush();
    },
  };
};

/** Appends to the file that was opened, even if it is moved; after a failure, to the file that has its name then. */
const sinkInto = (path: string): Sink => {
  let file: number | null = null;
  return (text, done) => {
    try {
      if (file === null) {
        // A write that failed may have left half a line.
        prepare(path);
        file = openSync(path, 'a');
      }
      const open = file;
      appendFile(open, text, (error) => {
        if (error !== null) {
          closeSync(open);
          file = null;
        }
        done(error);
      });
    } catch (error) {
      setImmediate(() => done(error as Error));
    }
  };
};

/** Makes the file if there is none, and cuts off half a line that a killed run has left behind. Throws for what is no trace. */
const prepare = (path: string): void => {
  // To open a pipe would wait for a reader.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new Error('it is not a regular file; name one');
  closeSync(openSync(path, 'a'));
  const file = openSync(path, 'r+');
  try {
    const stat = fstatSync(file);
    if (stat.size === 0) return;
    const chunk = Buffer.alloc(chunkBytes);
    const begins = chunk.toString('latin1', 0, readSync(file, chunk, 0, lineBegins.length, 0));
    if (!lineBegins.startsWith(begins))
      throw new Error('the file is there, and is no trace; name another one');
    for (let end = stat.size; end > 0; ) {
      const start = Math.max(0, end - chunk.length);
      const size = readSync(file, chunk, 0, end - start, start);
      const at = chunk.subarray(0, size).lastIndexOf(0x0a);
      if (at >= 0 || start === 0) {
        ftruncateSync(file, at < 0 ? 0 : start + at + 1);
        return;
      }
      end = start;
    }
  } finally {
    closeSync(file);
  }
};
