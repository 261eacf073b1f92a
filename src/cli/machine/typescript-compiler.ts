import { enableCompileCache, flushCompileCache } from 'node:module';
import { type Compiler, findTypeScript as find } from '../../statechart/source/load-typescript.ts';
import { outsideHooks } from './outside-hooks.ts';

let found: Compiler | null | undefined;

/** The TypeScript of the project of `file`, or the one beside these tools; null if there is none that can be called. */
export const findTypeScript = (file: string): Compiler | null => {
  if (found !== undefined) return found;
  // Most of the time that TypeScript takes to start goes into compiling it; this process will be killed, and writes nothing at its end.
  enableCompileCache();
  found = outsideHooks(() => find([file, import.meta.filename]));
  flushCompileCache();
  return found;
};
