import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outsideHooks } from './outside-hooks.ts';
import { isFile } from './replaced-file.ts';
import { tsconfigOf } from './tsconfig.ts';

/** `./a`, `../a`, `/a`, `file:///a` rather than the name of a package. */
export const isPathLike = (specifier: string): boolean => /^(\.\.?(\/|$)|\/|file:)/.test(specifier);

/** The file that an import by a path means to a bundler; null if there is none. */
export const fileFor = (specifier: string, importer: string): string | null =>
  fileAt(specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(dirname(importer), specifier));

/** What an import without an extension may leave out, in the order in which bundlers try. */
const omitted = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** A specifier names what the compiler writes; the source may have another extension. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.jsx': ['.tsx', '.ts'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

const fileAt = (path: string): string | null => {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  const candidates = [
    path,
    ...(sourcesOf[extension] ?? []).map((each) => `${stem}${each}`),
    ...omitted.map((each) => `${path}${each}`),
    ...omitted.map((each) => join(path, `index${each}`)),
  ];
  return candidates.find(isFile) ?? null;
};

/** A file inside a package that an import names without its extension, which `require` allows and `import` does not. */
export const packageFile = (specifier: string, importer: string): string | null => {
  try {
    const found = outsideHooks(() => createRequire(importer).resolve(specifier));
    return found.startsWith('/') || /^[A-Za-z]:/.test(found) ? found : null;
  } catch {
    return null;
  }
};

/** Where `paths` or `baseUrl` of the nearest tsconfig.json lead; null where they lead nowhere. */
export const mappedFile = (specifier: string, importer: string): string | null => {
  const { baseUrl, paths = {}, pathsBasePath } = tsconfigOf(dirname(importer)) ?? {};
  for (const target of mapped(specifier, paths)) {
    // TypeScript notes the folder of the file that has the `paths`.
    const found = fileAt(resolve(baseUrl ?? String(pathsBasePath), target));
    if (found !== null) return found;
  }
  return baseUrl === undefined ? null : fileAt(resolve(baseUrl, specifier));
};

/** The targets of the pattern that fits best: the whole specifier, or the longest text before a `*`. */
const mapped = (specifier: string, paths: Readonly<Record<string, readonly string[]>>): readonly string[] => {
  const exact = paths[specifier];
  if (exact !== undefined) return exact;
  const fitting = Object.entries(paths)
    .flatMap(([pattern, targets]) => {
      const [prefix, suffix] = pattern.split('*');
      if (prefix === undefined || suffix === undefined) return [];
      const isLongEnough = specifier.length >= prefix.length + suffix.length;
      if (!isLongEnough || !specifier.startsWith(prefix) || !specifier.endsWith(suffix)) return [];
      return [{ prefix, targets, star: specifier.slice(prefix.length, specifier.length - suffix.length) }];
    })
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  const [best] = fitting;
  return best === undefined ? [] : best.targets.map((target) => target.replace('*', () => best.star));
};
