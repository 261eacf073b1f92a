import { expect, it } from 'vitest';
import { clusterCommand } from '../../src/cli/cluster/cluster-command.ts';

it('raftchart cluster --help names the choices that its nodes take', () => {
  const help = clusterCommand().helpInformation();
  expect(help).toMatch(/--transport <kind>.*\(choices: "tcp", "http"\)/);
  expect(help).toMatch(/--storage <kind>.*\(choices: "wal", "json"\)/);
});
