import { accessSync, constants, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the built commands can be executed, whatever npx has or has not done to them', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
  expect(Object.keys(bin)).toEqual(['raft-node', 'raft-client', 'raftchart']);
  for (const file of Object.values(bin)) accessSync(file, constants.X_OK);
});
