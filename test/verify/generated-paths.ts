import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Generated, generatePaths } from '../../src/verify/paths/generate-paths.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';

/** The tests generated from this repository's own chart: once for all test files of a run. */
export const generatedPaths = (cover: PathSet['cover'] = 'transitions'): Generated => {
  const file = join(inject('runDirectory'), `paths-${cover}.json`);
  if (existsSync(file)) {
    const { goals, ...set } = JSON.parse(readFileSync(file, 'utf8'));
    return { ...set, goals: new Map(goals) };
  }
  const { goals, ...set } = generatePaths({ cover });
  // Another file may be at it too: whoever is last writes the same.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...set, goals: [...goals] }));
  renameSync(draft, file);
  return { ...set, goals };
};
