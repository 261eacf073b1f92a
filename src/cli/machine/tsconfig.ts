import type { CompilerOptions } from 'typescript';
import { nearestTsconfig } from '../../statechart/source/tsconfig.ts';
import { findTypeScript } from './typescript-compiler.ts';

const known = new Map<string, CompilerOptions | null>();

/** What the nearest tsconfig.json or jsconfig.json says; null where there is none, or no TypeScript to read it. Each is read once. */
export const tsconfigOf = (folder: string): CompilerOptions | null =>
  nearestTsconfig(folder, () => findTypeScript(`${folder}/tsconfig.json`), known);
