import { Command } from 'commander';
import { clusterCommand } from './cluster/cluster-command.ts';
import { runProgram } from './program.ts';
import { version } from './version.ts';

/** Exit code of `raftchart` for input that cannot be used. */
const unusableInput = 2;

/** `raftchart`: what can be done with the charts besides running one node. */
export const main = (): Promise<void> =>
  runProgram(
    new Command('raftchart')
      .description('Raft as executable statecharts.')
      .version(version)
      .addCommand(clusterCommand()),
    unusableInput,
    () => null,
  );
