import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { TimedEvent } from '../../trace/events.ts';
import { UsageError } from '../usage-error.ts';

const chunkBytes = 1 << 20;

/** The events of a trace, one by one: traces of long runs do not fit into memory. */
export function* readTrace(path: string): Generator<TimedEvent> {
  let at = 0;
  for (const line of linesOf(path)) {
    at++;
    if (line.trim() === '') continue;
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      throw new UsageError(`${path} is not a complete trace: line ${at} is not JSON`);
    }
    if (isTimedEvent(event)) yield event;
    // A trace may begin with a line about the run itself.
    else if (at > 1)
      throw new UsageError(`${path} is not a trace: line ${at} is not an event of a simulation`);
  }
}

const isTimedEvent = (event: unknown): event is TimedEvent => {
  const { atMs, type, transitions } = (event ?? {}) as Partial<Extract<TimedEvent, { type: 'chart' }>>;
  if (typeof atMs !== 'number' || typeof type !== 'string') return false;
  const isTransition = (each: unknown) => {
    const { id, state, event: taken } = (each ?? {}) as { id?: unknown; state?: unknown; event?: unknown };
    return typeof id === 'string' && typeof state === 'string' && typeof taken === 'string';
  };
  return type !== 'chart' || (Array.isArray(transitions) && transitions.every(isTransition));
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
