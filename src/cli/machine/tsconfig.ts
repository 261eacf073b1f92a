import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { CompilerOptions, ParsedCommandLine } from 'typescript';
import { findTypeScript, type TypeScript } from './typescript-compiler.ts';

/** What of a tsconfig.json changes how a module loads. */
export interface Tsconfig {
  readonly paths: Readonly<Record<string, readonly string[]>>;
  /** The targets of `paths` are relative to this. */
  readonly pathsBase: string;
  readonly baseUrl: string | null;
  readonly options: CompilerOptions;
}

const known = new Map<string, Tsconfig | null>();

/**
 * The nearest tsconfig.json, or jsconfig.json, with what it extends; null where there is none, or no TypeScript to read it. Of one that
 * only refers to others, as Vite's templates have it, the first with `paths` counts.
 */
export const tsconfigOf = (folder: string): Tsconfig | null => {
  const cached = known.get(folder);
  if (cached !== undefined) return cached;
  const file = ['tsconfig.json', 'jsconfig.json'].map((name) => join(folder, name)).find(existsSync);
  const above = dirname(folder);
  const found = file === undefined ? (above === folder ? null : tsconfigOf(above)) : readTsconfig(file);
  known.set(folder, found);
  return found;
};

const readTsconfig = (file: string): Tsconfig | null => {
  const ts = findTypeScript(file);
  if (ts === null) return null;
  const own = parse(ts, file);
  if (own === null) return null;
  const referred = (own.projectReferences ?? [])
    .map(({ path }) =>
      parse(ts, existsSync(join(path, 'tsconfig.json')) ? join(path, 'tsconfig.json') : path),
    )
    .filter((each) => each !== null);
  const chosen = [own, ...referred].find(
    ({ options }) => options.paths !== undefined || options.baseUrl !== undefined,
  );
  const { options } = chosen ?? (own.fileNames.length === 0 ? (referred[0] ?? own) : own);
  const { baseUrl, paths = {}, pathsBasePath } = options;
  return {
    paths,
    pathsBase: resolve(baseUrl ?? (typeof pathsBasePath === 'string' ? pathsBasePath : dirname(file))),
    baseUrl: baseUrl ?? null,
    options,
  };
};

const parse = (ts: TypeScript, file: string): ParsedCommandLine | null => {
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error !== undefined || config === undefined) return null;
  // The files of the project do not matter, and may be many.
  const host = { ...ts.sys, readDirectory: () => [] };
  return ts.parseJsonConfigFileContent(config, host, dirname(file), undefined, file);
};
