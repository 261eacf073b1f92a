/**
 * A map from strings to values, in the order of the keys' code units, that never changes: `with` and `without` give another one, which shares nearly all of its
 * memory with this one. So a map as it was at some revision is a reference to it, and a snapshot is one that nobody has to protect. A B+ tree whose path to a changed
 * key is copied. All operations take a time logarithmic in the size, and iterating a constant time for each pair.
 */
export class OrderedMap<Value> {
  readonly #root: Node<Value>;

  private constructor(root: Node<Value>) {
    this.#root = root;
  }

  static empty<Value>(): OrderedMap<Value> {
    return new OrderedMap<Value>({ keys: [], values: [], size: 0 });
  }

  /** For a map of pairs that come in the order of their keys. */
  static builder<Value>(): OrderedMapBuilder<Value> {
    const leaves = new Leaves<Value>();
    return {
      add: (key, value) => leaves.add(key, value),
      end: () => new OrderedMap(leaves.end()),
    };
  }

  get size(): number {
    return this.#root.size;
  }

  /** Nodes on the way to a pair. */
  get depth(): number {
    let depth = 1;
    for (let node = this.#root; 'children' in node; node = node.children[0]!) depth++;
    return depth;
  }

  get(key: string): Value | undefined {
    let node = this.#root;
    while ('children' in node) node = node.children[childFor(node, key)]!;
    const at = firstNotBelow(node.keys, key);
    return node.keys[at] === key ? node.values[at] : undefined;
  }

  with(key: string, value: Value): OrderedMap<Value> {
    const parts = inserted(this.#root, key, value);
    return new OrderedMap(parts.length === 1 ? parts[0]! : innerOf(parts));
  }

  /** The same map where it has no such key. */
  without(key: string): OrderedMap<Value> {
    let root = removed(this.#root, key);
    if (root === this.#root) return this;
    while ('children' in root && root.children.length === 1) root = root.children[0]!;
    return new OrderedMap(root);
  }

  /** How many keys there are from `from` on, and before `to`; null: to the end. */
  count(from: string, to: string | null): number {
    const end = to === null ? this.size : rankOf(this.#root, to);
    return Math.max(0, end - rankOf(this.#root, from));
  }

  /** The pairs from the key `from` on, and before `to`; null: to the end. */
  pairs(from = '', to: string | null = null): Iterable<readonly [key: string, value: Value]> {
    return pairsFrom(this.#root, from, to);
  }

  /** The same pairs, the last one first. */
  reversed(from = '', to: string | null = null): Iterable<readonly [key: string, value: Value]> {
    return pairsBefore(this.#root, from, to);
  }
}

/** Takes pairs in the order of their keys; throws an `Error` for one that is not. `end` gives the map. */
export interface OrderedMapBuilder<Value> {
  add(key: string, value: Value): void;
  end(): OrderedMap<Value>;
}

/** At most so many pairs in a leaf, and children of an inner node. */
const widest = 32;
/** A node with fewer is joined with one beside it. */
const narrowest = 8;
/** Of nodes that are built from sorted pairs, so that later ones find room. */
const builtWidth = 24;

interface Leaf<Value> {
  readonly keys: readonly string[];
  readonly values: readonly Value[];
  readonly size: number;
}

interface Inner<Value> {
  /** The least key below each child. */
  readonly keys: readonly string[];
  readonly children: readonly Node<Value>[];
  /** Pairs below it. */
  readonly size: number;
}

type Node<Value> = Leaf<Value> | Inner<Value>;

const leafOf = <Value>(keys: readonly string[], values: readonly Value[]): Leaf<Value> => ({
  keys,
  values,
  size: keys.length,
});

const innerOf = <Value>(children: readonly Node<Value>[]): Inner<Value> => ({
  keys: children.map(({ keys }) => keys[0]!),
  children,
  size: children.reduce((sum, { size }) => sum + size, 0),
});

/** The first place whose key is not below `key`. */
export const firstNotBelow = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Below which child the key is, or would be. */
const childFor = ({ keys }: Inner<unknown>, key: string): number => {
  const at = firstNotBelow(keys, key);
  return keys[at] === key ? at : Math.max(0, at - 1);
};

/** One node, or two where it would have been too wide. */
const inserted = <Value>(node: Node<Value>, key: string, value: Value): readonly Node<Value>[] => {
  if ('children' in node) {
    const at = childFor(node, key);
    return splitInner(spliced(node.children, at, 1, inserted(node.children[at]!, key, value)));
  }
  const at = firstNotBelow(node.keys, key);
  if (node.keys[at] === key) return [leafOf(node.keys, spliced(node.values, at, 1, [value]))];
  return splitLeaf(spliced(node.keys, at, 0, [key]), spliced(node.values, at, 0, [value]));
};

const removed = <Value>(node: Node<Value>, key: string): Node<Value> => {
  if (!('children' in node)) {
    const at = firstNotBelow(node.keys, key);
    if (node.keys[at] !== key) return node;
    return leafOf(spliced(node.keys, at, 1, []), spliced(node.values, at, 1, []));
  }
  const at = childFor(node, key);
  const child = removed(node.children[at]!, key);
  if (child === node.children[at]) return node;
  if (child.keys.length >= narrowest || node.children.length === 1)
    return innerOf(spliced(node.children, at, 1, [child]));
  const left = at === 0 ? child : node.children[at - 1]!;
  const right = at === 0 ? node.children[1]! : child;
  return innerOf(spliced(node.children, Math.max(0, at - 1), 2, joined(left, right)));
};

/** Two neighbours of one level as one node, or as two of nearly the same width. */
const joined = <Value>(left: Node<Value>, right: Node<Value>): readonly Node<Value>[] => {
  if ('children' in left) return splitInner([...left.children, ...(right as Inner<Value>).children]);
  const { keys, values } = right as Leaf<Value>;
  return splitLeaf([...left.keys, ...keys], [...left.values, ...values]);
};

const splitLeaf = <Value>(keys: readonly string[], values: readonly Value[]): readonly Leaf<Value>[] => {
  if (keys.length <= widest) return [leafOf(keys, values)];
  const half = keys.length >>> 1;
  return [leafOf(keys.slice(0, half), values.slice(0, half)), leafOf(keys.slice(half), values.slice(half))];
};

const splitInner = <Value>(children: readonly Node<Value>[]): readonly Inner<Value>[] => {
  if (children.length <= widest) return [innerOf(children)];
  const half = children.length >>> 1;
  return [innerOf(children.slice(0, half)), innerOf(children.slice(half))];
};

const spliced = <Item>(
  items: readonly Item[],
  at: number,
  drop: number,
  put: readonly Item[],
): readonly Item[] => {
  const copy = items.slice();
  copy.splice(at, drop, ...put);
  return copy;
};

/** How many keys are below `key`. */
const rankOf = (root: Node<unknown>, key: string): number => {
  let node = root;
  let rank = 0;
  while ('children' in node) {
    const at = childFor(node, key);
    for (let before = 0; before < at; before++) rank += node.children[before]!.size;
    node = node.children[at]!;
  }
  return rank + firstNotBelow(node.keys, key);
};

function* pairsFrom<Value>(
  node: Node<Value>,
  from: string,
  to: string | null,
): Generator<readonly [string, Value]> {
  if ('children' in node) {
    for (let at = childFor(node, from); at < node.children.length; at++) {
      if (to !== null && node.keys[at]! >= to) return;
      yield* pairsFrom(node.children[at]!, from, to);
    }
    return;
  }
  for (let at = firstNotBelow(node.keys, from); at < node.keys.length; at++) {
    const key = node.keys[at]!;
    if (to !== null && key >= to) return;
    yield [key, node.values[at]!];
  }
}

function* pairsBefore<Value>(
  node: Node<Value>,
  from: string,
  to: string | null,
): Generator<readonly [string, Value]> {
  if ('children' in node) {
    const last = to === null ? node.children.length - 1 : childFor(node, to);
    for (let at = last; at >= childFor(node, from); at--) yield* pairsBefore(node.children[at]!, from, to);
    return;
  }
  const end = to === null ? node.keys.length : firstNotBelow(node.keys, to);
  for (let at = end - 1; at >= 0 && node.keys[at]! >= from; at--) yield [node.keys[at]!, node.values[at]!];
}

class Leaves<Value> {
  readonly #full: Node<Value>[] = [];
  #keys: string[] = [];
  #values: Value[] = [];
  #last: string | null = null;

  add(key: string, value: Value): void {
    if (this.#last !== null && key <= this.#last)
      throw new Error(
        `keys come in their order, each once: ${JSON.stringify(key)} after ${JSON.stringify(this.#last)}`,
      );
    this.#last = key;
    this.#keys.push(key);
    this.#values.push(value);
    if (this.#keys.length === builtWidth) this.#close();
  }

  end(): Node<Value> {
    if (this.#keys.length > 0 || this.#full.length === 0) this.#close();
    let level: readonly Node<Value>[] = this.#full;
    while (level.length > 1) {
      const above: Node<Value>[] = [];
      for (let at = 0; at < level.length; at += builtWidth)
        above.push(innerOf(level.slice(at, at + builtWidth)));
      level = above;
    }
    return level[0]!;
  }

  #close(): void {
    this.#full.push(leafOf(this.#keys, this.#values));
    this.#keys = [];
    this.#values = [];
  }
}
