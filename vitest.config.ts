import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongFilesFirst } from './test/long-files-first.ts';

/** Tests of what acts on nothing outside itself: one worker runs one such file after the other, without starting or loading anything anew. */
const pure = [
  'check',
  'machines',
  'node',
  'raft',
  'statechart/compare',
  'statechart/draw',
  'statechart/read',
  'store/metrics',
  'store/sessions',
  'trace',
  'verify/properties',
].map((room) => `test/${room}/**/*.test.ts`);

const kept = fileURLToPath(new URL('node_modules/.cache/raftchart-tests', import.meta.url));

export default defineConfig({
  test: {
    // What one test file has generated, no other need generate again, nor a command that a test starts, nor a later run of the same
    // sources. `npm ci` begins anew.
    env: {
      XDG_CACHE_HOME: kept,
      // Each program loads hundreds of modules: Node.js keeps what it has compiled for the next one that loads them.
      NODE_COMPILE_CACHE: `${kept}/compiled`,
    },
    sequence: { sequencer: LongFilesFirst },
    // Vitest would leave one processor idle: half of a machine with two.
    maxWorkers: '100%',
    // A shared machine can be slow: a test that hangs is caught all the same.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'other',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...pure],
        },
      },
    ],
  },
});
