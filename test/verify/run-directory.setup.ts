import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory that all test files of one run share. */
    readonly runDirectory: string;
  }
}

/** What one test file has generated, the others of the same run need not generate again. */
export default (project: TestProject): (() => void) => {
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-run-'));
  project.provide('runDirectory', directory);
  return () => rmSync(directory, { recursive: true, force: true });
};
