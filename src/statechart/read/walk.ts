import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { ActionModel, ChartModel, InvokeModel, StateModel, TransitionModel } from './model.ts';
import { statesBelow } from './model.ts';
import {
  branchesOf,
  branchOf,
  creatorOf,
  defaultOfHistory,
  guardsWithin,
  implementationOf,
  raisedBy,
  triggerOf,
  writtenActions,
} from './xstate-internals.ts';

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

const idOf = (source: AnyStateNode, eventType: string, branch: number): string => {
  const { kind, trigger } = triggerOf(eventType, source.id);
  return `${source.id}/${kind === 'event' ? trigger : [kind, trigger].filter(Boolean).join(':')}/${branch}`;
};

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

const walkState = (node: AnyStateNode, machine: AnyStateMachine): StateModel => {
  const { entry, exit } = writtenActions(node);
  return {
    id: node.id,
    key: node.key,
    path: node.path,
    parent: node.parent?.id ?? null,
    type: node.type,
    history: historyOf(node),
    description: node.description ?? null,
    rule: ruleOf(node.meta),
    tags: node.tags,
    entry: entry.map((action) => walkAction(action, machine)),
    exit: exit.map((action) => walkAction(action, machine)),
    invokes: node.invoke.map(({ id, src }): InvokeModel => ({ id, source: nameOf(src, 'actor') })),
    initial: initialOf(node),
    transitions: branchesOf(node).flatMap(([type, branches]) =>
      branches.map((transition, branch) =>
        walkTransition(node, type, transition, { branch, branches: branches.length }, machine),
      ),
    ),
    states: Object.values(node.states).map((child) => walkState(child as AnyStateNode, machine)),
  };
};

/** XState leaves it out where the chart does, and remembers the children then. */
const historyOf = (node: AnyStateNode): StateModel['history'] => {
  if (node.type !== 'history') return null;
  return node.history === 'deep' ? 'deep' : 'shallow';
};

const initialOf = (node: AnyStateNode): readonly string[] => {
  if (node.type === 'parallel') return Object.values(node.states).map(({ id }) => (id as string) ?? '');
  if (node.type === 'compound') return (node.initial.target ?? []).map(({ id }) => id);
  if (node.type !== 'history') return [];
  const target = defaultOfHistory(node);
  return target === null ? [] : [target.id];
};

const walkTransition = (
  node: AnyStateNode,
  eventType: string,
  transition: AnyTransitionDefinition,
  place: { readonly branch: number; readonly branches: number },
  machine: AnyStateMachine,
): TransitionModel => {
  const { kind, trigger } = triggerOf(eventType, node.id);
  return {
    id: idOf(node, eventType, place.branch),
    source: node.id,
    kind,
    trigger,
    eventType,
    ...place,
    guard: transition.guard === undefined ? null : guardNameOf(transition.guard),
    actions: transition.actions.map((action) => walkAction(action, machine)),
    targets: (transition.target ?? []).map(({ id }) => id),
    reenter: transition.target !== undefined && transition.reenter,
    description: transition.description ?? null,
    rule: ruleOf(transition.meta),
    question: questionOf(transition.guard),
  };
};

const ruleOf = (meta: unknown): string | null => {
  const rule = (meta as { rule?: unknown } | undefined)?.rule;
  return typeof rule === 'string' ? rule : null;
};

const nameOf = (value: unknown, what: string): string => {
  if (typeof value === 'string') return value;
  const { type, name } = value as { readonly type?: unknown; readonly name?: string };
  if (typeof value === 'object' && typeof type === 'string') return type;
  const own = creatorOf(value) ?? name ?? '';
  return own === '' || own === what ? `inline ${what}` : `inline ${own}`;
};

/** What a guard is called in texts: its name, or that it has none. */
export const guardNameOf = (guard: unknown): string => {
  const inner = guardsWithin(guard);
  return inner === null
    ? nameOf(guard, 'guard')
    : `${inner.kind}(${inner.guards.map(guardNameOf).join(', ')})`;
};

/** By name and static params; a function asks whatever it likes, and so do params that are computed. */
const questionOf = (guard: unknown): string | null => {
  if (typeof guard === 'string') return guard;
  if (typeof guard !== 'object' || guard === null) return null;
  const { type, params } = guard as { readonly type: string; readonly params?: unknown };
  if (params === undefined) return type;
  return typeof params === 'function' ? null : `${type} ${JSON.stringify(params)}`;
};

const walkAction = (action: unknown, machine: AnyStateMachine): ActionModel => {
  const name = nameOf(action, 'action');
  const params = (action as { params?: unknown }).params;
  return {
    name,
    raises: raisedName(raisedBy(implementationOf(machine, name) ?? action)),
    params: typeof action === 'function' ? null : describeParams(params),
  };
};

const describeParams = (params: unknown): string | null => {
  if (params === undefined) return null;
  return typeof params === 'function' ? 'computed' : JSON.stringify(params);
};

const raisedName = (event: unknown): string | null => {
  if (event === undefined) return null;
  const { type } = event as { readonly type?: unknown };
  return typeof event === 'function' || typeof type !== 'string' ? 'dynamic' : type;
};
