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

/** What a name has to know of a state and of those below it, which are of the same kind: a `StateModel` is one. */
interface Shaped<Shape> {
  readonly key: string;
  readonly type: string;
  readonly states: readonly Shape[];
}

interface StateShape extends Shaped<StateShape> {}

/** A state value as XState writes it. */
export type StateValue = string | { readonly [key: string]: StateValue };

/**
 * What of a state is looked at. Regions of a parallel state are independent of one another, so each view tells of one of those that can be in
 * more than one state, and leaves the others out: `{lamp.on}` and `{fan.still}` of `{lamp.on, fan.still}`. A state without
 * such regions has one view, which is the whole.
 */
export interface View<Shape> {
  /** As the grammar says, with one of the regions alone. */
  readonly name: string;
  /** The regions of which it tells, from the outermost to the innermost. */
  readonly told: readonly Shape[];
  /** The regions beside them, of which it does not. */
  readonly untold: readonly Shape[];
}

interface NamedState<Shape> {
  readonly shape: Shape;
  readonly key: string;
  /** The key as names write it. */
  readonly word: string;
  /** The path so far, from the region around it or from the root, which has none. */
  readonly path: string;
  readonly isParallel: boolean;
  /** Without history states, which a chart is never in. */
  readonly children: ReadonlyMap<string, NamedState<Shape>>;
  /** Of a parallel state, the regions that can be in more than one state. */
  readonly telling: readonly NamedState<Shape>[];
  /** There is nothing to tell below it: it can be in only one state. */
  readonly isSettled: boolean;
}

/** The names of one chart. Made once, asked often. */
export class StateNames<Shape extends Shaped<Shape>> {
  readonly #root: NamedState<Shape>;

  constructor(root: Shape) {
    this.#root = namedState(root, '');
  }

  /** What a state value of the chart is called. */
  of(value: unknown): string {
    return nameBelow(this.#root, value) || this.#root.word;
  }

  /** The views of a state value of the chart, in the order of its regions. */
  viewsOf(value: unknown): readonly View<Shape>[] {
    return viewsBelow(this.#root, value).map((view) => ({ ...view, name: view.name || this.#root.word }));
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

const knownNames = new WeakMap<object, StateNames<StateShape>>();
const namesOfValues = new WeakMap<object, string>();

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
  if (typeof value !== 'object' || value === null) return names.of(value);
  // A step that stays in its states keeps the value.
  let name = namesOfValues.get(value);
  if (name === undefined) {
    name = names.of(value);
    namesOfValues.set(value, name);
  }
  return name;
};

/** What a state value is called where its chart is not at hand: all of its regions are told, and a single one looks like a state. Empty for what is no state value. */
export const nameOfValue = (value: unknown): string => {
  if (typeof value === 'string') return wordOf(value);
  if (typeof value !== 'object' || value === null) return '';
  const regions = Object.entries(value).map(([key, below]) =>
    [wordOf(key), nameOfValue(below)].filter(Boolean).join('.'),
  );
  return regions.length > 1 ? `{${regions.join(', ')}}` : (regions[0] ?? '');
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

const namedState = <Shape extends Shaped<Shape>>(shape: Shape, path: string): NamedState<Shape> => {
  const { key, type, states } = shape;
  const isParallel = type === 'parallel';
  const children = states
    .filter((child) => child.type !== 'history')
    .map((child) => {
      const word = wordOf(child.key);
      return namedState(child, isParallel || path === '' ? word : `${path}.${word}`);
    });
  const isSettled = children.every((child) => child.isSettled) && (isParallel || children.length <= 1);
  return {
    shape,
    key,
    word: wordOf(key),
    path,
    isParallel,
    children: new Map(children.map((child) => [child.key, child])),
    telling: isParallel ? children.filter((child) => !child.isSettled) : [],
    isSettled,
  };
};

const viewsBelow = <Shape>(state: NamedState<Shape>, value: unknown): readonly View<Shape>[] => {
  const whole = { name: state.path, told: [], untold: [] };
  if (typeof value === 'string') return viewsBelow(childOf(state, value), {});
  const inside = value as Readonly<Record<string, unknown>>;
  if (state.isParallel) {
    if (state.telling.length === 0) return [whole];
    return state.telling.flatMap((region) =>
      viewsBelow(region, inside[region.key]).map(({ name, told, untold }) => ({
        name: `${state.path === '' ? '' : `${state.path}.`}{${name}}`,
        told: [region.shape, ...told],
        untold: [...state.telling.filter((other) => other !== region).map(({ shape }) => shape), ...untold],
      })),
    );
  }
  for (const key in inside) return viewsBelow(childOf(state, key), inside[key]);
  return [whole];
};

const nameBelow = (state: NamedState<unknown>, value: unknown): string => {
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

const childOf = <Shape>(state: NamedState<Shape>, key: string): NamedState<Shape> => {
  const child = state.children.get(key);
  if (child === undefined) throw new Error(`expected a state below ${state.key}, got ${key}`);
  return child;
};

/** Words and the marks between them. */
const tokenPattern = /"(?:[^"\\]|\\.)*"|[^\s.,{}"]+|[.{}]|, /g;

const wordOf = (key: string): string => (/^[^\s.,{}"]+$/.test(key) ? key : JSON.stringify(key));

/** The value below a state as the tokens tell it; null where they name what the chart does not have. */
const valueBelow = (state: NamedState<unknown>, tokens: Iterator<string>): StateValue | null => {
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
const valueBehind = (state: NamedState<unknown>, tokens: Iterator<string>): StateValue | null => {
  const hasMore = state.isParallel ? state.telling.length > 0 : state.children.size > 0;
  if (!hasMore) return onlyValueOf(state);
  // Past the dot.
  tokens.next();
  return valueBelow(state, tokens);
};

/** The value below a state that can be in one state alone. */
const onlyValueOf = (state: NamedState<unknown>): StateValue => {
  if (state.isParallel) return valueOfRegions(state, () => null)!;
  const [child] = state.children.values();
  return child === undefined ? {} : around(child, onlyValueOf(child))!;
};

const valueOfRegions = (
  state: NamedState<unknown>,
  told: (region: NamedState<unknown>) => StateValue | null,
): StateValue | null => {
  const regions = [...state.children.values()].map(
    (region) => [region.key, region.isSettled ? onlyValueOf(region) : told(region)] as const,
  );
  if (regions.some(([, value]) => value === null)) return null;
  return Object.fromEntries(regions as readonly (readonly [string, StateValue])[]);
};

/** XState writes a state without states below it as its key alone. */
const around = (child: NamedState<unknown>, below: StateValue | null): StateValue | null => {
  if (below === null) return null;
  return child.children.size === 0 ? child.key : { [child.key]: below };
};
