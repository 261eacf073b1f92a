import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type HistoryFormat, readRecording } from './formats/read-recording.ts';
import { checkModelled, type Modelled, type ModelName, modelled } from './models/built-in.ts';
import { type Model, UnusableModel } from './models/model.ts';
import { UnreadableHistory, type Value } from './operation.ts';
import type { Places, Recording } from './recording.ts';
import type { Verdict } from './verdict-of-keys.ts';
import { verdictJson, verdictText } from './verdict-text.ts';

export interface CheckInput {
  /** `kv` by default. */
  readonly model?: ModelName | { readonly name: string; readonly model: Model };
  /** By default what the file looks like. */
  readonly from?: HistoryFormat;
  /** What each key holds at the beginning. */
  readonly initial?: Value;
  readonly maxConfigurations?: number;
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly format: 'human' | 'json';
  /** Is shown what was found, before it is written. */
  readonly onVerdict?: (checked: Checked) => void;
}

export interface Checked {
  readonly name: string;
  readonly meant: Modelled;
  readonly verdict: Verdict;
  readonly places: Places;
}

/**
 * `raftchart check FILE`: reads a history (`-` is standard input) and writes the verdict to `stdout`. Resolves to
 * the exit code: 0 linearizable; 1 not; 2 no verdict, since the history cannot be read or the model cannot be used (one line on
 * `stderr`) or `maxConfigurations` did not suffice. Never rejects for what a person, a file or a model can do wrong.
 */
export const runCheck = async (file: string, input: CheckInput): Promise<0 | 1 | 2> => {
  const name = file === '-' ? 'standard input' : file;
  const { model = 'kv' } = input;
  try {
    const recording = await recordingIn(file, input);
    const meant = modelled(recording, typeof model === 'string' ? model : model.model, input.initial);
    const { maxConfigurations } = input;
    const verdict = checkModelled(meant, maxConfigurations === undefined ? {} : { maxConfigurations });
    const { places } = recording;
    input.onVerdict?.({ name, meant, verdict, places });
    const describeState = meant.kind === 'values' ? meant.describeState : String;
    const written =
      input.format === 'json' ? `${verdictJson(verdict)}\n` : verdictText(verdict, { places, describeState });
    input.stdout.write(written);
    return exitCodeOf(verdict);
  } catch (error) {
    const culprit = error instanceof UnusableModel && typeof model !== 'string' ? model.name : name;
    input.stderr.write(`${culprit}: ${problemOf(error)}\n`);
    return 2;
  }
};

const recordingIn = async (file: string, { stdin = process.stdin, from }: CheckInput): Promise<Recording> =>
  readRecording(file === '-' ? await text(stdin) : await readFile(file, 'utf8'), from);

/** A programming error is rethrown. */
const problemOf = (error: unknown): string => {
  if (error instanceof UnreadableHistory || error instanceof UnusableModel) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE')
    return 'too large: 512 MiB are the most';
  if (typeof code === 'string') return `cannot be read (${code})`;
  throw error;
};

const exitCodeOf = ({ result }: Verdict): 0 | 1 | 2 =>
  result === 'linearizable' ? 0 : result === 'notLinearizable' ? 1 : 2;
