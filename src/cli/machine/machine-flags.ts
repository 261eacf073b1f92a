import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseLongDuration } from '../flag-values.ts';
import type { MachineOperand } from './machine-operand.ts';
import type { TaskArgument, TaskName, TaskResult } from './machine-tasks.ts';
import { type ChildOptions, runInChild } from './run-in-child.ts';

/** The flags of every command that takes a machine, as commander hands them over. */
export interface MachineFlags {
  readonly export?: string;
  readonly loadTimeout: number;
  readonly verbose: boolean;
}

const parseTimeout = (text: string): number => {
  try {
    return parseLongDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
};

/** Adds the flags of `MachineFlags` to a command. `verbose`: what `--verbose` does besides. */
export const withMachineFlags = (command: Command, verbose?: string): Command =>
  command
    .option('--export <name>', 'which export of the module; the same as FILE#name')
    .addOption(
      new Option('--load-timeout <duration>', 'how long a module may take to load')
        .argParser(parseTimeout)
        .default(30_000, '30s'),
    )
    .option(
      '--verbose',
      `${verbose === undefined ? '' : `${verbose}, and `}show on stderr what the module prints`,
      false,
    );

/** What `task` makes of the machine that `operand` stands for. Rejects with `UsageError`. */
export const runMachineTask = async <Name extends TaskName>(
  operand: MachineOperand,
  task: Name,
  argument: TaskArgument<Name>,
  flags: Pick<MachineFlags, 'loadTimeout' | 'verbose'>,
  options: Omit<ChildOptions, 'timeoutMs' | 'isVerbose'> = {},
): Promise<TaskResult<Name>> =>
  runInChild(operand, task, argument, {
    timeoutMs: flags.loadTimeout,
    isVerbose: flags.verbose,
    ...options,
  });
