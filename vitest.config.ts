import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/verify/run-directory.setup.ts'],
    // A shared machine can be slow: a test that hangs is caught all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
