import { expect, it } from 'vitest';
import { runExample } from './run-example.ts';

it('the embedding example replicates a counter through the loss of its leader and a restart of all', async () => {
  const lines = await runExample('embed');
  expect(lines.map((line) => line.replace(/node\d/, 'nodeN'))).toEqual([
    'added 1: 1',
    'added 10: 11',
    'stopping the leader, nodeN',
    'added 100: 111',
    'after a restart of all, added 0: 111',
  ]);
}, 30_000);
