import type { AnyStateMachine } from 'xstate';

type Config = {
  readonly [key in
    | 'type'
    | 'history'
    | 'target'
    | 'initial'
    | 'output'
    | 'onDone'
    | 'always'
    | 'invoke'
    | 'entry'
    | 'exit'
    | 'tags'
    | 'meta'
    | 'description'
    | 'id'
    | 'route']?: unknown;
} & {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly states?: Readonly<Record<string, Config>>;
};

type TransitionConfig = {
  readonly [key in 'guard' | 'actions' | 'reenter' | 'target' | 'meta' | 'description']?: unknown;
};

type InvokeConfig = {
  readonly [key in 'src' | 'id' | 'systemId' | 'input' | 'onDone' | 'onError' | 'onSnapshot']?: unknown;
};

type BuiltIn = {
  readonly [key in
    | 'type'
    | 'assignment'
    | 'event'
    | 'delay'
    | 'id'
    | 'to'
    | 'label'
    | 'sendId'
    | 'actorRef'
    | 'src']?: unknown;
};

interface StatePart {
  readonly key: string;
  readonly node: Config;
  readonly parent: Config;
  readonly depth: number;
  readonly isRoot: boolean;
}

interface TransitionPart {
  readonly source: string;
  readonly kind: 'on' | 'after' | 'always' | 'done' | 'invoke' | 'initial' | 'route';
  readonly event: string;
  readonly branch: number;
  readonly config: TransitionConfig;
}

export interface Parts {
  readonly machine: AnyStateMachine;
  readonly states: readonly StatePart[];
  readonly transitions: readonly TransitionPart[];
  readonly of: (kind: TransitionPart['kind']) => readonly TransitionPart[];
  readonly targets: readonly string[];
  readonly guards: readonly unknown[];
  /** Of the config, and those that are bound to its names. */
  readonly actions: readonly unknown[];
  readonly built: (type: string) => readonly BuiltIn[];
  readonly invokes: readonly InvokeConfig[];
  readonly logics: readonly unknown[];
  readonly bound: (kind: 'delays') => Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
}

export const partsOf = (machine: AnyStateMachine): Parts => {
  const machines = machinesWithin(machine, []);
  const states = machines.flatMap(({ config }) => statesIn(config as Config, 'root', {}, 0));
  const transitions = states.flatMap(transitionsIn);
  const actions = [
    ...states.flatMap(({ node }) => [...listOf(node.entry), ...listOf(node.exit)]),
    ...transitions.flatMap(({ config }) => listOf(config.actions)),
    ...machines.flatMap(({ implementations }) => Object.values(implementations.actions)),
  ];
  const guards = transitions.flatMap(({ config }) => withInner(config.guard));
  const invokes = states.flatMap(({ node }) => listOf(node.invoke) as readonly InvokeConfig[]);
  return {
    machine,
    states,
    transitions,
    of: (kind) => transitions.filter((each) => each.kind === kind),
    targets: transitions.flatMap(({ config }) => listOf(config.target) as readonly string[]),
    guards,
    actions,
    built: (type) =>
      actions.flatMap((action) =>
        isFunction(action) && (action as BuiltIn).type === `xstate.${type}` ? [action as BuiltIn] : [],
      ),
    invokes,
    logics: [
      ...machines.flatMap(({ implementations }) => Object.values(implementations.actors)),
      ...invokes.map(({ src }) => src),
    ],
    bound: (kind) => Object.assign({}, ...machines.map(({ implementations }) => implementations[kind])),
    names: [
      ...states.map(({ key }) => key),
      ...transitions.map(({ event }) => event),
      ...[...guards, ...actions].filter((each) => typeof each === 'string'),
    ],
  };
};

/** A machine and those that it names or holds as actors. */
const machinesWithin = (
  machine: AnyStateMachine,
  seen: readonly AnyStateMachine[],
): readonly AnyStateMachine[] => {
  if (seen.includes(machine)) return seen;
  const inline = statesIn(machine.config as Config, 'root', {}, 0).flatMap(({ node }) =>
    (listOf(node.invoke) as readonly InvokeConfig[]).map(({ src }) => src),
  );
  return [...Object.values(machine.implementations.actors), ...inline]
    .filter(isMachine)
    .reduce<readonly AnyStateMachine[]>((found, each) => machinesWithin(each, found), [...seen, machine]);
};

export const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === 'object' && value !== null && 'root' in value && 'implementations' in value;

const statesIn = (node: Config, key: string, parent: Config, depth: number): readonly StatePart[] => [
  { key, node, parent, depth, isRoot: depth === 0 },
  ...Object.entries(node.states ?? {}).flatMap(([name, child]) => statesIn(child, name, node, depth + 1)),
];

const transitionsIn = ({ key, node }: StatePart): readonly TransitionPart[] => {
  const branches = (kind: TransitionPart['kind'], event: string, value: unknown): readonly TransitionPart[] =>
    listOf(value).map((each, branch) => ({ source: key, kind, event, branch, config: asConfig(each) }));
  return [
    ...branches('initial', '', node.initial),
    ...branches('always', '', node.always),
    ...branches('done', '', node.onDone),
    ...branches('route', '', node.route),
    ...Object.entries(node.on ?? {}).flatMap(([event, value]) => branches('on', event, value)),
    ...Object.entries(node.after ?? {}).flatMap(([event, value]) => branches('after', event, value)),
    ...(listOf(node.invoke) as readonly InvokeConfig[]).flatMap(({ onDone, onError, onSnapshot }) =>
      [onDone, onError, onSnapshot].flatMap((value) => branches('invoke', '', value)),
    ),
  ];
};

export const asConfig = (value: unknown): TransitionConfig =>
  typeof value === 'string' ? { target: value } : (value as TransitionConfig);

export const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

export const kindOf = ({ type, states }: Config): unknown =>
  type ?? (states === undefined ? 'atomic' : 'compound');

export const isHistory = ({ type, history }: Config): boolean => type === 'history' || !!history;

// biome-ignore lint/complexity/noBannedTypes: whatever can be called
export const isFunction = (value: unknown): value is Function => typeof value === 'function';

export const isStatic = (value: unknown): boolean => value !== undefined && typeof value !== 'function';

export const paramsOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (value as { params?: unknown }).params : undefined;

export const isGuardOf = (guard: unknown, kind: string): boolean =>
  isFunction(guard) && 'guards' in guard && guard.name.startsWith(kind);

export const innerGuards = (guard: unknown): readonly unknown[] =>
  isFunction(guard) ? ((guard as { guards?: readonly unknown[] }).guards ?? []) : [];

const withInner = (guard: unknown): readonly unknown[] =>
  guard === undefined ? [] : [guard, ...innerGuards(guard).flatMap(withInner)];

export const stateValueOf = (guard: unknown): unknown =>
  isFunction(guard) ? (guard as { stateValue?: unknown }).stateValue : undefined;

export const isToItself = ({ source, config }: TransitionPart): boolean =>
  listOf(config.target).includes(source);
