import { readFileSync } from 'node:fs';
import { statsOf } from './stats-of.ts';

let replaced: { readonly path: string; readonly text: string } | null = null;

/** From now on `text` stands in the file at `path`, which need not exist, for all that this process loads. */
export const replaceFile = (path: string, text: string): void => {
  replaced = { path, text };
};

export const isReplaced = (path: string): boolean => replaced?.path === path;

/** What stands in a source. */
export const textOf = (path: string): string =>
  replaced?.path === path ? replaced.text : readFileSync(path, 'utf8');

/** Whether there is a source at `path`. */
export const isFile = (path: string): boolean => isReplaced(path) || (statsOf(path)?.isFile() ?? false);
