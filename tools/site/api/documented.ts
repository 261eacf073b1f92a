/** What a package exports, as its declarations (`.d.ts`) say, read by the TypeScript compiler. */
import { join } from 'node:path';
import ts from 'typescript';

/** One thing that an entry of the package exports, or that a declaration of one names. */
export interface Documented {
  readonly name: string;
  readonly kind: 'value' | 'type';
  /** Markdown, as it was written. */
  readonly doc: string;
  /** What it is, without its docstring. Members keep theirs. */
  readonly code: string;
  /** The names in `code` that are explained elsewhere, and by what. */
  readonly names: ReadonlyMap<string, ts.Symbol>;
  readonly symbol: ts.Symbol;
}

export interface Entry {
  /** As it is imported: `raftchart/chart`. */
  readonly name: string;
  readonly exports: readonly Documented[];
  /** What an entry before exports as well, and under which name it is exported here. */
  readonly known: readonly { readonly name: string; readonly symbol: ts.Symbol }[];
  /** Types of the package that the declarations above name, and no entry exports. */
  readonly behind: readonly Documented[];
}

/** Each entry of `exports` in the package's manifest, in that order. `declared` maps its name to the file of its declarations. */
export const readEntries = (declared: ReadonlyMap<string, string>, folder: string): readonly Entry[] => {
  const program = ts.createProgram([...declared.values()], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    types: ['node'],
    skipLibCheck: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const isOurs = ({ declarations = [] }: ts.Symbol): boolean =>
    declarations.some((each) => each.getSourceFile().fileName.startsWith(join(folder, '/')));
  const exportsOf = (file: string): readonly ts.Symbol[] => {
    const source = program.getSourceFile(file);
    const symbol = source && checker.getSymbolAtLocation(source);
    if (symbol === undefined) throw new Error(`${file} exports nothing: is the package built?`);
    return checker.getExportsOfModule(symbol);
  };
  const unaliased = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  const all = [...declared].map(([name, file]) => ({ name, symbols: exportsOf(file) }));
  const exported = new Set(all.flatMap(({ symbols }) => symbols.map(unaliased)));
  const told = new Set<ts.Symbol>();
  return all.map(({ name, symbols }) => {
    const read = (symbol: ts.Symbol, as: string) => documented(checker, symbol, as, isOurs);
    const known = symbols.flatMap((each) =>
      told.has(unaliased(each)) ? [{ name: each.name, symbol: unaliased(each) }] : [],
    );
    const own = symbols.filter((each) => !told.has(unaliased(each)));
    const exports = own.map((each) => read(unaliased(each), each.name));
    for (const { symbol } of exports) told.add(symbol);
    const behind: Documented[] = [];
    const waiting = exports.flatMap(({ names }) => [...names.values()]);
    for (const symbol of waiting) {
      if (exported.has(symbol) || told.has(symbol)) continue;
      told.add(symbol);
      const each = read(symbol, symbol.name);
      behind.push(each);
      waiting.push(...each.names.values());
    }
    return { name, exports: exports.toSorted(byName), known, behind: behind.toSorted(byName) };
  });
};

const byName = (a: Documented, b: Documented): number => a.name.localeCompare(b.name, 'en');

const documented = (
  checker: ts.TypeChecker,
  symbol: ts.Symbol,
  name: string,
  isOurs: (symbol: ts.Symbol) => boolean,
): Documented => {
  const declarations = (symbol.declarations ?? []).map((each) =>
    ts.isVariableDeclaration(each) ? each.parent.parent : each,
  );
  const names = new Map<string, ts.Symbol>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isReference(node)) {
      const local = checker.getSymbolAtLocation(node);
      const found = local && (local.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(local) : local);
      if (found !== undefined && found !== symbol && isNamed(found) && isOurs(found))
        names.set(node.text, found);
    }
    ts.forEachChild(node, visit);
  };
  for (const each of declarations) visit(each);
  return {
    name,
    kind: symbol.flags & ts.SymbolFlags.Value ? 'value' : 'type',
    doc: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    code: declarations.map((each) => codeOf(each, symbol.name, name)).join('\n\n'),
    names,
    symbol,
  };
};

const isReference = ({ parent }: ts.Identifier): boolean =>
  ts.isTypeReferenceNode(parent) ||
  ts.isTypeQueryNode(parent) ||
  ts.isExpressionWithTypeArguments(parent) ||
  ts.isImportTypeNode(parent);

/** A declaration at the top of a module, no type parameter. */
const isNamed = (symbol: ts.Symbol): boolean =>
  (symbol.flags &
    (ts.SymbolFlags.Class |
      ts.SymbolFlags.Interface |
      ts.SymbolFlags.TypeAlias |
      ts.SymbolFlags.Variable)) !==
  0;

/** A declaration longer than this says nothing to a reader: it was inferred. */
const longestConst = 1500;

const codeOf = (declaration: ts.Node, name: string, exportedAs: string): string => {
  const hidden = ts.isClassDeclaration(declaration) ? declaration.members.filter(isPrivate) : [];
  const start = declaration.getStart();
  let text = declaration.getText();
  for (const member of hidden.toReversed()) {
    text = text.slice(0, member.getFullStart() - start) + text.slice(member.getEnd() - start);
  }
  if (ts.isVariableStatement(declaration) && text.length > longestConst) {
    text = `${/^[^<]*/.exec(text)![0]}<…>;`;
  }
  return text
    .replace(/^export /, '')
    .replace(/^declare /, '')
    .replaceAll(/import\("[^"]*"\)\./g, '')
    .replaceAll(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 2))
    .replaceAll(/^( *)\/\*\*(.*?)\*\//gms, (_, indent: string, doc: string) => narrowed(doc, indent))
    .replace(new RegExp(`\\b${name}\\b`), exportedAs);
};

/** As wide as a column of the page. */
const widest = 78;

/** A docstring of a member, broken into lines that need no scrolling. */
const narrowed = (doc: string, indent: string): string => {
  const paragraphs = doc
    .replaceAll(/^ *\* ?/gm, '')
    .trim()
    .split(/\n\s*\n/);
  const lines = paragraphs.flatMap((paragraph, at) => {
    const broken = at === 0 ? [] : [''];
    let line = '';
    for (const word of paragraph.split(/\s+/)) {
      if (line !== '' && indent.length + 3 + line.length + 1 + word.length > widest) {
        broken.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...broken, line];
  });
  const single = `${indent}/** ${lines[0]} */`;
  if (lines.length === 1 && single.length <= widest) return single;
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join('\n');
};

const isPrivate = (member: ts.ClassElement): boolean =>
  (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
  (ts.canHaveModifiers(member) &&
    (ts.getModifiers(member) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword));
