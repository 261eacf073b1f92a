import type TypeScript from 'typescript';
import type { Compiler } from './load-typescript.ts';
import type { Entry, Names } from './names.ts';

type Node = TypeScript.Node;
type Expression = TypeScript.Expression;

/** Reads objects and lists of a config, wherever the project defines them: as constants, in another file, or as what a function makes. */
export class ConfigReader {
  readonly #ts: Compiler;
  readonly #names: Names;

  constructor(ts: Compiler, names: Names) {
    this.#ts = ts;
    this.#names = names;
  }

  /** The values of an object by key; null if they cannot be told. A later one wins. */
  entriesOf(object: Node): ReadonlyMap<string, Node> | null {
    const ts = this.#ts;
    if (!ts.isExpression(object)) return null;
    const literal = this.literalOf(object);
    if (!ts.isObjectLiteralExpression(literal)) return null;
    const found = new Map<string, Node>();
    for (const entry of literal.properties) {
      if (ts.isSpreadAssignment(entry)) {
        const inside = this.entriesOf(entry.expression);
        if (inside === null) return null;
        for (const [key, node] of inside) found.set(key, node);
      } else {
        const key = this.#names.keyOf(entry);
        if (key === null) return null;
        found.set(key, this.#names.valueOf(entry) ?? entry);
      }
    }
    return found;
  }

  /** The entry of an object with this key; null if there is none that can be told. */
  entryOf(object: Node, key: string): Entry | null {
    if (!this.#ts.isExpression(object)) return null;
    const found = this.#names.entryOf(this.#made(object), key);
    return found === 'unknown' ? null : found;
  }

  /** The elements of a list, or the one thing that stands in place of a list. */
  listOf(value: Node): readonly Node[] {
    const ts = this.#ts;
    if (!ts.isExpression(value)) return [value];
    const list = this.#names.definitionOf(value);
    if (!ts.isArrayLiteralExpression(list)) return [value];
    return list.elements.flatMap((each) =>
      ts.isSpreadElement(each) ? this.listOf(each.expression) : [each],
    );
  }

  /** What defines an object; the expression itself if that cannot be followed. */
  literalOf(object: Expression): Node {
    return this.#names.definitionOf(this.#made(object));
  }

  /** What a function of the project makes. */
  #made(object: Expression): Expression {
    const call = this.#names.definitionOf(object);
    return (this.#ts.isCallExpression(call) ? this.#names.resultOf(call) : null) ?? object;
  }
}
