import type { CompilerOptions, ParsedCommandLine } from 'typescript';
import type { Compiler } from './load-typescript.ts';

/**
 * What the nearest tsconfig.json or jsconfig.json says, with what it extends; null where there is none that can be read. Of one that only
 * refers to others, as Vite's templates have it, the first with `paths` counts. `compiler` is called only where there is a file to read;
 * `known` keeps the answers for each folder.
 */
export const nearestTsconfig = (
  folder: string,
  compiler: () => Compiler | null,
  known: Map<string, CompilerOptions | null> = new Map(),
): CompilerOptions | null => {
  // Not imported, since bundlers put what stands for Node.js into a page.
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const cached = known.get(folder);
  if (cached !== undefined) return cached;
  const file = ['tsconfig.json', 'jsconfig.json'].map((name) => join(folder, name)).find(existsSync);
  const above = dirname(folder);
  const found =
    file !== undefined
      ? read(compiler(), file)
      : above === folder
        ? null
        : nearestTsconfig(above, compiler, known);
  known.set(folder, found);
  return found;
};

const read = (ts: Compiler | null, file: string): CompilerOptions | null => {
  const own = ts === null ? null : parse(ts, file);
  if (ts === null || own === null) return null;
  const referred = (own.projectReferences ?? [])
    .map((reference) => parse(ts, ts.resolveProjectReferencePath(reference)))
    .filter((each) => each !== null);
  const chosen = [own, ...referred].find(
    ({ options }) => options.paths !== undefined || options.baseUrl !== undefined,
  );
  return (chosen ?? (own.fileNames.length === 0 ? (referred[0] ?? own) : own)).options;
};

const parse = (ts: Compiler, file: string): ParsedCommandLine | null => {
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error !== undefined || config === undefined) return null;
  // The files of the project do not matter, and may be many.
  const host = { ...ts.sys, readDirectory: () => [] };
  const { dirname } = process.getBuiltinModule('node:path');
  return ts.parseJsonConfigFileContent(config, host, dirname(file), undefined, file);
};
