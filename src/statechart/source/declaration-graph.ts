import type TypeScript from 'typescript';
import { formOf } from './form.ts';
import type { Compiler } from './load-typescript.ts';
import type { Declaration } from './machine-sources.ts';
import type { Meaning, Names } from './names.ts';
import type { Project } from './open-project.ts';
import { isByKey, isImport, isInside, isOwnName, isReference } from './references.ts';
import { placeOfNode } from './syntax.ts';

type Node = TypeScript.Node;

interface Unit {
  readonly node: Node;
  /** Of the tables that it uses as a whole, this entry alone. */
  readonly key: string | null;
}

/** Declarations and what they name, found from those that are added. */
export class DeclarationGraph {
  readonly #ts: Compiler;
  readonly #project: Project;
  readonly #names: Names;
  readonly #root: string;
  readonly #structure: ReadonlySet<Node>;
  readonly #units: Unit[] = [];
  readonly #numbers = new Map<Node, Map<string | null, number>>();
  #statements: ReadonlyMap<Node, readonly Node[]> | null = null;

  /** Paths are written as seen from the folder `root`. `structure`: what makes the machine out of its parts, which is no part of them. */
  constructor(ts: Compiler, project: Project, names: Names, root: string, structure: ReadonlySet<Node>) {
    this.#ts = ts;
    this.#project = project;
    this.#names = names;
    this.#root = root;
    this.#structure = structure;
  }

  /** The number of the declaration at `node`. With `key`, of the tables that it goes through it is only about the entry of this key. */
  add(node: Node, key: string | null = null): number {
    const numbers = this.#numbers.get(node) ?? new Map<string | null, number>();
    this.#numbers.set(node, numbers);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, this.#units.length);
    return this.#units.push({ node, key }) - 1;
  }

  /** The declarations added and all that they reach. Strings in them are noted if `isName` says that a chart may mean one. */
  declarations(isName: (text: string) => boolean): readonly Declaration[] {
    const declarations: Declaration[] = [];
    // Reading one may add others, behind it.
    for (const unit of this.#units) declarations.push(this.#read(unit, isName));
    return declarations;
  }

  #read(unit: Unit, isName: (text: string) => boolean): Declaration {
    const ts = this.#ts;
    const refs: number[] = [];
    const mentions = new Set<string>();
    const refer = (node: Node, key: string | null = null): string => {
      const number = this.add(node, key);
      const known = refs.indexOf(number);
      return `#${known >= 0 ? known : refs.push(number) - 1}`;
    };
    const form = formOf(ts, this.#bodyOf(unit.node), (node, write, writeNode) => {
      if (ts.isStringLiteralLike(node) && isName(node.text)) mentions.add(node.text);
      if (ts.isShorthandPropertyAssignment(node)) {
        const value = this.#standFor(node.name, unit, refer);
        write(
          node === unit.node
            ? value
            : `(${ts.SyntaxKind.PropertyAssignment} .${node.name.text} initializer: ${value} )`,
        );
        return true;
      }
      const text = this.#standIn(node, unit, refer);
      if (text !== null) write(text);
      else if (node === unit.node && ts.isVariableDeclaration(node)) {
        write(`(${node.kind} ${node.parent.flags & ts.NodeFlags.BlockScoped}`);
        writeNode(node.name);
        if (node.initializer !== undefined) writeNode(node.initializer);
        write(')');
      } else return false;
      return true;
    });
    const touched = (this.#touching().get(unit.node) ?? []).map((statement) => refer(statement));
    return { ...this.#placeOf(unit.node), form: [form, ...touched].join(' '), refs, mentions: [...mentions] };
  }

  /** Of an entry, what it gives its key. */
  #bodyOf(node: Node): Node {
    return this.#ts.isPropertyAssignment(node) ? node.initializer : node;
  }

  /** A name or an access as what it stands for; null for any other node. */
  #standIn(node: Node, unit: Unit, refer: Refer): string | null {
    const ts = this.#ts;
    if (ts.isIdentifier(node)) {
      if (isOwnName(ts, node, unit.node)) return '#own';
      return isReference(ts, node) ? this.#standFor(node, unit, refer) : null;
    }
    if (this.#names.isAccess(node)) return this.#standForAccess(node, unit, refer);
    if (ts.isCallExpression(node) && isImport(ts, node)) {
      const meaning = this.#names.moduleAt(node.arguments[0]!);
      return meaning?.kind === 'module' ? `(import ${this.#write(meaning, '', unit, refer)})` : null;
    }
    return null;
  }

  #standFor(name: TypeScript.Identifier, unit: Unit, refer: Refer): string {
    if (this.#structure.has(this.#names.definitionOf(name))) return 'machine';
    const meaning = this.#names.meaningOf(name);
    const narrowed = unit.key === null ? null : this.#narrowed(name, meaning, unit, refer);
    return narrowed ?? this.#write(meaning, name.text, unit, refer);
  }

