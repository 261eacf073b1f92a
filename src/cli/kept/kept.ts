import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { type Bounds, KeptFiles } from './kept-files.ts';
import { programHash } from './program-hash.ts';

/** Something that takes long to make and is the same whenever the same program makes it. */
export interface Made<Value> {
  /** Of letters alone. */
  readonly name: string;
  /** What it is made from besides the program: plain JSON. */
  readonly options: unknown;
  /** The modules that make it, by URL. */
  readonly modules: readonly string[];
  readonly make: () => Value;
  /** As text, and back to something equal. */
  readonly write: (value: Value) => string;
  readonly read: (text: string) => Value;
}

export interface Keeping {
  /** Whether what earlier processes made is used, and what this one makes kept for later ones. */
  readonly isKept: boolean;
  /** That of the user where it is left out; null: there is none. */
  readonly directory?: string | null;
}

/** What `make` returns, or what it returned to an earlier process of this user that ran the same program. */
export const kept = <Value>(
  { name, options, modules, make, write, read }: Made<Value>,
  { isKept, directory = isKept ? cacheDirectory() : null }: Keeping,
): Value => {
  const program = isKept && directory !== null ? programHash(modules) : null;
  if (program === null || directory === null) return make();
  const files = new KeptFiles(join(directory, 'generated'), bounds);
  const key = createHash('sha256')
    .update(JSON.stringify([program, options]))
    .digest('hex');
  const file = `${name}-${key.slice(0, 32)}`;
  const text = files.read(file);
  if (text !== null) return read(text);
  const value = make();
  files.write(file, write(value));
  return value;
};

/** The paths of each set of capabilities are 10 to 15 MB; those that cover pairs several times that. */
const bounds: Bounds = { files: 32, bytes: 300_000_000 };
