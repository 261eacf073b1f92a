import type { AnyStateMachine, AnyStateNode } from 'xstate';

/*
 * The names of a chart's states in traces, paths, coverage and pictures. The grammar:
 *
 *   name    = path | regions | path "." regions | the key of a root that never leaves its only state
 *   path    = key { "." key }                 states from the outermost to the innermost: `lit.dim`
 *   regions = "{" name { ", " name } "}"      of a parallel state, in the order of the chart: `{lamp.on, fan.still}`
 *   key     = as the chart writes it, or as a JSON string where it has a space or one of . , { } "
 *
 * A region that tells nothing, since it can be in only one state, is left out; where that leaves
 * none, so are the braces. So each state value of a chart has a name, no two share one, and the name leads back to the value.
 */

/** What a name has to know of a state and of those below it: a `StateModel` is one. */
interface StateShape {
  readonly key: string;
  readonly type: string;
  readonly states: readonly StateShape[];
}

/** A state value as XState writes it. */
export type StateValue = string | { readonly [key: string]: StateValue };

interface NamedState {
  readonly key: string;
  /** The key as names write it. */
  readonly word: string;
  /** The path so far, from the region around it or from the root, which has none. */
  readonly path: string;
  readonly isParallel: boolean;
  /** Without history states, which a chart is never in. */
  readonly children: ReadonlyMap<string, NamedState>;
  /** Of a parallel state, the regions that can be in more than one state. */
  readonly telling: readonly NamedState[];
  /** There is nothing to tell below it: it can be in only one state. */
  readonly isSettled: boolean;
}

/** The names of one chart. Made once, asked often. */
export class StateNames {
  readonly #root: NamedState;

  constructor(root: StateShape) {
    this.#root = namedState(root, '');
  }

  /** What a state value of the chart is called. */
  of(value: unknown): string {
    return nameBelow(this.#root, value) || this.#root.word;
  }

  /** The state value that has this name. Throws an `Error` of one line for a name that the chart does not have. */
  parse(name: string): StateValue {
    const isUntold = this.#root.isSettled && name === this.#root.word;
    const tokens = (name.match(tokenPattern) ?? []).values();
    const value = isUntold ? onlyValueOf(this.#root) : valueBelow(this.#root, tokens);
    // Marks that are missing or too many show in the comparison.
    if (value === null || this.of(value) !== name)
      throw new Error(`expected a state of ${this.#root.key}, got ${name}`);
    return value;
  }
}

const knownNames = new WeakMap<object, StateNames>();

/** What the state of a snapshot is called: `lit.dim`. */
export const stateNameOf = ({
  machine,
  value,
}: {
  readonly machine: AnyStateMachine;
  readonly value: unknown;
}): string => {
  // Machines that `provide` makes of one another share their config, and so their states.
  let names = knownNames.get(machine.config);
  if (names === undefined) {
    names = new StateNames(shapeOf(machine.root));
    knownNames.set(machine.config, names);
  }
  return names.of(value);
};

/** The key of the outermost state in a name; empty if the root is parallel, since there is then more than one. */
export const topOf = (name: string): string => {
  if (name.startsWith('{')) return '';
  if (name.startsWith('"')) return JSON.parse(name.match(tokenPattern)![0]) as string;
  const end = name.indexOf('.');
  return end < 0 ? name : name.slice(0, end);
};

/** The key of the outermost state in a state value of a chart whose root is not parallel; empty where there are several. */
export const topOfValue = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const keys = Object.keys(value);
  return keys.length === 1 ? keys[0]! : '';
};

const shapeOf = (node: AnyStateNode): StateShape => ({
  key: node.key,
  type: node.type,
  states: Object.values(node.states).map((child) => shapeOf(child as AnyStateNode)),
});

const namedState = ({ key, type, states }: StateShape, path: string): NamedState => {
  const isParallel = type === 'parallel';
  const children = states
    .filter((child) => child.type !== 'history')
    .map((child) => {
      const word = wordOf(child.key);
      return namedState(child, isParallel || path === '' ? word : `${path}.${word}`);
    });
  const isSettled = children.every((child) => child.isSettled) && (isParallel || children.length <= 1);
  return {
    key,
    word: wordOf(key),
    path,
    isParallel,
    children: new Map(children.map((child) => [child.key, child])),
    telling: isParallel ? children.filter((child) => !child.isSettled) : [],
    isSettled,
  };
};

const nameBelow = (state: NamedState, value: unknown): string => {
  if (typeof value === 'string') return childOf(state, value).path;
  const inside = value as Readonly<Record<string, unknown>>;
  if (state.isParallel) {
    if (state.telling.length === 0) return state.path;
    const regions = `{${state.telling.map((region) => nameBelow(region, inside[region.key])).join(', ')}}`;
    return state.path === '' ? regions : `${state.path}.${regions}`;
  }
  for (const key in inside) return nameBelow(childOf(state, key), inside[key]);
  return state.path;
};

const childOf = (state: NamedState, key: string): NamedState => {
  const child = state.children.get(key);
  if (child === undefined) throw new Error(`expected a state below ${state.key}, got ${key}`);
  return child;
};

/** Words and the marks between them. */
const tokenPattern = /"(?:[^"\\]|\\.)*"|[^\s.,{}"]+|[.{}]|, /g;

const wordOf = (key: string): string => (/^[^\s.,{}"]+$/.test(key) ? key : JSON.stringify(key));

/** The value below a state as the tokens tell it; null where they name what the chart does not have. */
const valueBelow = (state: NamedState, tokens: Iterator<string>): StateValue | null => {
  if (!state.isParallel) {
    const { value: word } = tokens.next();
    const child = [...state.children.values()].find((each) => each.word === word);
    return child === undefined ? null : around(child, valueBehind(child, tokens));
  }
  const told = new Map<string, StateValue | null>();
  for (const region of state.telling) {
    // Past the brace that opens, or the comma.
    tokens.next();
    told.set(region.key, tokens.next().value === region.word ? valueBehind(region, tokens) : null);
  }
  // Past the brace that closes.
  tokens.next();
  return valueOfRegions(state, ({ key }) => told.get(key) ?? null);
};

/** The value below a state whose word was read. */
const valueBehind = (state: NamedState, tokens: Iterator<string>): StateValue | null => {
  const hasMore = state.isParallel ? state.telling.length > 0 : state.children.size > 0;
  if (!hasMore) return onlyValueOf(state);
  // Past the dot.
  tokens.next();
  return valueBelow(state, tokens);
};

/** The value below a state that can be in one state alone. */
const onlyValueOf = (state: NamedState): StateValue => {
  if (state.isParallel) return valueOfRegions(state, () => null)!;
  const [child] = state.children.values();
  return child === undefined ? {} : around(child, onlyValueOf(child))!;
};

const valueOfRegions = (
  state: NamedState,
  told: (region: NamedState) => StateValue | null,
): StateValue | null => {
  const regions = [...state.children.values()].map(
    (region) => [region.key, region.isSettled ? onlyValueOf(region) : told(region)] as const,
  );
  if (regions.some(([, value]) => value === null)) return null;
  return Object.fromEntries(regions as readonly (readonly [string, StateValue])[]);
};

/** XState writes a state without states below it as its key alone. */
const around = (child: NamedState, below: StateValue | null): StateValue | null => {
  if (below === null) return null;
  return child.children.size === 0 ? child.key : { [child.key]: below };
};
