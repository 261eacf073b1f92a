import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { TimedEvent } from '../../trace/events.ts';
import { parseTraceLine, UnreadableTrace } from '../../trace/parse-trace.ts';
import { UsageError } from '../usage-error.ts';

const chunkBytes = 1 << 20;

/** The events of a trace, one by one: traces of long runs do not fit into memory. */
export function* readTrace(path: string): Generator<TimedEvent> {
  let at = 0;
  for (const line of linesOf(path)) {
    at++;
    const event = parsed(path, line, at);
    if (event !== null) yield event;
  }
}

const parsed = (path: string, line: string, at: number): TimedEvent | null => {
  try {
    return parseTraceLine(line, at);
  } catch (error) {
    if (error instanceof UnreadableTrace) throw new UsageError(`${path} is ${error.message}`);
    throw error;
  }
};

function* linesOf(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    const decoder = new StringDecoder('utf8');
    const chunk = Buffer.alloc(chunkBytes);
    let rest = '';
    for (let size = read(file, chunk, path); size > 0; size = read(file, chunk, path)) {
      const lines = (rest + decoder.write(chunk.subarray(0, size))).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}

const read = (file: number, chunk: Buffer, path: string): number => {
  try {
    return readSync(file, chunk);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
};
