import { Command } from 'commander';
import { vi } from 'vitest';
import { certsCommand } from '../../src/cli/certs/certs-command.ts';
import { tokenCommand } from '../../src/cli/certs/token-command.ts';
import { checkCommand } from '../../src/cli/check/check-command.ts';
import { conformanceCommand } from '../../src/cli/conformance/conformance-command.ts';
import { coverageCommand } from '../../src/cli/coverage/coverage-command.ts';
import { exploreCommand } from '../../src/cli/explore/explore-command.ts';
import { inspectLogCommand } from '../../src/cli/inspect-log/inspect-log-command.ts';
import { lintCommand } from '../../src/cli/lint/lint-command.ts';
import { testCommand } from '../../src/cli/model-test/test-command.ts';
import { pathsCommand } from '../../src/cli/paths/paths-command.ts';
import { playCommand } from '../../src/cli/play/play-command.ts';
import { runProgram } from '../../src/cli/program.ts';
import { repairCommand } from '../../src/cli/repair/repair-command.ts';
import { restoreCommand } from '../../src/cli/restore/restore-command.ts';
import { scenarioCommand } from '../../src/cli/scenario/scenario-command.ts';
import { simulateCommand } from '../../src/cli/simulate/simulate-command.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { validateCommand } from '../../src/cli/validate/validate-command.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `raftchart` with those of its commands that tests run, in this process. One at a time. */
export const raftchart = async (...args: readonly string[]): Promise<Ended> => {
  const written = { stdout: '', stderr: '' };
  const catchUp = (name: keyof typeof written) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += text;
      return true;
    });
  const spies = [catchUp('stdout'), catchUp('stderr')];
  const { argv } = process;
  process.argv = ['node', 'raftchart', ...args];
  try {
    const command = new Command('raftchart');
    for (const each of [
      certsCommand(),
      tokenCommand(),
      checkCommand(),
      exploreCommand(),
      simulateCommand(),
      conformanceCommand(),
      lintCommand(),
      pathsCommand(),
      playCommand(),
      testCommand(),
      coverageCommand(),
      scenarioCommand(),
      validateCommand(),
      restoreCommand(),
      inspectLogCommand(),
      repairCommand(),
    ]) {
      command.addCommand(each);
    }
    await runProgram(command, 2, (error) => (error instanceof UsageError ? 2 : null));
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.argv = argv;
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
};
