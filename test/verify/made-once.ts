import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';

/**
 * What `make` returns, as JSON gives it back: made once for all test files, and for all runs until the code of the `makers` in
 * `kept-results.ts` changes. Only what follows from that code alone may be kept.
 */
export const madeOnce = <Value>(name: string, make: () => Value): Value => {
  const file = join(inject('keptDirectory'), name);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const value = make();
  // Another file may be at it too: whoever is last writes the same.
  const draft = `${file}.${process.pid}`;
  // A run of other sources may have removed it.
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, JSON.stringify(value));
  renameSync(draft, file);
  return value;
};
