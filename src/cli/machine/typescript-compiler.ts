import { createRequire } from 'node:module';
import type typescript from 'typescript';
import { outsideHooks } from './outside-hooks.ts';

/** TypeScript as a library. */
export type TypeScript = typeof typescript;

/** Its name, and the name under which it is installed beside TypeScript 7, which is no library for JavaScript. */
const packages = ['typescript', '@typescript/typescript6'];

let found: TypeScript | null | undefined;

/** The TypeScript of the project of `file`, or the one beside these tools; null if there is none that can be called. */
export const findTypeScript = (file: string): TypeScript | null => {
  found ??=
    [file, import.meta.filename].flatMap((from) => packages.map((name) => load(name, from))).find(isUsable) ??
    null;
  return found;
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
