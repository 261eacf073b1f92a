import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type {
  ActionModel,
  ChartModel,
  InvokeModel,
  StateModel,
  TransitionModel,
  TriggerKind,
} from './model.ts';
import { statesBelow } from './model.ts';

/** Reads any XState 5 machine into plain data. Every rendering, comparison and document starts from this one walk. */
export const walk = (machine: AnyStateMachine): ChartModel => {
  const root = walkState(machine.root, machine);
  const states = statesBelow(root);
  const transitions = states.flatMap((state) => state.transitions);
  const actions = [
    ...states.flatMap(({ entry, exit, transitions: own }) => [
      ...entry,
      ...own.flatMap((transition) => transition.actions),
      ...exit,
    ]),
  ];
  return {
    id: machine.id,
    root,
    events: unique(transitions.filter(({ kind }) => kind === 'event').map(({ trigger }) => trigger)),
    guards: unique(transitions.flatMap(({ guard }) => (guard === null ? [] : [guard]))),
    actions: unique(actions.map(({ name }) => name)),
    delays: unique(transitions.filter(({ kind }) => kind === 'after').map(({ trigger }) => trigger)),
  };
};

/** The id that `walk` gives to this transition. */
export const transitionIdOf = (transition: AnyTransitionDefinition): string => {
  const { source, eventType } = transition;
  return idOf(source, eventType, branchOf(transition));
};

/** The place of a transition among the branches of its trigger, from 0 on. */
export const branchOf = (transition: AnyTransitionDefinition): number => {
  const { source, eventType } = transition;
  const branches = eventType === '' ? source.always : source.transitions.get(eventType);
  return branches?.indexOf(transition) ?? 0;
};

const idOf = (source: AnyStateNode, eventType: string, branch: number): string => {
  const { kind, trigger } = triggerOf(source, eventType);
  return `${source.id}/${kind === 'event' ? trigger : [kind, trigger].filter(Boolean).join(':')}/${branch}`;
};

/** True for what `walk` can read. */
export const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === 'object' &&
  value !== null &&
  'root' in value &&
  'implementations' in value &&
  'config' in value;

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

const walkState = (node: AnyStateNode, machine: AnyStateMachine): StateModel => {
  const lists = [
    ...(node.always === undefined ? [] : [['', node.always] as const]),
    ...node.transitions.entries(),
  ];
  return {
    id: node.id,
    key: node.key,
    path: node.path,
    parent: node.parent?.id ?? null,
    type: node.type,
    history: node.history === false ? null : node.history,
    description: node.description ?? null,
    rule: ruleOf(node.meta),
    tags: node.tags,
    // The config's own lists: XState puts the start and the cancel of each `after` into the node's.
    entry: list(node.config.entry).map((action) => walkAction(action, machine)),
    exit: list(node.config.exit).map((action) => walkAction(action, machine)),
    invokes: node.invoke.map(({ id, src }): InvokeModel => ({ id, source: nameOf(src, 'actor') })),
    initial: initialOf(node),
    transitions: lists.flatMap(([type, branches]) =>
      branches.map((transition, branch) =>
        walkTransition(node, type, transition, { branch, branches: branches.length }, machine),
      ),
    ),
    states: Object.values(node.states).map((child) => walkState(child as AnyStateNode, machine)),
  };
};

const initialOf = (node: AnyStateNode): readonly string[] => {
  if (node.type === 'parallel') return Object.values(node.states).map(({ id }) => (id as string) ?? '');
  if (node.type === 'compound') return (node.initial.target ?? []).map(({ id }) => id);
  if (node.type !== 'history') return [];
  const target = (node.config as { target?: string }).target;
  return target === undefined ? [] : [`${node.parent?.id}.${target.replace(/^\./, '')}`];
};

