import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { projectRoot } from './all-mutants.ts';
import type { SourceMutant } from './source-mutant.ts';

const config = fileURLToPath(new URL('./mutated-test.config.ts', import.meta.url));
const vitest = fileURLToPath(new URL('node_modules/vitest/vitest.mjs', projectRoot));

/** Whether a test file, such as `test/raft/log-shape.test.ts`, fails, or does not end, with the mutant in the sources. */
export const isFoundByItsTest = (mutant: SourceMutant, test: string): boolean => {
  const { status, signal } = spawnSync(process.execPath, [vitest, 'run', test, '--config', config], {
    cwd: fileURLToPath(projectRoot),
    env: { ...process.env, RAFTCHART_MUTANT: JSON.stringify(mutant) },
    stdio: 'ignore',
    timeout: 120_000,
  });
  return status === 1 || signal !== null;
};
