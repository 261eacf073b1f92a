import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Links } from '../../statechart/draw/state-box.ts';
import { PackageMissing } from '../../statechart/missing-package.ts';
import type { SourceFile, SourceIndex } from '../../statechart/read/source-index.ts';
import { indexSources } from '../../statechart/source/index-sources.ts';
import { resolveSources } from '../../statechart/source/resolve-sources.ts';

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

/** Where a module of a machine, a path from `root`, defines what its names stand for. An installed package holds no sources: there, nowhere. */
export const readSourceIndex = async (
  root: string,
  { path, exportName }: { readonly path: string; readonly exportName?: string | undefined },
): Promise<SourceIndex> => {
  const full = join(root, path);
  const sources = existsSync(full) ? await resolveSources({ path: full, exportName, root }) : null;
  return sources === null ? { rule: () => null, binding: () => null } : indexSources(sources);
};

/** The same for a picture, which does without links where TypeScript is not installed. */
export const readLinkIndex = async (...source: Parameters<typeof readSourceIndex>): Promise<SourceIndex> => {
  try {
    return await readSourceIndex(...source);
  } catch (error) {
    if (error instanceof PackageMissing) return { rule: () => null, binding: () => null };
    throw error;
  }
};

/** Links to definitions as seen from a file in `folder`; both from the root of the repository. */
export const linksFrom = (folder: string, index: SourceIndex): Links => {
  return (name) => {
    const place = index.rule(name);
    if (place === null) return null;
    return `${relative(folder, place.path).split(sep).join('/')}#L${place.line}`;
  };
};
