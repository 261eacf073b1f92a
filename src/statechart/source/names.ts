import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';
import type { Project } from './open-project.ts';
import { givesBack, moduleOf } from './syntax.ts';

type Node = TypeScript.Node;
type Expression = TypeScript.Expression;

/** What a name stands for. */
export type Meaning =
  /** Declared in the project. */
  | { readonly kind: 'declared'; readonly nodes: readonly Node[] }
  /** All that a file of the project exports. */
  | { readonly kind: 'module'; readonly exports: readonly (readonly [name: string, meaning: Meaning])[] }
  /** Of a package: what it is called there, `default` or `*`. */
  | { readonly kind: 'foreign'; readonly module: string; readonly name: string }
  /** Of the language, or of the machine that runs it. */
  | { readonly kind: 'global' };

/** A part of an object literal that has a key. */
export type Entry = TypeScript.ObjectLiteralElementLike;

/** Follows names, imports, re-exports, constants and properties of object literals to where they are defined. */
export class Names {
  readonly #ts: Compiler;
  readonly #checker: TypeScript.TypeChecker;
  /** What a function of the project was called with, where the machine is made by one. */
  readonly #arguments = new Map<Node, Expression>();

  constructor(ts: Compiler, { checker }: Project) {
    this.#ts = ts;
    this.#checker = checker;
  }

  meaningOf(identifier: TypeScript.Identifier): Meaning {
    const { parent } = identifier;
    const symbol =
      this.#ts.isShorthandPropertyAssignment(parent) && parent.name === identifier
        ? this.#checker.getShorthandAssignmentValueSymbol(parent)
        : this.#ts.isExportSpecifier(parent)
          ? this.#checker.getExportSpecifierLocalTargetSymbol(parent)
          : this.#checker.getSymbolAtLocation(identifier);
    return symbol === undefined ? { kind: 'global' } : this.#meaning(symbol);
  }

  /** What the module exports under this name; null if nothing. */
  exported(file: TypeScript.SourceFile, name: string): Meaning | null {
    const symbol = this.#exportsOf(file).find((each) => each.name === name);
    return symbol === undefined ? null : this.#meaning(symbol);
  }

  exportNames(file: TypeScript.SourceFile): readonly string[] {
    return this.#exportsOf(file).map(({ name }) => name);
  }

  /** The module that a literal such as that of `import('./rules.ts')` names. */
  moduleAt(literal: Node): Meaning | null {
    const symbol = this.#checker.getSymbolAtLocation(literal);
    return symbol === undefined ? null : this.#meaning(symbol);
  }

