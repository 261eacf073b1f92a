import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { projectRoot } from './all-mutants.ts';
import { mutated, type SourceMutant } from './source-mutant.ts';

/** The mutant to run tests on, as JSON; set by `runMutatedTests`. */
const mutant = JSON.parse(process.env.RAFTCHART_MUTANT!) as SourceMutant;
const broken = fileURLToPath(new URL(mutant.file, projectRoot));

const mutate: Plugin = {
  name: 'mutate',
  enforce: 'pre',
  transform: (text, id) => (id === broken ? mutated(text, mutant) : null),
};

export default defineConfig({
  root: fileURLToPath(projectRoot),
  plugins: [mutate],
  test: {
    // The cache knows nothing of the mutant.
    fsModuleCache: false,
    // Nothing that a test leaves behind is seen by another: they start in half the time.
    isolate: false,
    // A thread ends with its process, even one that is caught in a loop.
    pool: 'threads',
    // As for all tests.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
