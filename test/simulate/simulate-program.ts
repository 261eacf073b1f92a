import { Command } from 'commander';
import { runProgram } from '../../src/cli/program.ts';
import { mergeCommand } from '../../src/cli/simulate/merge-command.ts';
import { simulateCommand } from '../../src/cli/simulate/simulate-command.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

/** `raftchart` with the two commands under test, as a process of its own. */
await runProgram(
  new Command('raftchart').addCommand(simulateCommand()).addCommand(mergeCommand()),
  2,
  (error) => (error instanceof UsageError ? 2 : null),
);
