import { Command } from 'commander';
import { PackageMissing } from '../statechart/missing-package.ts';
import { adapterCommand } from './adapter/adapter-command.ts';
import { certsCommand } from './certs/certs-command.ts';
import { tokenCommand } from './certs/token-command.ts';
import { checkCommand } from './check/check-command.ts';
import { clientCommand } from './client/client-command.ts';
import { clusterCommand } from './cluster/cluster-command.ts';
import { completionCommand } from './completion/completion-command.ts';
import { conformanceCommand } from './conformance/conformance-command.ts';
import { coverageCommand } from './coverage/coverage-command.ts';
import { diagramCommand } from './diagram/diagram-command.ts';
import { diffCommand } from './diagram/diff-command.ts';
import { sequenceCommand } from './diagram/sequence-command.ts';
import { exploreCommand } from './explore/explore-command.ts';
import { inspectLogCommand } from './inspect-log/inspect-log-command.ts';
import { lintCommand } from './lint/lint-command.ts';
import { testCommand } from './model-test/test-command.ts';
import { nodeCommand } from './node/node-command.ts';
import { pathsCommand } from './paths/paths-command.ts';
import { playCommand } from './play/play-command.ts';
import { runProgram } from './program.ts';
import { repairCommand } from './repair/repair-command.ts';
import { restoreCommand } from './restore/restore-command.ts';
import { scenarioCommand } from './scenario/scenario-command.ts';
import { mergeCommand } from './simulate/merge-command.ts';
import { simulateCommand } from './simulate/simulate-command.ts';
import { UsageError } from './usage-error.ts';
import { validateCommand } from './validate/validate-command.ts';
import { version } from './version.ts';
import { viewCommand } from './view/view-command.ts';

/** Exit code of `raftchart` for unusable input, and for output that cannot be written. */
const unusableInput = 2;

/** Runs the command line of this process. */
export const main = (): Promise<void> =>
  runProgram(chartCommand(), unusableInput, (error) =>
    error instanceof UsageError || error instanceof PackageMissing ? unusableInput : null,
  );

/** `raftchart`: everything that can be done with the charts besides running one node. */
export const chartCommand = (): Command => {
  const command = new Command('raftchart')
    .description('Raft as executable statecharts.')
    .version(version)
    .addHelpText(
      'after',
      '\nExit codes: 0 everything holds, 1 a violation or a difference, 2 unusable input, or output that cannot be written, 70 an internal error.',
    );
  for (const each of [
    clusterCommand(),
    simulateCommand(),
    exploreCommand(),
    mergeCommand(),
    scenarioCommand(),
    playCommand(),
    validateCommand(),
    checkCommand(),
    coverageCommand(),
    conformanceCommand(),
    diagramCommand(),
    diffCommand(),
    lintCommand(),
    sequenceCommand(),
    viewCommand(),
    pathsCommand(),
    testCommand(),
    adapterCommand(),
    restoreCommand(),
    inspectLogCommand(),
    repairCommand(),
    certsCommand(),
    tokenCommand(),
    completionCommand(() => [command, nodeCommand(version), clientCommand(version, () => {})]),
  ]) {
    command.addCommand(each);
  }
  return command;
};