const walkTransition = (
  node: AnyStateNode,
  eventType: string,
  transition: AnyTransitionDefinition,
  place: { readonly branch: number; readonly branches: number },
  machine: AnyStateMachine,
): TransitionModel => {
  const { kind, trigger } = triggerOf(node, eventType);
  return {
    id: idOf(node, eventType, place.branch),
    source: node.id,
    kind,
    trigger,
    eventType,
    ...place,
    guard: transition.guard === undefined ? null : guardNameOf(transition.guard),
    actions: list(transition.actions).map((action) => walkAction(action, machine)),
    targets: (transition.target ?? []).map(({ id }) => id),
    reenter: transition.target !== undefined && transition.reenter,
    description: transition.description ?? null,
    rule: ruleOf(transition.meta),
  };
};

const triggerOf = (node: AnyStateNode, eventType: string): { kind: TriggerKind; trigger: string } => {
  if (eventType === '') return { kind: 'always', trigger: '' };
  const timer = /^xstate\.after\.(.*)$/s.exec(eventType)?.[1];
  if (timer?.endsWith(`.${node.id}`)) {
    return { kind: 'after', trigger: timer.slice(0, -node.id.length - 1) };
  }
  const done = /^xstate\.done\.state\.(.*)$/s.exec(eventType)?.[1];
  if (done !== undefined) return { kind: 'done', trigger: done };
  const invoked = /^xstate\.(done|error)\.actor\.(.*)$/s.exec(eventType);
  if (invoked !== null) return { kind: 'invoke', trigger: `${invoked[1]}.${invoked[2]}` };
  const snapshot = /^xstate\.snapshot\.(.*)$/s.exec(eventType)?.[1];
  if (snapshot !== undefined) return { kind: 'invoke', trigger: `snapshot.${snapshot}` };
  return { kind: 'event', trigger: eventType };
};

const list = <T>(value: T | readonly T[] | undefined): readonly T[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
};

const ruleOf = (meta: unknown): string | null => {
  const rule = (meta as { rule?: unknown } | undefined)?.rule;
  return typeof rule === 'string' ? rule : null;
};

/** What XState's own action and guard creators leave on the functions that they return. */
interface Built {
  readonly type?: unknown;
  readonly name?: string;
  readonly event?: unknown;
  readonly guards?: readonly unknown[];
}

const nameOf = (value: unknown, what: string): string => {
  if (typeof value === 'string') return value;
  const { type, name } = value as Built;
  if (typeof value === 'object' && typeof type === 'string') return type;
  const own = typeof type === 'string' ? type.replace(/^xstate\./, '') : (name ?? '');
  return own === '' || own === what ? `inline ${what}` : `inline ${own}`;
};

/** What a guard is called in texts: its name, or that it has none. */
export const guardNameOf = (guard: unknown): string => {
  const parts = (guard as Built).guards;
  if (typeof guard !== 'function' || parts === undefined) return nameOf(guard, 'guard');
  const kind = ['and', 'or', 'not'].find((each) => (guard as Built).name?.startsWith(each)) ?? 'check';
  return `${kind}(${parts.map(guardNameOf).join(', ')})`;
};

const walkAction = (action: unknown, machine: AnyStateMachine): ActionModel => {
  const name = nameOf(action, 'action');
  const params = (action as { params?: unknown }).params;
  const implementation = machine.implementations.actions[name] ?? action;
  return {
    name,
    raises: raisedBy(implementation),
    params: typeof action === 'function' ? null : describeParams(params),
  };
};

const describeParams = (params: unknown): string | null => {
  if (params === undefined) return null;
  return typeof params === 'function' ? 'computed' : JSON.stringify(params);
};

const raisedBy = (action: unknown): string | null => {
  const { type, event } = action as Built;
  if (typeof action !== 'function' || type !== 'xstate.raise') return null;
  const raised = (event as { type?: unknown } | undefined)?.type;
  return typeof event === 'function' || typeof raised !== 'string' ? 'dynamic' : raised;
};
