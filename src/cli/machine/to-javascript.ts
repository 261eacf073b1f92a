import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { CompilerOptions, SourceFile } from 'typescript';
import { SourceRefused, shown } from './load-failure.ts';
import { tsconfigOf } from './tsconfig.ts';
import { withTypesMarked } from './type-exports.ts';
import { findTypeScript, type TypeScript } from './typescript-compiler.ts';

/** What to do where only TypeScript helps. */
export const remedy = 'npm install --save-dev typescript@6 (beside TypeScript 7: @typescript/typescript6)';

/**
 * TypeScript or JSX as JavaScript: a module stays a module, only imports that nobody uses as values go. Null where there is no
 * TypeScript: Node.js then does what it can. Throws `SourceRefused` for what does not parse.
 */
export const toJavaScript = (
  path: string,
  source: string,
): { readonly format: 'module' | 'commonjs'; readonly source: string } | null => {
  const ts = findTypeScript(path);
  if (ts === null) {
    if (!/x$/.test(extname(path))) return null;
    throw new SourceRefused(`${shown(path)} has JSX, which needs TypeScript to load: ${remedy}`);
  }
  const parsed = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const format = formatOf(ts, parsed, path);
  const { outputText, diagnostics = [] } = ts.transpileModule(withTypesMarked(ts, parsed), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: optionsFor(ts, format, tsconfigOf(dirname(path))?.options ?? {}),
  });
  const [fault] = diagnostics.filter(({ category }) => category === ts.DiagnosticCategory.Error);
  if (fault !== undefined) {
    const at =
      fault.start === undefined ? '' : `:${parsed.getLineAndCharacterOfPosition(fault.start).line + 1}`;
    throw new SourceRefused(
      `${ts.flattenDiagnosticMessageText(fault.messageText, ' ')} (${shown(path)}${at})`,
    );
  }
  return { format, source: format === 'module' ? withImportMeta(outputText, path) : outputText };
};

const optionsFor = (
  ts: TypeScript,
  format: 'module' | 'commonjs',
  {
    jsx,
    jsxFactory,
    jsxFragmentFactory,
    jsxImportSource,
    experimentalDecorators,
    emitDecoratorMetadata,
    useDefineForClassFields,
  }: CompilerOptions,
): CompilerOptions => ({
  module: format === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
  // Below ESNext, so that decorators become what Node.js runs.
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
  inlineSourceMap: true,
  ...defined({ jsxFactory, jsxFragmentFactory, jsxImportSource }),
  ...defined({ experimentalDecorators, emitDecoratorMetadata, useDefineForClassFields }),
  jsx: jsx === ts.JsxEmit.React || jsxFactory !== undefined ? ts.JsxEmit.React : ts.JsxEmit.ReactJSX,
});

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Imports and exports make a module, whatever the package says, as bundlers have it; without any the package decides. */
const formatOf = (ts: TypeScript, source: SourceFile, path: string): 'module' | 'commonjs' => {
  const extension = extname(path);
  if (extension === '.mts') return 'module';
  if (extension === '.cts') return 'commonjs';
  const isCommonJs = source.statements.some(
    (each) =>
      (ts.isExportAssignment(each) && each.isExportEquals === true) ||
      (ts.isImportEqualsDeclaration(each) && ts.isExternalModuleReference(each.moduleReference)),
  );
  if (isCommonJs) return 'commonjs';
  if (ts.isExternalModule(source)) return 'module';
  return isModulePackage(dirname(path)) ? 'module' : 'commonjs';
};

const isModulePackage = (folder: string): boolean => {
  const file = join(folder, 'package.json');
  if (existsSync(file)) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type === 'module';
    } catch {
      return false;
    }
  }
  return dirname(folder) === folder ? false : isModulePackage(dirname(folder));
};

/**
 * With what bundlers put into a module and Node.js does not: `import.meta.env`, `require`, `__dirname` and `__filename`, each only
 * where it is used. All in the first line, so that the others keep their numbers.
 */
export const withImportMeta = (source: string, path: string): string => {
  const added: string[] = [];
  if (/\bimport\.meta\.env\b/.test(source)) {
    added.push(`import.meta.env ??= ${JSON.stringify(environmentOf(dirname(path)))};`);
  }
  if (/\bimport\.meta\.glob\b/.test(source)) added.push('import.meta.glob ??= () => ({});');
  if (added.length === 0) return source;
  const start = source.startsWith('#!') ? source.indexOf('\n') + 1 : 0;
  return `${source.slice(0, start)}${added.join('')}${source.slice(start)}`;
};

/** As Vite has it in development: what `.env` files beside the nearest package.json and the environment say under `VITE_`. */
const environmentOf = (folder: string): Readonly<Record<string, unknown>> => {
  const mode = process.env.NODE_ENV ?? 'development';
  const root = packageFolder(folder);
  const files = ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`].map((name) => join(root, name));
  const read = files.filter((file) => existsSync(file)).map((file) => parseEnv(readFileSync(file, 'utf8')));
  const all = Object.entries(Object.assign({}, ...read, process.env) as NodeJS.ProcessEnv);
  const shared = all.filter(([name]) => name.startsWith('VITE_'));
  return {
    BASE_URL: '/',
    MODE: mode,
    DEV: mode !== 'production',
    PROD: mode === 'production',
    SSR: true,
    ...Object.fromEntries(shared),
  };
};

const packageFolder = (folder: string): string =>
  existsSync(join(folder, 'package.json')) || dirname(folder) === folder
    ? folder
    : packageFolder(dirname(folder));
