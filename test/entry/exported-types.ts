import { globSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');

const programOf = (files: readonly string[]): ts.Program => {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return ts.createProgram([...files], options);
};

/** What the package exports, and the given files that use it, as TypeScript sees them. */
export class ExportedTypes {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  /** By the name of the subpath. */
  readonly #exported = new Map<string, readonly ts.Symbol[]>();

  constructor(files: readonly string[]) {
    const entries = globSync(`${root}/src/entry/*.ts`);
    this.#program = programOf([...entries, ...files]);
    this.#checker = this.#program.getTypeChecker();
    for (const entry of entries) {
      const module = this.#checker.getSymbolAtLocation(this.#program.getSourceFile(entry)!);
      const symbols = this.#checker.getExportsOfModule(module!).map((symbol) => this.#resolved(symbol));
      this.#exported.set(basename(entry, '.ts'), symbols);
    }
  }

  /** What the compiler has to say of `file`. */
  problemsIn(file: string): readonly string[] {
    const source = this.#program.getSourceFile(file);
    return ts
      .getPreEmitDiagnostics(this.#program, source)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  /** Where `file` imports from. */
  importsOf(file: string): readonly string[] {
    return this.#program
      .getSourceFile(file)!
      .statements.flatMap((statement) =>
        ts.isImportDeclaration(statement) ? [(statement.moduleSpecifier as ts.StringLiteral).text] : [],
      );
  }

  /** Each type that an export of one of `subpaths` names, that its own file exports and no subpath does, as `Name (file), named by Exported`. */
  unexportedIn(subpaths: readonly string[]): readonly string[] {
    const exported = new Set([...this.#exported.values()].flat());
    const missing = new Map<ts.Symbol, string>();
    for (const by of subpaths.flatMap((subpath) => this.#exported.get(subpath)!)) {
      for (const named of (by.declarations ?? []).flatMap((each) => this.#namedBy(each))) {
        if (exported.has(named) || missing.has(named) || !isOwnExport(named)) continue;
        missing.set(named, `${named.name} (${fileOf(named)}), named by ${by.name}`);
      }
    }
    return [...missing.values()].sort();
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The types that stand in the part of a declaration that its users see: no bodies, nothing private. */
  #namedBy(declaration: ts.Node): readonly ts.Symbol[] {
    const found: ts.Symbol[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isBlock(node) || isPrivate(node)) return;
      const isFunction = ts.isArrowFunction(node);
      const name = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isExpressionWithTypeArguments(node)
          ? node.expression
          : null;
      const symbol = name === null ? undefined : this.#checker.getSymbolAtLocation(name);
      if (symbol !== undefined) found.push(this.#resolved(symbol));
      ts.forEachChild(node, (child) => {
        if (!(isFunction && child === node.body)) visit(child);
      });
    };
    visit(declaration);
    return found;
  }
}

const isPrivate = (node: ts.Node): boolean =>
  (ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node)) &&
  ts.isPrivateIdentifier(node.name);

const fileOf = (symbol: ts.Symbol): string =>
  relative(root, symbol.declarations?.[0]?.getSourceFile().fileName ?? '');

/** What only its own file can name is spelled out by whoever needs it. */
const isOwnExport = (symbol: ts.Symbol): boolean =>
  /^(src|machines)\//.test(fileOf(symbol)) &&
  (symbol.declarations ?? []).some(
    (each) =>
      ts.canHaveModifiers(each) &&
      ts.getModifiers(each)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
