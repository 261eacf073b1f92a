import { Command, InvalidArgumentError, Option } from 'commander';
import { type HistoryFormat, historyFormats } from '../../check/formats/read-recording.ts';
import { modelNames } from '../../check/models/built-in.ts';
import type { Value } from '../../check/operation.ts';
import { parseLongDuration } from '../flag-values.ts';
import { parsedBy } from '../parsed-by.ts';
import { type CheckRequest, checkFile } from './check-file.ts';
import { checkOnThread } from './check-on-thread.ts';

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
  readonly timeout?: number;
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
    .option(
      '--timeout <duration>',
      'give up, without a verdict, after so long: 30s, 10m',
      parsedBy(parseLongDuration),
    )
    .action(async (file: string, { timeout, ...flags }: Flags) => {
      const request: CheckRequest = { file, ...flags };
      const isOwnModel = !(modelNames as readonly string[]).includes(flags.model);
      const { code, stdout, stderr } =
        isOwnModel || timeout !== undefined
          ? await checkOnThread(request, timeout)
          : await checkFile(request);
      if (stdout !== '') process.stdout.write(stdout);
      if (stderr !== '') process.stderr.write(stderr);
      process.exitCode = code;
    });
