import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { type EtcdDialect, EtcdTrace } from '../trace/etcd-trace.ts';
import type { TimedEvent } from '../trace/events.ts';
import { traceLine } from '../trace/trace-line.ts';
import { UsageError } from './usage-error.ts';

export const traceFormats = ['raftchart', 'etcd', 'etcd-persist'] as const;
export type TraceFormat = (typeof traceFormats)[number];

/** Writes a trace into a file. It never throws while a run goes on: what went wrong is said at the end. */
export class TraceWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #linesOf: (event: TimedEvent) => readonly string[];
  #failed: Error | null = null;

  /** Throws `UsageError`. */
  constructor(path: string, format: TraceFormat) {
    this.#path = path;
    this.#linesOf = linesOf(format);
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  take(event: TimedEvent): void {
    if (this.#failed !== null) return;
    try {
      for (const line of this.#linesOf(event)) writeSync(this.#file, `${line}\n`);
    } catch (error) {
      this.#failed = error as Error;
    }
  }

  /** Throws `UsageError`, and leaves no file, if it cannot hold the whole trace. */
  close(): void {
    closeSync(this.#file);
    if (this.#failed === null) return;
    this.discard();
    throw this.#unusable(this.#failed);
  }

  /** The trace is not wanted. What is no regular file, such as /dev/stdout, stays. */
  discard(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.isFile()) rmSync(this.#path, { force: true });
  }

  #unusable(error: unknown): UsageError {
    return new UsageError(`cannot write ${this.#path}: ${(error as Error).message}`);
  }
}

const linesOf = (format: TraceFormat): ((event: TimedEvent) => readonly string[]) => {
  if (format === 'raftchart') return (event) => [traceLine(event)];
  const trace = new EtcdTrace(format satisfies EtcdDialect);
  return (event) => trace.take(event).map((line) => JSON.stringify(line));
};