  #exportsOf(file: TypeScript.SourceFile): readonly TypeScript.Symbol[] {
    const symbol = this.#checker.getSymbolAtLocation(file);
    return symbol === undefined ? [] : this.#checker.getExportsOfModule(symbol);
  }

  #meaning(symbol: TypeScript.Symbol): Meaning {
    const ts = this.#ts;
    let at = symbol;
    while ((at.flags & ts.SymbolFlags.Alias) !== 0) {
      const next = this.#checker.getImmediateAliasedSymbol(at);
      if (next?.declarations === undefined) return this.#foreign(at);
      at = next;
    }
    const nodes = (at.declarations ?? []).filter((node) => this.#isValue(node));
    const file = nodes.find((node) => ts.isSourceFile(node));
    if (file !== undefined && ts.isSourceFile(file) && !file.fileName.endsWith('.json')) {
      const exports = this.#exportsOf(file).map((each) => [each.name, this.#meaning(each)] as const);
      return { kind: 'module', exports: exports.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
    }
    return nodes.length === 0 ? { kind: 'global' } : { kind: 'declared', nodes };
  }

  #foreign(symbol: TypeScript.Symbol): Meaning {
    const ts = this.#ts;
    const node = symbol.declarations?.[0];
    if (node === undefined) return { kind: 'global' };
    const module = moduleOf(ts, node);
    if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node))
      return { kind: 'foreign', module, name: (node.propertyName ?? node.name).text };
    if (ts.isBindingElement(node))
      return { kind: 'foreign', module, name: (node.propertyName ?? node.name).getText() };
    return { kind: 'foreign', module, name: ts.isImportClause(node) ? 'default' : '*' };
  }

  #isValue(node: Node): boolean {
    const ts = this.#ts;
    if (node.getSourceFile().isDeclarationFile) return false;
    if (ts.isFunctionDeclaration(node)) return node.body !== undefined;
    return (
      !ts.isInterfaceDeclaration(node) &&
      !ts.isTypeAliasDeclaration(node) &&
      !ts.isTypeParameterDeclaration(node)
    );
  }

  /** Without parentheses, types, `await` and what changes nothing. */
  bare(expression: Expression): Expression {
    const ts = this.#ts;
    let at = expression;
    for (;;) {
      if (
        ts.isParenthesizedExpression(at) ||
        ts.isAsExpression(at) ||
        ts.isSatisfiesExpression(at) ||
        ts.isNonNullExpression(at) ||
        ts.isTypeAssertionExpression(at) ||
        ts.isAwaitExpression(at)
      ) {
        at = at.expression;
      } else if (ts.isCallExpression(at) && givesBack(ts, at)) {
        at = at.arguments[0]!;
      } else return at;
    }
  }

  /** The expression that defines what this one names; the same one if it names nothing that can be followed. A function declaration is itself. */
  definitionOf(expression: Expression, depth = 0): Expression | TypeScript.FunctionDeclaration {
    const ts = this.#ts;
    const bare = this.bare(expression);
    if (depth > 50) return bare;
    const node = ts.isIdentifier(bare)
      ? this.#onlyNode(this.meaningOf(bare))
      : this.isAccess(bare)
        ? this.propertyOf(bare)
        : null;
    if (node === null) return bare;
    if (ts.isFunctionDeclaration(node)) return node;
    const value = this.valueOf(node);
    return value === null ? bare : this.definitionOf(value, depth + 1);
  }

  /** The expression that a declaration or an entry gives its name; null if there is none. */
  valueOf(node: Node): Expression | null {
    const ts = this.#ts;
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) return node.initializer ?? null;
    if (ts.isPropertyAssignment(node)) return node.initializer;
    if (ts.isShorthandPropertyAssignment(node)) return node.name;
    if (ts.isExportAssignment(node)) return node.expression;
    if (ts.isParameter(node)) return this.#arguments.get(node) ?? node.initializer ?? null;
    if (ts.isBindingElement(node)) return this.#valueOfElement(node);
    if (ts.isBinaryExpression(node)) return node.right;
    const { parent } = node;
    // `exports.machine = …` and `module.exports = …`
    return ts.isPropertyAccessExpression(node) && ts.isBinaryExpression(parent) && parent.left === node
      ? parent.right
      : null;
  }

  #valueOfElement(element: TypeScript.BindingElement): Expression | null {
    const ts = this.#ts;
    const name = element.propertyName ?? element.name;
    const whole = element.parent.parent;
    if (!ts.isObjectBindingPattern(element.parent) || !ts.isIdentifier(name) || element.dotDotDotToken)
      return null;
    const from = ts.isBindingElement(whole)
      ? this.#valueOfElement(whole)
      : ts.isParameter(whole)
        ? this.#arguments.get(whole)
        : whole.initializer;
    if (!from) return null;
    const found = this.entryOf(from, name.text);
    return found === null || found === 'unknown' ? null : this.valueOf(found);
  }

  #onlyNode(meaning: Meaning): Node | null {
    return meaning.kind === 'declared' && meaning.nodes.length === 1 ? meaning.nodes[0]! : null;
  }

  isAccess(node: Node): node is TypeScript.PropertyAccessExpression | TypeScript.ElementAccessExpression {
    const ts = this.#ts;
    return (
      ts.isPropertyAccessExpression(node) ||
      (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    );
  }

  /** What `module.name` or `object.key` stands for: a declaration, or an entry of an object literal; null if nobody can tell. */
  propertyOf(access: TypeScript.PropertyAccessExpression | TypeScript.ElementAccessExpression): Node | null {
    const meaning = this.memberMeaning(access);
    if (meaning !== null) return this.#onlyNode(meaning);
    const found = this.entryOf(access.expression, this.keyOfAccess(access));
    return found === 'unknown' ? null : found;
  }

  /** What a member of a module stands for, as in `rules.isLogBehind` after `import * as rules`; null for another object. */
  memberMeaning(
    access: TypeScript.PropertyAccessExpression | TypeScript.ElementAccessExpression,
  ): Meaning | null {
    const whole = this.bare(access.expression);
    if (!this.#ts.isIdentifier(whole)) return null;
    const meaning = this.meaningOf(whole);
    const key = this.keyOfAccess(access);
    if (meaning.kind === 'module') return meaning.exports.find(([name]) => name === key)?.[1] ?? null;
    if (meaning.kind === 'foreign') return { ...meaning, name: key };
    return null;
  }

  keyOfAccess(access: TypeScript.PropertyAccessExpression | TypeScript.ElementAccessExpression): string {
    const ts = this.#ts;
    if (ts.isPropertyAccessExpression(access)) return access.name.text;
    return ts.isStringLiteralLike(access.argumentExpression) ? access.argumentExpression.text : '';
  }

  /** The entry of an object literal; null if it has none of this key, `unknown` if that cannot be told. */
  entryOf(object: Expression, key: string): Entry | 'unknown' | null {
    const ts = this.#ts;
    const literal = this.definitionOf(object);
    if (!ts.isObjectLiteralExpression(literal)) return 'unknown';
    for (const property of literal.properties.toReversed()) {
      if (ts.isSpreadAssignment(property)) {
        const found = this.entryOf(property.expression, key);
        if (found !== null) return found;
      } else {
        const name = this.keyOf(property);
        if (name === null) return 'unknown';
        if (name === key) return property;
      }
    }
    return null;
  }

  /** The key of an entry; null if it is computed. */
  keyOf(entry: Entry): string | null {
    const ts = this.#ts;
    if (ts.isSpreadAssignment(entry)) return null;
    const { name } = entry;
    if (!ts.isComputedPropertyName(name)) return name.text;
    const value = this.definitionOf(name.expression);
    return ts.isStringLiteralLike(value) || ts.isNumericLiteral(value) ? value.text : null;
  }

  /** What a function of a package is called there; null for any other. */
  foreignName(callee: Expression): string | null {
    const ts = this.#ts;
    const bare = this.bare(callee);
    const meaning = ts.isIdentifier(bare)
      ? this.meaningOf(bare)
      : this.isAccess(bare)
        ? this.memberMeaning(bare)
        : null;
    return meaning?.kind === 'foreign' ? meaning.name : null;
  }

  /** What a call of a function of the project returns, its parameters known from then on; null if it is not one `return`. */
  resultOf(call: TypeScript.CallExpression): Expression | null {
    const ts = this.#ts;
    const callee = this.definitionOf(call.expression);
    if (!ts.isArrowFunction(callee) && !ts.isFunctionExpression(callee) && !ts.isFunctionDeclaration(callee))
      return null;
    const { body } = callee;
    if (body === undefined) return null;
    const returned = ts.isBlock(body) ? body.statements.filter(ts.isReturnStatement) : [];
    const result = ts.isBlock(body) ? (returned.length === 1 ? returned[0]!.expression : undefined) : body;
    if (result === undefined) return null;
    for (const [at, parameter] of callee.parameters.entries()) {
      const given = call.arguments[at];
      if (given !== undefined) this.#arguments.set(parameter, given);
    }
    return result;
  }

  /** What the parameter was called with, where `resultOf` has seen the call. */
  argumentOf(parameter: TypeScript.ParameterDeclaration): Expression | null {
    return this.#arguments.get(parameter) ?? null;
  }
}
