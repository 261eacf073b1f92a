import { Command, InvalidArgumentError, Option } from 'commander';
import { runCheck } from '../../check/check-command.ts';

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1)
    throw new InvalidArgumentError('expected a whole number, at least 1.');
  return count;
};

/** `raftchart check`: is anybody's history linearizable? Exit code 0: yes, 1: no, 2: no verdict. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('Checks whether a history of client operations (NDJSON, docs/histories.md) is linearizable.')
    .argument('<file>', 'the history; - is standard input')
    .addOption(
      new Option('--format <format>', 'how the verdict is written')
        .choices(['human', 'json'])
        .default('human'),
    )
    .option(
      '--max-configurations <n>',
      'give up, without a verdict, beyond this many configurations at one event',
      parseCount,
    )
    .action(async (file: string, flags: { format: 'human' | 'json'; maxConfigurations?: number }) => {
      process.exitCode = await runCheck(file, { stdout: process.stdout, stderr: process.stderr, ...flags });
    });
