import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeFlags } from '../../src/cli/node-flags.ts';

it('raft-node started by its name runs Node as the cluster command does', () => {
  const [shebang] = readFileSync('src/cli/raft-node.ts', 'utf8').split('\n');
  expect(shebang).toBe(`#!/usr/bin/env -S node ${nodeFlags.join(' ')}`);
});
