import { createRequire, enableCompileCache, flushCompileCache } from 'node:module';
import type typescript from 'typescript';
import { outsideHooks } from './outside-hooks.ts';

/** TypeScript as a library. */
export type TypeScript = typeof typescript;

/** Its name, and the name under which it is installed beside TypeScript 7, which is no library for JavaScript. */
const packages = ['typescript', '@typescript/typescript6'];

let found: TypeScript | null | undefined;

/** The TypeScript of the project of `file`, or the one beside these tools; null if there is none that can be called. */
export const findTypeScript = (file: string): TypeScript | null => {
  if (found !== undefined) return found;
  // Most of the time that TypeScript takes to start goes into compiling it; this process will be killed, and writes nothing at its end.
  enableCompileCache();
  found = firstUsable([file, import.meta.filename]);
  flushCompileCache();
  return found;
};

const firstUsable = (files: readonly string[]): TypeScript | null => {
  for (const from of files) {
    for (const name of packages) {
      const loaded = load(name, from);
      if (isUsable(loaded)) return loaded;
    }
  }
  return null;
};

const load = (name: string, from: string): unknown => {
  try {
    return outsideHooks(() => createRequire(from)(name));
  } catch {
    return null;
  }
};

const isUsable = (value: unknown): value is TypeScript =>
  typeof value === 'object' && value !== null && 'transpileModule' in value;
