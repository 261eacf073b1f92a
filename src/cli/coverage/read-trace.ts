import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { lengthProblem } from '../../check/formats/line-length.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { parseTraceLine, StateFiller, UnreadableTrace } from '../../trace/parse-trace.ts';
import { UsageError } from '../usage-error.ts';

const chunkBytes = 1 << 20;

/** An event, and the line where it stands, from 1 on. */
export interface PlacedEvent {
  readonly event: TimedEvent;
  readonly line: number;
}

/** The events of a trace, one by one: traces of long runs do not fit into memory. Throws `UsageError`. */
export function* readTrace(path: string): Generator<TimedEvent> {
  for (const { event } of readPlacedTrace(path)) yield event;
}

/** The same, with their places. A run that was killed may have left half a line at the end, which is left out. */
export function* readPlacedTrace(path: string): Generator<PlacedEvent> {
  const states = new StateFiller();
  let line = 0;
  for (const { text, isWhole } of readLines(path)) {
    line++;
    const event = parsed(path, text, line, !isWhole && line > 1);
    if (event !== null) yield { event: states.fill(event), line };
  }
}

const parsed = (path: string, text: string, line: number, mayBeTorn: boolean): TimedEvent | null => {
  try {
    return parseTraceLine(text, line);
  } catch (error) {
    if (!(error instanceof UnreadableTrace)) throw error;
    if (mayBeTorn) return null;
    throw new UsageError(`${path} is ${error.message}`);
  }
};

export interface Line {
  readonly text: string;
  /** Whether it ends with a line break. */
  readonly isWhole: boolean;
}

/** The lines of a file, one by one. Throws `UsageError` if it cannot be read, or a line is too long for one. */
export function* readLines(path: string): Generator<Line> {
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
    let line = 1;
    for (let size = read(file, chunk, path); size > 0; size = read(file, chunk, path)) {
      const [end, ...others] = decoder.write(chunk.subarray(0, size)).split('\n');
      const begun = [rest + end, ...others];
      rest = begun.pop()!;
      for (const text of begun) {
        checkLength(path, text, line++);
        yield { text, isWhole: true };
      }
      checkLength(path, rest, line);
    }
    if (rest !== '') yield { text: rest, isWhole: false };
  } finally {
    closeSync(file);
  }
}

const checkLength = (path: string, text: string, line: number): void => {
  const problem = lengthProblem(text);
  if (problem !== null) throw new UsageError(`${path}:${line}: ${problem}`);
};

const read = (file: number, chunk: Buffer, path: string): number => {
  try {
    return readSync(file, chunk);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`);
  }
};