  #write(meaning: Meaning, name: string, unit: Unit, refer: Refer): string {
    if (meaning.kind === 'foreign') return `${meaning.module}:${meaning.name}`;
    if (meaning.kind === 'module')
      return `{${meaning.exports.map(([key, each]) => `${key} ${this.#write(each, key, unit, refer)}`).join()}}`;
    if (meaning.kind === 'global' || meaning.nodes.every((node) => isInside(node, unit.node))) return name;
    return meaning.nodes.map((node) => this.#writeNode(node, name, refer)).join();
  }

  #writeNode(node: Node, name: string, refer: Refer): string {
    const ts = this.#ts;
    const whole = ts.isBindingElement(node) ? ts.walkUpBindingElementsAndPatterns(node) : node;
    const part = whole === node ? '' : `.${name}`;
    if (ts.isParameter(whole)) {
      const given = this.#names.argumentOf(whole);
      return given === null ? name : `${refer(given)}${part}`;
    }
    if (ts.isSourceFile(whole)) return refer(whole.statements[0] ?? whole);
    if (ts.isPropertyAccessExpression(whole) || ts.isBinaryExpression(whole))
      return refer(ts.findAncestor(whole, ts.isExpressionStatement) ?? whole);
    return `${refer(whole)}${part}`;
  }

  /** `rules.isLogBehind` is one member of a module, and `settings.limit` one entry of a table: the others do not matter. */
  #standForAccess(
    access: TypeScript.PropertyAccessExpression | TypeScript.ElementAccessExpression,
    unit: Unit,
    refer: Refer,
  ): string | null {
    const ts = this.#ts;
    const member = this.#names.memberMeaning(access);
    if (member !== null) return this.#write(member, this.#names.keyOfAccess(access), unit, refer);
    const table = this.#names.bare(access.expression);
    if (!ts.isIdentifier(table)) return null;
    const meaning = this.#names.meaningOf(table);
    if (meaning.kind !== 'declared' || !meaning.nodes.every((node) => this.#isTable(node, unit))) return null;
    const entry = this.#names.propertyOf(access);
    if (entry === null || isInside(entry, unit.node) || /\bthis\b/.test(entry.getText())) return null;
    return refer(entry);
  }

  /** A constant that is filled where it is declared, and never touched. */
  #isTable(node: Node, unit: Unit): boolean {
    const ts = this.#ts;
    return (
      ts.isVariableDeclaration(node) &&
      (node.parent.flags & ts.NodeFlags.Const) !== 0 &&
      !isInside(node, unit.node) &&
      !this.#touching().has(node)
    );
  }

  /** In an expression that makes a table out of others, key by key: of those, the entry of this key. */
  #narrowed(name: TypeScript.Identifier, meaning: Meaning, unit: Unit, refer: Refer): string | null {
    const ts = this.#ts;
    if (unit.key === null || meaning.kind !== 'declared' || !isByKey(ts, name, this.#names)) return null;
    const [node] = meaning.nodes;
    if (node === undefined || !this.#isTable(node, unit)) return null;
    const entry = this.#names.entryOf(name, unit.key);
    if (entry !== null && entry !== 'unknown') return refer(entry);
    const value = this.#names.valueOf(node);
    const isMade =
      value !== null &&
      (ts.isCallExpression(this.#names.bare(value)) || ts.isIdentifier(this.#names.bare(value)));
    return isMade ? refer(node, unit.key) : null;
  }

  /** By a declaration, the statements outside all functions that name it: they may change what it holds. */
  #touching(): ReadonlyMap<Node, readonly Node[]> {
    if (this.#statements !== null) return this.#statements;
    const ts = this.#ts;
    const found = new Map<Node, Node[]>();
    this.#statements = found;
    for (const file of this.#project.program.getSourceFiles()) {
      for (const statement of file.statements) {
        if (
          ts.isDeclarationStatement(statement) ||
          ts.isVariableStatement(statement) ||
          file.fileName.endsWith('.json')
        )
          continue;
        const visit = (node: Node): void => {
          if (ts.isIdentifier(node) && isReference(ts, node)) {
            const meaning = this.#names.meaningOf(node);
            for (const each of meaning.kind === 'declared' ? meaning.nodes : []) {
              const known = found.get(each) ?? [];
              if (!isInside(each, statement) && !known.includes(statement))
                found.set(each, [...known, statement]);
            }
          }
          ts.forEachChild(node, visit);
        };
        visit(statement);
      }
    }
    return found;
  }

  #placeOf(node: Node): Pick<Declaration, 'name' | 'path' | 'line' | 'text'> {
    const ts = this.#ts;
    const list = ts.isVariableDeclaration(node) ? node.parent : node;
    const isAlone =
      ts.isVariableDeclarationList(list) &&
      list.declarations.length === 1 &&
      ts.isVariableStatement(list.parent);
    const shown = isAlone ? list.parent : node;
    const file = shown.getSourceFile();
    const start = shown.getStart(file, false);
    const { line } = file.getLineAndCharacterOfPosition(start);
    const before = file.text.slice(file.getPositionOfLineAndCharacter(line, 0), start);
    const indent = /^\s*/.exec(before)![0];
    return {
      name: this.#nameOf(node),
      ...placeOfNode(shown, this.#root),
      text: shown.getText(file).replaceAll(`\n${indent}`, '\n').replaceAll('\r', ''),
    };
  }

  #nameOf(node: Node): string {
    const ts = this.#ts;
    if (ts.isObjectLiteralElement(node))
      return this.#names.keyOf(node as TypeScript.ObjectLiteralElementLike) ?? '';
    if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isEnumDeclaration(node))
      return node.name?.text ?? '';
    return ts.isVariableDeclaration(node) || ts.isModuleDeclaration(node) ? node.name.getText() : '';
  }
}

type Refer = (node: Node, key?: string | null) => string;
