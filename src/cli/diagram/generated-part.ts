import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratedFile } from './diagram-files.ts';

/** The part of a page that is generated: between these two lines. */
export interface Part {
  readonly path: string;
  readonly begin: string;
  readonly end: string;
  readonly content: string;
}

/** The page with that part as it should be; one that has lost the markers is refused. */
export const withPart = (root: string, { path, begin, end, content }: Part): GeneratedFile => {
  const full = join(root, path);
  const text = existsSync(full) ? readFileSync(full, 'utf8') : '';
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`${path} has no place for what is generated there: put back the lines\n${begin}\n${end}`);
  }
  return { path, content: `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}` };
};
