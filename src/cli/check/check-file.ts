import { writeFileSync } from 'node:fs';
import { type Checked, type CheckInput, runCheck } from '../../check/check-command.ts';
import { UsageError } from '../usage-error.ts';
import { historyHtml } from './history-html.ts';
import { historyPicture } from './history-picture.ts';
import { loadModel } from './load-model.ts';

/** What `raftchart check` was asked; plain data. */
export interface CheckRequest extends Pick<CheckInput, 'from' | 'initial' | 'format' | 'maxConfigurations'> {
  /** `-`: standard input. */
  readonly file: string;
  readonly model: string;
  readonly html?: string;
}

/** What the command ends with. */
export interface CheckAnswer {
  readonly code: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** Checks the history in a file. Rejects only for our own bug. */
export const checkFile = async ({ file, model, html, ...flags }: CheckRequest): Promise<CheckAnswer> => {
  const written = { stdout: '', stderr: '' };
  const into = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const onVerdict = (checked: Checked): void => {
    if (html !== undefined) writeHtml(html, checked);
  };
  try {
    const loaded = await loadModel(model);
    const outputs = { stdout: into('stdout'), stderr: into('stderr') };
    return { code: await runCheck(file, { ...outputs, ...flags, model: loaded, onVerdict }), ...written };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { code: 2, stdout: '', stderr: `${error.message}\n` };
  }
};

const writeHtml = (file: string, checked: Checked): void => {
  try {
    writeFileSync(file, historyHtml(historyPicture(checked)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    throw new UsageError(`${file}: cannot be written (${error.code})`);
  }
};
