import { Command, InvalidArgumentError, Option } from 'commander';
import { countOf, type LintedMachine } from '../../statechart/lint/report.ts';
import { lintJson } from '../../statechart/lint/report-json.ts';
import { lintJunit } from '../../statechart/lint/report-junit.ts';
import { lintSarif } from '../../statechart/lint/report-sarif.ts';
import { lintText } from '../../statechart/lint/report-text.ts';
import { emit } from '../emit.ts';
import { knownCharts } from '../machine/known-charts.ts';
import { type MachineFlags, withMachineFlags } from '../machine/machine-flags.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';
import { parseRuleFlag } from './lint-config.ts';
import { lintMachine } from './lint-machine.ts';

const formats = ['text', 'json', 'sarif', 'junit'] as const;

interface Flags extends MachineFlags {
  readonly format: (typeof formats)[number];
  readonly config?: string;
  readonly rule: readonly string[];
  readonly maxWarnings?: number;
  readonly output?: string;
}

const parseCount = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number, 0 or more.');
};

const foundCode = 1;

/** `raftchart lint`: what is wrong with a chart, by rules that reason about it. docs/lint.md */
export const lintCommand = (): Command =>
  withMachineFlags(
    new Command('lint')
      .description(
        'Looks for faults in machines: 0 if there is no error, 1 if there is one, 2 if a machine does not load. docs/lint.md',
      )
      .argument(
        '[machines...]',
        'FILE or FILE#NAME, or a chart of raftchart by its name; without any, all charts of raftchart',
      )
      .addOption(new Option('--format <format>').choices(formats).default('text'))
      .option('--config <file>', 'instead of the raftchart-lint.json nearest to each machine')
      .addOption(
        new Option(
          '--rule <name=setting>',
          'off, info, warning or error for one rule; may be given several times',
        )
          .argParser((each: string, before: readonly string[]) => [...before, each])
          .default([], 'what each rule says'),
      )
      .option('--max-warnings <n>', 'exit with 1 if there are more warnings', parseCount)
      .option('-o, --output <file>', 'write to this file instead of standard output'),
  ).action(async (operands: readonly string[], flags: Flags) => {
    const settings = Object.fromEntries(flags.rule.map(parseRuleFlag));
    const asked = operands.length > 0 ? operands : knownCharts.map(({ name }) => name);
    if (flags.export !== undefined && asked.length > 1)
      throw new UsageError('--export is for a single machine: write FILE#NAME for each');
    const machines: LintedMachine[] = [];
    for (const operand of asked) machines.push(await lintMachine(operand, { ...flags, settings }));
    emit(await reportOf(machines, flags), flags.output);
    const hasTooMany = flags.maxWarnings !== undefined && countOf(machines, 'warning') > flags.maxWarnings;
    if (countOf(machines, 'error') > 0 || hasTooMany) process.exitCode = foundCode;
  });

const reportOf = async (machines: readonly LintedMachine[], { format, output }: Flags): Promise<string> => {
  switch (format) {
    case 'text':
      return lintText(machines, output === undefined && process.stdout.isTTY && !process.env.NO_COLOR);
    case 'json':
      return lintJson(machines);
    case 'sarif':
      return lintSarif(machines, version);
    case 'junit':
      return lintJunit(machines);
  }
};
