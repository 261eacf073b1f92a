import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../diagram/sources.ts';
import { UsageError } from '../usage-error.ts';

/** A file of the built page, ready to be sent. */
export interface PageFile {
  readonly contentType: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  /** Its name changes with its content. */
  readonly isImmutable: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
};

/** Where `npm run build` puts the page of `raftchart view`, or that of `raftchart play`. */
export const builtPage = (name: 'page' | 'play' = 'page'): string => join(packageRoot(), 'dist', name);

/** A built page by path; `/` is the page itself. */
export const readPageFiles = (folder: string): ReadonlyMap<string, PageFile> => {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new UsageError('the page has not been built: run npm run build');
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    entries.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      return [path === '/index.html' ? '/' : path, pageFile(path, readFileSync(file))];
    }),
  );
};

/** A file by its path below the page, and what is in it. */
export const pageFile = (path: string, plain: Buffer): PageFile => lazyPageFile(path, () => plain);

/** One whose content is made when it is first sent. */
export const lazyPageFile = (path: string, make: () => Buffer): PageFile => {
  let plain: Buffer | null = null;
  let gzipped: Buffer | null = null;
  return {
    contentType: contentTypes[extname(path)] ?? 'application/octet-stream',
    get plain() {
      plain ??= make();
      return plain;
    },
    get gzipped() {
      gzipped ??= gzipSync(this.plain);
      return gzipped;
    },
    isImmutable: path.startsWith('/assets/'),
  };
};
