#!/usr/bin/env node
import { Command } from 'commander';
import { clusterCommand } from './cluster/cluster-command.ts';
import { runProgram } from './program.ts';
import { version } from './version.ts';

const command = new Command('raftchart')
  .description('Raft as executable statecharts.')
  .version(version)
  .addCommand(clusterCommand());

/** Bad usage is 2 here, as for every unusable input of `raftchart`. */
await runProgram(command, 2, () => null);
