import { defineConfig } from 'vitest/config';
import { LongFilesFirst } from './test/long-files-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/verify/kept-results.setup.ts'],
    sequence: { sequencer: LongFilesFirst },
    // Vitest would leave one processor idle: half of a machine with two.
    maxWorkers: '100%',
    // A shared machine can be slow: a test that hangs is caught all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
