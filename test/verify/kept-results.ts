import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** The modules that call `madeOnce`. */
export const makers = ['test/verify/generated-paths.ts', 'test/verify/raft-proof.ts'];

/** Of all code that these files run, that of packages included, and of the Node.js that runs it. Comments and types make no difference. */
export const hashOfProgram = async (root: string, files: readonly string[]): Promise<string> => {
  const bundle = await rolldown({
    cwd: root,
    input: files.map((file) => join(root, file)),
    platform: 'node',
    external: [/^node:/, 'vitest'],
    treeshake: false,
  });
  const { output } = await bundle.generate();
  await bundle.close();
  const hash = createHash('sha256').update(process.version);
  for (const part of output)
    hash.update(`\n${part.fileName}\n`).update(part.type === 'chunk' ? part.code : part.source);
  return hash.digest('hex').slice(0, 16);
};

/** Enough for going back and forth between two branches; each may take 100 MB. */
const keptPrograms = 3;

/** The folder for what the program of this hash makes. Those that were opened longest ago go. */
export const openKept = (folder: string, hash: string): string => {
  const own = join(folder, hash);
  mkdirSync(own, { recursive: true });
  const now = new Date();
  utimesSync(own, now, now);
  // Another run may be removing them too.
  const opened = (name: string): number =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const byAge = readdirSync(folder).toSorted((a, b) => opened(b) - opened(a));
  for (const name of byAge.slice(keptPrograms)) rmSync(join(folder, name), { recursive: true, force: true });
  return own;
};
