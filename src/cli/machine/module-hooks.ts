import { readFileSync } from 'node:fs';
import {
  isBuiltin,
  type LoadFnOutput,
  type LoadHookContext,
  type ResolveHookContext,
  registerHooks,
} from 'node:module';
import { dirname, extname, resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { typeScriptRemedy } from '../../statechart/source/load-typescript.ts';
import { assetSource, isAsset } from './asset-module.ts';
import { withBundlerNames } from './bundler-names.ts';
import { jsonSource } from './json-module.ts';
import { ImportFailed, SourceRefused, shown } from './load-failure.ts';
import { isOutsideHooks } from './outside-hooks.ts';
import { isReplaced, textOf } from './replaced-file.ts';
import { fileFor, isPathLike, mappedFile, packageFile } from './resolve-import.ts';
import { placeOfFault, toJavaScript } from './to-javascript.ts';

/**
 * From now on this process loads what bundlers and tsx load: imports without extensions, of directories, by the paths of a
 * tsconfig.json, of TypeScript and JSX in full, of JSON without attributes, of style sheets and pictures. What Node.js itself can
 * load, it does.
 */
export const hookModules = (): void => {
  registerHooks({
    resolve: (specifier, context, next) => resolve(specifier, context, next),
    load: (url, context, next) => load(url, context, next),
  });
};

type NextResolve = Parameters<Exclude<Parameters<typeof registerHooks>[0]['resolve'], undefined>>[2];
type NextLoad = Parameters<Exclude<Parameters<typeof registerHooks>[0]['load'], undefined>>[2];

const resolve = (
  specifier: string,
  context: ResolveHookContext,
  next: NextResolve,
): ReturnType<NextResolve> => {
  const importer = filePath(context.parentURL);
  const [bare = '', query] = specifier.split(/(?=\?)/);
  const to = (path: string) => ({ url: `${pathToFileURL(path).href}${query ?? ''}`, shortCircuit: true });
  if (importer === null || isOutsideHooks()) return next(specifier, context);
  const replaced = isPathLike(bare) ? fileFor(bare, importer) : null;
  if (replaced !== null && isReplaced(replaced)) return to(replaced);
  if (isInstalled(importer)) return next(specifier, context);
  if (!isPathLike(bare)) {
    const mapped = mappedFile(bare, importer);
    if (mapped !== null) return to(mapped);
  }
  try {
    if (hasUnknownScheme(bare)) throw new Error(`expected a module, got ${bare}`);
    return next(specifier, context);
  } catch (error) {
    const found = isPathLike(bare) ? fileFor(bare, importer) : packageFile(bare, importer);
    if (found !== null) return to(found);
    if (bare.startsWith('/') && isAsset(bare, query)) return to(bare);
    if (isPathLike(bare)) sources.add(resolvePath(dirname(importer), bare));
    throw new ImportFailed(specifier, importer, error);
  }
};

const load = (url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput => {
  const path = filePath(url);
  if (path === null || isOutsideHooks()) return next(url, context);
  if (!isInstalled(path)) sources.add(path);
  const query = /\?.*$/.exec(url)?.[0];
  if (isAsset(path, query)) return esModule(assetSource(path, query));
  const isRequired = context.conditions.includes('require');
  if (path.endsWith('.json') && !isRequired && context.importAttributes.type !== 'json') {
    return esModule(jsonSource(path));
  }
  if (isReplaced(path)) return replacement(path);
  if (isInstalled(path)) return next(url, context);
  if (/^\.([mc]?ts|tsx|jsx)$/.test(extname(path))) {
    const made = toJavaScript(path, readFileSync(path, 'utf8'));
    if (made !== null) return { ...made, shortCircuit: true };
  }
  try {
    const loaded = next(url, context);
    return loaded.format === 'commonjs' || loaded.format === 'module' ? asBundled(loaded, path) : loaded;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!/TYPESCRIPT|UNKNOWN_FILE_EXTENSION/.test(code)) throw error;
    throw new SourceRefused(message);
  }
};

/** Node.js reads files alone: what stands in for one is turned into JavaScript here, whatever its language. */
const replacement = (path: string): LoadFnOutput => {
  const made = toJavaScript(path, textOf(path));
  if (made !== null) return { ...made, shortCircuit: true };
  throw new SourceRefused(`loading another version of ${shown(path)} needs TypeScript: ${typeScriptRemedy}`);
};

/** JavaScript with what bundlers put into it. They also take imports and exports where the package says that it is CommonJS. */
const asBundled = (loaded: LoadFnOutput, path: string): LoadFnOutput => {
  loadedFiles.push(path);
  const source = String(loaded.source ?? readFileSync(path, 'utf8'));
  if (loaded.format === 'module' || isModule(source)) {
    return { ...loaded, format: 'module', source: withBundlerNames(source, path) };
  }
  return loaded;
};

/** Absolute. */
const sources = new Set<string>();

/** The files that were loaded, outside of packages, or looked for and not found. */
export const loadedSources = (): readonly string[] => [...sources];

const isModule = (source: string): boolean => {
  if (!/\b(import|export)\b/.test(source)) return false;
  try {
    new Script(`(function () {${source.replace(/^#!.*/, '')}\n})`);
    return false;
  } catch (error) {
    return /import statement|import call|'export'|'import\.meta'|'{'/.test((error as Error).message);
  }
};

/** The sources in JavaScript that were loaded, the last of them last: one may have a fault that Node.js does not place. */
const loadedFiles: string[] = [];

/** Where the first fault of the syntax is among what was loaded; null where nobody can tell. */
export const placeOfSyntaxError = (): string | null => {
  for (const path of loadedFiles.toReversed()) {
    const place = placeOfFault(path);
    if (place !== null) return place;
  }
  return null;
};

const hasUnknownScheme = (specifier: string): boolean =>
  /^[a-z][\w+.-]+:/.test(specifier) && !/^(file|data|node|https?):/.test(specifier) && !isBuiltin(specifier);

const esModule = (source: string): LoadFnOutput => ({ format: 'module', source, shortCircuit: true });

const filePath = (url: string | undefined): string | null =>
  url?.startsWith('file:') === true ? fileURLToPath(url.replace(/[?#].*$/, '')) : null;

const isInstalled = (path: string): boolean => path.includes('/node_modules/');
