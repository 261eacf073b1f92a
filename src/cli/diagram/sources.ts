import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Links } from '../../statechart/draw/state-box.ts';
import { indexSources, type SourceFile, type SourceIndex } from '../../statechart/read/source-index.ts';

/** The root of the package, from the source as from `dist/`. */
export const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
};

/** The source files at and below `paths`, which may be files or folders; those that do not exist are left out. */
export const readSources = (
  root: string,
  paths: readonly string[],
  isSource = /\.tsx?$/,
): readonly SourceFile[] =>
  paths.flatMap((path): readonly SourceFile[] => {
    const full = join(root, path);
    if (!existsSync(full)) return [];
    if (!statSync(full).isDirectory()) return [{ path, text: readFileSync(full, 'utf8') }];
    const inside = readdirSync(full).toSorted();
    return readSources(
      root,
      inside
        .map((name) => `${path.replace(/\/$/, '')}/${name}`)
        .filter((each) => isSource.test(each) || statSync(join(root, each)).isDirectory()),
      isSource,
    );
  });

export const readSourceIndex = (root: string, paths: readonly string[]): SourceIndex =>
  indexSources(readSources(root, paths));

/** Links to definitions as seen from a file in `folder`; both from the root of the repository. */
export const linksFrom = (folder: string, index: SourceIndex): Links => {
  return (name) => {
    const place = index.rule(name);
    if (place === null) return null;
    return `${relative(folder, place.path).split(sep).join('/')}#L${place.line}`;
  };
};
