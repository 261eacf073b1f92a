import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';
import { nearestTsconfig } from './tsconfig.ts';

/** The files that a module imports, parsed, and a checker that knows what their names stand for. */
export interface Project {
  readonly program: TypeScript.Program;
  readonly checker: TypeScript.TypeChecker;
}

/**
 * Opens a module with all that it imports inside the project. Its nearest `tsconfig.json` says how imports are resolved. Packages and
 * the standard library are left out: nothing is checked, names are only followed. `text` stands for what the file of the module holds.
 */
export const openProject = (ts: Compiler, entry: string, text?: string): Project => {
  // Not imported, since bundlers put what stands for Node.js into a page.
  const folder = process.getBuiltinModule('node:path').dirname(entry);
  const options: TypeScript.CompilerOptions = {
    ...configured(ts, folder),
    allowJs: true,
    checkJs: false,
    resolveJsonModule: true,
    jsx: ts.JsxEmit.Preserve,
    noLib: true,
    types: [],
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    // Of all that there are, it finds the most: imports with and without extension, and folders.
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = withText(ts.createCompilerHost(options, true), entry, text);
  const cache = ts.createModuleResolutionCache(folder, (name) => host.getCanonicalFileName(name), options);
  host.resolveModuleNameLiterals = (literals, containingFile) =>
    literals.map(({ text }) => {
      if (!isOwn(text, options)) return { resolvedModule: undefined };
      const { resolvedModule } = ts.resolveModuleName(text, containingFile, options, host, cache);
      const isForeign = resolvedModule === undefined || isForeignFile(resolvedModule.resolvedFileName);
      return { resolvedModule: isForeign ? undefined : resolvedModule };
    });
  const program = ts.createProgram({ rootNames: [entry], options, host });
  return { program, checker: program.getTypeChecker() };
};

/** A host that finds `text` in `file`, whether there is such a file or not. */
const withText = (
  host: TypeScript.CompilerHost,
  file: string,
  text: string | undefined,
): TypeScript.CompilerHost => {
  if (text === undefined) return host;
  const { fileExists, readFile } = host;
  const isIt = (name: string) => host.getCanonicalFileName(name) === host.getCanonicalFileName(file);
  // In place: the host reads sources by its own `readFile`.
  return Object.assign(host, {
    fileExists: (name: string) => isIt(name) || fileExists(name),
    readFile: (name: string) => (isIt(name) ? text : readFile(name)),
  });
};

/** A module that may be a file of the project: by a path, or by an alias that the project defines. */
const isOwn = (specifier: string, { paths, baseUrl }: TypeScript.CompilerOptions): boolean =>
  /^[./#]/.test(specifier) ||
  baseUrl !== undefined ||
  Object.keys(paths ?? {}).some((pattern) => {
    const [start = '', end] = pattern.split('*');
    return end === undefined ? specifier === pattern : specifier.startsWith(start) && specifier.endsWith(end);
  });

const isForeignFile = (path: string): boolean => /\/node_modules\//.test(path) || /\.d\.[cm]?ts$/.test(path);

/** What the nearest `tsconfig.json` or `jsconfig.json` says of imports. */
const configured = (ts: Compiler, folder: string): TypeScript.CompilerOptions => {
  const { paths, baseUrl, pathsBasePath, rootDirs, customConditions, moduleSuffixes, preserveSymlinks } =
    nearestTsconfig(folder, () => ts) ?? {};
  return Object.fromEntries(
    Object.entries({
      paths,
      baseUrl,
      pathsBasePath,
      rootDirs,
      customConditions,
      moduleSuffixes,
      preserveSymlinks,
    }).filter(([, value]) => value !== undefined),
  );
};
