import {
  closeSync,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import type { Log } from '../../ports/log.ts';
import type { Storage } from '../../ports/storage.ts';
import type { NodeId } from '../../raft/types.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { briefTraceLine } from '../../trace/trace-line.ts';
import { type NodeTracer, traceNode } from '../../verify/node-tracer.ts';
import { exitCodes } from '../exit-codes.ts';
import { StartRefused } from './start-refused.ts';

/** So much waits for a disk that is slower than the node; then lines are lost, but never the node's time. */
const maxWaitingBytes = 64 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const flushMs = 100;
/** As many as some milliseconds make lines of. */
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
  const file = new PatientFile(path, log);
  // Lines are made and handed over many at a time: by itself, each would be made by code that the processor has long forgotten.
  let waiting: TimedEvent[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const lines = waiting.map((event) => `${briefTraceLine(event)}\n`);
    waiting = [];
    file.write(lines);
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
      file.close();
    },
  };
};

/** A file that takes what it can, and never makes anybody wait: what a full or slow disk does not take is lost, and counted. */
class PatientFile {
  readonly #path: string;
  readonly #log: Log;
  /** Null: the last write failed. */
  #stream: WriteStream | null = null;
  #lost = 0;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  write(lines: readonly string[]): void {
    const stream = this.#stream ?? this.#open();
    if (stream === null || stream.writableLength > maxWaitingBytes) {
      this.#lose(lines.length, 'the disk is slower than the node');
      return;
    }
    stream.write(lines.join(''), (error) => {
      if (error !== null && error !== undefined) this.#lose(lines.length, error.message);
      else if (this.#lost > 0) {
        this.#log.warn(
          { file: this.#path, lines: this.#lost },
          'the trace goes on after lines that are lost',
        );
        this.#lost = 0;
      }
    });
  }

  /** Whatever cannot be written any more is lost. */
  close(): void {
    this.#stream?.end();
  }

  #open(): WriteStream | null {
    try {
      // A write that failed may have left half a line.
      prepare(this.#path);
    } catch (error) {
      this.#lose(0, (error as Error).message);
      return null;
    }
    const stream = createWriteStream(this.#path, { flags: 'a' });
    stream.on('error', () => {
      if (this.#stream === stream) this.#stream = null;
    });
    this.#stream = stream;
    return stream;
  }

  #lose(lines: number, reason: string): void {
    if (this.#lost === 0) this.#log.warn({ file: this.#path, reason }, 'lines of the trace are lost');
    this.#lost += Math.max(1, lines);
  }
}

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
