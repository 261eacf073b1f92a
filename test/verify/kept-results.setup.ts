import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { hashOfProgram, makers, openKept } from './kept-results.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `madeOnce` keeps what the program of this hash has made. */
    readonly keptDirectory: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What one test file has generated, no other need generate again, nor a later run of the same sources. `npm ci` begins anew. */
export default async (project: TestProject): Promise<void> => {
  // What cannot be bundled generates nothing, and the tests say why better than this would.
  const hash = await hashOfProgram(root, makers).catch(() => randomUUID());
  const folder = openKept(`${root}node_modules/.cache/raftchart-tests`, hash);
  project.provide('keptDirectory', folder);
  // Commands that tests start share what they keep, with each other and with the tests, and leave that of this machine's user alone.
  process.env.XDG_CACHE_HOME = folder;
  // Each loads hundreds of modules: Node.js keeps what it has compiled for the next one that loads them.
  process.env.NODE_COMPILE_CACHE = `${folder}/compiled`;
};
