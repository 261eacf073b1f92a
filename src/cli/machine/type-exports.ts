import type { ExportDeclaration, SourceFile, Statement } from 'typescript';
import type { Compiler } from '../../statechart/source/load-typescript.ts';
import { textOf } from './replaced-file.ts';
import { fileFor, isPathLike, mappedFile } from './resolve-import.ts';

/**
 * The text of a source with `type` before each name that it re-exports and that is only a type where it comes from: file by file
 * nobody else can tell, and Node.js refuses to link a name that no value stands behind.
 */
export const withTypesMarked = (ts: Compiler, source: SourceFile): string => {
  const places = source.statements
    .filter(ts.isExportDeclaration)
    .flatMap((each) => typesIn(ts, source, each))
    .toSorted((a, b) => b - a);
  return places.reduce((text, at) => `${text.slice(0, at)}type ${text.slice(at)}`, source.text);
};

/** Where the names stand that are types. */
const typesIn = (ts: Compiler, source: SourceFile, each: ExportDeclaration): readonly number[] => {
  const { exportClause, moduleSpecifier, isTypeOnly } = each;
  if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
  return exportClause.elements
    .filter((element) => !element.isTypeOnly)
    .filter(({ name, propertyName }) => {
      const exported = (propertyName ?? name).text;
      if (moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)) {
        return isType(ts, exported, moduleSpecifier.text, source.fileName, new Set());
      }
      const imported = importOf(ts, source, exported);
      return imported !== null && isType(ts, imported.name, imported.from, source.fileName, new Set());
    })
    .map((element) => element.getStart(source));
};

/** The import that a local name comes from; null for one that is declared here. */
const importOf = (
  ts: Compiler,
  source: SourceFile,
  local: string,
): { readonly name: string; readonly from: string } | null => {
  for (const each of source.statements) {
    if (!ts.isImportDeclaration(each) || !ts.isStringLiteral(each.moduleSpecifier)) continue;
    const { namedBindings } = each.importClause ?? {};
    if (namedBindings === undefined || !ts.isNamedImports(namedBindings)) continue;
    const element = namedBindings.elements.find(({ name }) => name.text === local);
    if (element !== undefined) {
      return { name: (element.propertyName ?? element.name).text, from: each.moduleSpecifier.text };
    }
  }
  return null;
};

/** Whether `name` is exported by what `specifier` leads to, and as a type only; false for what cannot be read. */
const isType = (
  ts: Compiler,
  name: string,
  specifier: string,
  importer: string,
  seen: Set<string>,
): boolean => {
  const path = isPathLike(specifier) ? fileFor(specifier, importer) : mappedFile(specifier, importer);
  if (path === null || !/\.[mc]?tsx?$/.test(path) || seen.has(path)) return false;
  seen.add(path);
  const source = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
  const declared = source.statements.filter((each) => namesOf(ts, each).includes(name));
  if (declared.some((each) => isErased(ts, each))) return !declared.some((each) => !isErased(ts, each));
  if (declared.length > 0) return false;
  return source.statements.filter(ts.isExportDeclaration).some((each) => {
    const { exportClause, moduleSpecifier, isTypeOnly } = each;
    const from =
      moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : null;
    if (exportClause === undefined) return from !== null && isType(ts, name, from, path, seen);
    if (!ts.isNamedExports(exportClause)) return false;
    const element = exportClause.elements.find((one) => one.name.text === name);
    if (element === undefined) return false;
    if (isTypeOnly || element.isTypeOnly) return true;
    const inner = (element.propertyName ?? element.name).text;
    if (from !== null) return isType(ts, inner, from, path, seen);
    const imported = importOf(ts, source, inner);
    if (imported !== null) return isType(ts, imported.name, imported.from, path, seen);
    const local = source.statements.filter((one) => declares(ts, one, inner));
    return local.length > 0 && local.every((one) => isErased(ts, one));
  });
};

/** The names that a statement declares and exports. */
const namesOf = (ts: Compiler, each: Statement): readonly string[] => {
  const isExported =
    ts.canHaveModifiers(each) &&
    (ts.getModifiers(each)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false);
  return isExported ? declaredBy(ts, each) : [];
};

const declares = (ts: Compiler, each: Statement, name: string): boolean =>
  declaredBy(ts, each).includes(name);

const declaredBy = (ts: Compiler, each: Statement): readonly string[] => {
  if (ts.isVariableStatement(each)) {
    return each.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  }
  const isNamed =
    ts.isInterfaceDeclaration(each) ||
    ts.isTypeAliasDeclaration(each) ||
    ts.isClassDeclaration(each) ||
    ts.isFunctionDeclaration(each) ||
    ts.isEnumDeclaration(each) ||
    ts.isModuleDeclaration(each);
  return isNamed && each.name !== undefined ? [each.name.text] : [];
};

/** True for a statement of which no JavaScript is left. */
const isErased = (ts: Compiler, each: Statement): boolean =>
  ts.isInterfaceDeclaration(each) ||
  ts.isTypeAliasDeclaration(each) ||
  (ts.canHaveModifiers(each) &&
    (ts.getModifiers(each)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false));
