import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Checked, runCheck } from '../../check/check-command.ts';
import { type HistoryFormat, historyFormats } from '../../check/formats/read-recording.ts';
import { modelNames } from '../../check/models/built-in.ts';
import type { Value } from '../../check/operation.ts';
import { UsageError } from '../usage-error.ts';
import { historyHtml } from './history-html.ts';
import { historyPicture } from './history-picture.ts';
import { loadModel } from './load-model.ts';

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1)
    throw new InvalidArgumentError('expected a whole number, at least 1.');
  return count;
};

const parseInitial = (text: string): Value => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return value as Value;
  } catch {}
  throw new InvalidArgumentError(`expected a value in JSON, such as 0, '""' or null.`);
};

interface Flags {
  readonly model: string;
  readonly from?: HistoryFormat;
  readonly initial?: Value;
  readonly format: 'human' | 'json';
  readonly html?: string;
  readonly maxConfigurations?: number;
}

/** `raftchart check`: is anybody's history linearizable? Exit code 0: yes, 1: no, 2: no verdict. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('Checks whether a history of client operations is linearizable (docs/histories.md).')
    .argument('<file>', 'the history; - is standard input')
    .option(
      '--model <name or module>',
      `what the operations mean: ${modelNames.join(', ')}, or a module such as ./my-model.ts`,
      'kv',
    )
    .addOption(
      new Option('--from <format>', 'how the history is written; by default what it looks like').choices(
        historyFormats,
      ),
    )
    .option(
      '--initial <json>',
      'what each key or register holds at the beginning (default: null, absent)',
      parseInitial,
    )
    .addOption(
      new Option('--format <format>', 'how the verdict is written')
        .choices(['human', 'json'])
        .default('human'),
    )
    .option('--html <file>', 'also draws a timeline of the violation, or of one order if there is none')
    .option(
      '--max-configurations <n>',
      'give up, without a verdict, after so many configurations',
      parseCount,
    )
    .action(async (file: string, { model, html, ...flags }: Flags) => {
      const onVerdict = (checked: Checked): void => {
        if (html !== undefined) writeHtml(html, checked);
      };
      const loaded = await loadModel(model);
      const { stdout, stderr } = process;
      process.exitCode = await runCheck(file, { stdout, stderr, ...flags, model: loaded, onVerdict });
    });

const writeHtml = (file: string, checked: Checked): void => {
  try {
    writeFileSync(file, historyHtml(historyPicture(checked)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    throw new UsageError(`${file}: cannot be written (${error.code})`);
  }
};
