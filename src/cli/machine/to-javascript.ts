import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { CompilerOptions, Diagnostic, SourceFile } from 'typescript';
import { type Compiler, typeScriptRemedy } from '../../statechart/source/load-typescript.ts';
import { withBundlerNames } from './bundler-names.ts';
import { SourceRefused, shown } from './load-failure.ts';
import { textOf } from './replaced-file.ts';
import { tsconfigOf } from './tsconfig.ts';
import { withTypesMarked } from './type-exports.ts';
import { findTypeScript } from './typescript-compiler.ts';

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
    throw new SourceRefused(`${shown(path)} has JSX, which needs TypeScript to load: ${typeScriptRemedy}`);
  }
  const parsed = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const format = formatOf(ts, parsed, path);
  const { outputText, diagnostics = [] } = ts.transpileModule(withTypesMarked(ts, parsed), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: optionsFor(ts, format, tsconfigOf(dirname(path)) ?? {}),
  });
  const fault = diagnostics.find(({ category }) => category === ts.DiagnosticCategory.Error);
  if (fault !== undefined) {
    const text = ts.flattenDiagnosticMessageText(fault.messageText, ' ').replace(/\.$/, '');
    throw new SourceRefused(`${text} (${placeOf(fault)})`);
  }
  return { format, source: format === 'module' ? withBundlerNames(outputText, path) : outputText };
};

/** A fault of the syntax has a file. */
const placeOf = ({ file, start = 0 }: Diagnostic): string =>
  `${shown(file!.fileName)}:${file!.getLineAndCharacterOfPosition(start).line + 1}`;

/** Where a source in JavaScript has a fault of its syntax; null for one without, or where there is no TypeScript. */
export const placeOfFault = (path: string): string | null => {
  const ts = findTypeScript(path);
  if (ts === null) return null;
  const text = textOf(path);
  const { diagnostics = [] } = ts.transpileModule(text, { fileName: path, reportDiagnostics: true });
  const fault = diagnostics.find(({ category }) => category === ts.DiagnosticCategory.Error);
  return fault === undefined ? null : placeOf(fault);
};

const optionsFor = (
  ts: Compiler,
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
const formatOf = (ts: Compiler, source: SourceFile, path: string): 'module' | 'commonjs' => {
  const extension = extname(path);
  if (extension === '.mts' || extension === '.mjs') return 'module';
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
