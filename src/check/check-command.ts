import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type CheckOptions, checkHistory, type Verdict } from './check-history.ts';
import type { History } from './history.ts';
import { UnreadableHistory } from './operation.ts';
import { parseHistoryLines } from './parse-history.ts';
import { verdictJson, verdictText } from './verdict-text.ts';

export interface CheckStreams extends CheckOptions {
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly format: 'human' | 'json';
}

/**
 * `raftchart check FILE`: reads a history (`-` is standard input) and writes the verdict to `stdout`. Resolves to
 * the exit code: 0 linearizable; 1 not; 2 no verdict, since the history cannot be read (one line on `stderr`) or
 * `maxConfigurations` did not suffice. Never rejects for what a person or a file can do wrong.
 */
export const runCheck = async (file: string, streams: CheckStreams): Promise<0 | 1 | 2> => {
  const name = file === '-' ? 'standard input' : file;
  let history: History;
  try {
    history = await parseHistoryLines(linesOf(file, streams.stdin));
  } catch (error) {
    streams.stderr.write(`${name}: ${problemOf(error)}\n`);
    return 2;
  }
  const verdict = checkHistory(history, streams);
  streams.stdout.write(streams.format === 'json' ? `${verdictJson(verdict)}\n` : verdictText(verdict));
  return exitCodeOf(verdict);
};

async function* linesOf(file: string, stdin: NodeJS.ReadableStream = process.stdin): AsyncIterable<string> {
  const input: NodeJS.ReadableStream = file === '-' ? stdin : createReadStream(file);
  // An error of the input does not reach the lines' iterator by itself.
  const failed = new Promise<never>((_, reject) => {
    input.once('error', reject);
  });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), failed]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    failed.catch(() => undefined);
    await lines.return?.();
  }
}

/** A programming error is rethrown. */
const problemOf = (error: unknown): string => {
  if (error instanceof UnreadableHistory) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'EACCES') return 'permission denied';
  if (typeof code === 'string') return `cannot be read (${code})`;
  throw error;
};

const exitCodeOf = ({ result }: Verdict): 0 | 1 | 2 =>
  result === 'linearizable' ? 0 : result === 'notLinearizable' ? 1 : 2;
