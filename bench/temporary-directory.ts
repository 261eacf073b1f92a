import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

process.on('exit', () => {
  // A node that was killed a moment ago may still be writing.
  for (const directory of made) rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

/** A new one, which is removed when this process ends, whatever it ends by but a signal. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'raftchart-bench-'));
  made.push(directory);
  return directory;
};
