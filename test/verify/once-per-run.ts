import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** What `make` returns, as JSON gives it back: made once for all test files of a run. */
export const oncePerRun = <Value>(name: string, make: () => Value): Value => {
  const file = join(inject('runDirectory'), name);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Value;
  const value = make();
  // Another file may be at it too: whoever is last writes the same.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(value));
  renameSync(draft, file);
  return value;
};
