import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import pino from 'pino';
import type { Log } from '../../ports/log.ts';
import type { Storage } from '../../ports/storage.ts';
import type { NodeId } from '../../raft/types.ts';
import { briefTraceLine } from '../../trace/trace-line.ts';
import { type NodeTracer, traceNode } from '../../verify/node-tracer.ts';
import { exitCodes } from '../exit-codes.ts';
import { StartRefused } from './start-refused.ts';

/** So much waits for a disk that is slower than the node; then lines are lost, but never the node's time. */
const maxWaitingBytes = 64 * 1024 * 1024;
const writeBytes = 64 * 1024;
const flushMs = 100;

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
    closeSync(openSync(path, 'a'));
    cutTornLine(path);
  } catch (error) {
    throw new StartRefused(`cannot write a trace to ${path}: ${(error as Error).message}`, exitCodes.failure);
  }
  const file = pino.destination({
    dest: path,
    append: true,
    sync: false,
    maxWrite: 16 * writeBytes,
    maxLength: maxWaitingBytes,
  });
  let isTold = false;
  const tell = (reason: string): void => {
    if (!isTold) log.warn({ file: path, reason }, 'lines of the trace are lost');
    isTold = true;
  };
  file.on('error', (error: Error) => tell(error.message));
  file.on('drop', () => tell('the disk is slower than the node'));
  // Many lines are handed over at once: each time costs more than a line.
  let lines = '';
  const flush = (): void => {
    if (lines !== '') file.write(lines);
    lines = '';
  };
  const timer = setInterval(flush, flushMs).unref();
  return {
    trace: (id, storage) =>
      traceNode(id, storage, (event) => {
        const atMs = Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
        lines += `${briefTraceLine({ atMs, ...event })}\n`;
        if (lines.length >= writeBytes) flush();
      }),
    close: () => {
      clearInterval(timer);
      flush();
      file.end();
    },
  };
};

/** A run that was killed may have left half a line behind. */
const cutTornLine = (path: string): void => {
  const file = openSync(path, 'r+');
  try {
    const chunk = Buffer.alloc(writeBytes);
    for (let end = fstatSync(file).size; end > 0; ) {
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
