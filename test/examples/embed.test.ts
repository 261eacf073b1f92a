import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the embedding example replicates a counter through the loss of its leader and a restart of all', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['examples/embed.ts']);
  expect(
    stdout
      .replace(/node\d/, 'nodeN')
      .trim()
      .split('\n'),
  ).toEqual([
    'added 1: 1',
    'added 10: 11',
    'stopping the leader, nodeN',
    'added 100: 111',
    'after a restart of all, added 0: 111',
  ]);
}, 30_000);
