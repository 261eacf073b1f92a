import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import type { PageFile } from '../view/page-files.ts';

/** Writes a page into a folder, in place of an earlier one. Throws `UsageError` if that holds anything else, or cannot be written. */
export const writeFolder = (folder: string, files: ReadonlyMap<string, PageFile>): void => {
  const paths = new Map([...files].map(([path, file]) => [path === '/' ? '/index.html' : path, file]));
  const tops = new Set([...paths.keys()].map((path) => path.split('/')[1]!));
  try {
    mkdirSync(folder, { recursive: true });
    const other = readdirSync(folder).find((name) => !tops.has(name));
    if (other !== undefined)
      throw new UsageError(
        `${folder} holds ${other}, which is no part of the page: name a folder of its own`,
      );
    for (const top of tops) rmSync(join(folder, top), { recursive: true, force: true });
    for (const [path, { plain }] of paths) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), plain);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot write the page into ${folder}: ${(error as Error).message}`);
  }
};
