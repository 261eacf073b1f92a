import type TypeScript from 'typescript';
import { PackageMissing } from '../missing-package.ts';

/** TypeScript as a library. */
export type Compiler = typeof TypeScript;

/** Its name, and the name under which it is installed beside TypeScript 7, which is no library for JavaScript. */
const packages = ['typescript', '@typescript/typescript6'];

/** What to do where only TypeScript helps. */
export const typeScriptRemedy =
  'npm install --save-dev typescript@6 (beside TypeScript 7: @typescript/typescript6)';

/**
 * The TypeScript of the project of `file`, or the one beside this package. It takes half a second to load, so only what reads sources
 * asks for it. Rejects with `PackageMissing` where there is none.
 */
export const loadTypeScript = async (file: string): Promise<Compiler> => {
  const found = findTypeScript([file]) ?? (await importTypeScript());
  if (found !== null) return found;
  throw new PackageMissing(
    'reading the sources of a machine needs typescript, which is not installed: npm install typescript@6, beside TypeScript 7 @typescript/typescript6',
  );
};

/** The TypeScript that the first of `files` which has one can call; null if none has. */
export const findTypeScript = (files: readonly string[]): Compiler | null => {
  // Not imported, since bundlers put what stands for Node.js into a page.
  const { createRequire } = process.getBuiltinModule('node:module');
  for (const from of files) {
    const require = createRequire(from);
    for (const name of packages) {
      const loaded = loadedBy(require, name);
      if (isUsable(loaded)) return loaded;
    }
  }
  return null;
};

const loadedBy = (require: NodeJS.Require, name: string): unknown => {
  try {
    return require(name);
  } catch {
    return null;
  }
};

/** By names that no bundler sees: it would put all of TypeScript into a page that never reads a source. */
const importTypeScript = async (): Promise<Compiler | null> => {
  for (const name of packages) {
    try {
      const { default: loaded }: { readonly default?: unknown } = await import(name);
      if (isUsable(loaded)) return loaded;
    } catch {
      // The next may be installed.
    }
  }
  return null;
};

const isUsable = (value: unknown): value is Compiler =>
  typeof value === 'object' && value !== null && 'transpileModule' in value;
