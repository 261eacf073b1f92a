import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { checkConfig } from './check-config.ts';
import type {
  ActionModel,
  ActorModel,
  Bound,
  ChartModel,
  GuardModel,
  InvokeModel,
  OwnAction,
  StateModel,
  TransitionModel,
} from './model.ts';
import { statesBelow } from './model.ts';
import { type Written, writtenOf } from './written.ts';
import {
  branchesOf,
  branchOf,
  creatorOf,
  enteredAtFirst,
  guardsWithin,
  implementationOf,
  implementationsOf,
  invokedBy,
  isMachine,
  logicKindOf,
  madeOf,
  partsOf,
  raisedBy,
  stateAskedFor,
  triggerOf,
  writtenActions,
} from './xstate-internals.ts';

/** Reads any XState 5 machine into plain data. Every rendering, comparison and document starts from this one walk. Throws `ConfigUnfit`. */
export const walk = (machine: AnyStateMachine): ChartModel => walkWithin(machine, []);

/** `around`: the machines that this one is a part of. */
const walkWithin = (machine: AnyStateMachine, around: readonly AnyStateMachine[]): ChartModel => {
  checkConfig(machine);
  const inner = [...around, machine];
  const root = walkState(machine.root, { machine, around: inner });
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
    context: writtenOrNull(machine.config.context),
    version: machine.version ?? null,
    bound: boundIn(machine, inner),
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

/** Where the walk is. */
interface Walk {
  readonly machine: AnyStateMachine;
  /** The machine, after those that it is a part of. */
  readonly around: readonly AnyStateMachine[];
}

const writtenOrNull = (value: unknown): Written | null => (value === undefined ? null : writtenOf(value));

const boundIn = (machine: AnyStateMachine, around: readonly AnyStateMachine[]): Bound => {
  const { guards, actions, delays, actors } = implementationsOf(machine);
  const walk: Walk = { machine, around };
  const each = <Model>(bound: Readonly<Record<string, unknown>>, model: (value: unknown) => Model) =>
    Object.fromEntries(
      Object.entries(bound).flatMap(([name, value]) =>
        value === undefined || value === null ? [] : [[name, model(value)]],
      ),
    ) as Readonly<Record<string, Model>>;
  return {
    guards: each(guards, guardModelOf),
    actions: each(actions, (action) => walkAction(action, walk)),
    delays: each(delays, writtenOf),
    actors: each(actors, (actor) => walkActor(actor, walk)),
  };
};

const walkState = (node: AnyStateNode, walk: Walk): StateModel => {
  const { entry, exit, initial } = writtenActions(node);
  return {
    id: node.id,
    key: node.key,
    path: node.path,
    parent: node.parent?.id ?? null,
    type: node.type,
    history: node.type !== 'history' ? null : node.history === 'deep' ? 'deep' : 'shallow',
    description: node.description ?? null,
    ...metaOf(node.meta),
    tags: node.tags,
    entry: entry.map((action) => walkAction(action, walk)),
    exit: exit.map((action) => walkAction(action, walk)),
    invokes: invokedBy(node).map((each) => walkInvoke(each, walk)),
    initial: enteredAtFirst(node).map(({ id }) => id),
    initialActions: initial.map((action) => walkAction(action, walk)),
    output: writtenOrNull(node.output),
    transitions: branchesOf(node).flatMap(([type, branches]) =>
      branches.map((transition, branch) =>
        walkTransition(node, type, transition, { branch, branches: branches.length }, walk),
      ),
    ),
    states: Object.values(node.states).map((child) => walkState(child as AnyStateNode, walk)),
  };
};

const walkTransition = (
  node: AnyStateNode,
  eventType: string,
  transition: AnyTransitionDefinition,
  place: { readonly branch: number; readonly branches: number },
  walk: Walk,
): TransitionModel => {
  const { kind, trigger } = triggerOf(eventType, node.id);
  // XState takes null for no guard, as a chart in JSON may have it.
  const guard = transition.guard ?? undefined;
  return {
    id: idOf(node, eventType, place.branch),
    source: node.id,
    kind,
    trigger,
    eventType,
    actor: kind === 'invoke' ? actorCalled(trigger, node) : null,
    ...place,
    guard: guard === undefined ? null : guardNameOf(guard),
    asks: guard === undefined ? null : guardModelOf(guard),
    actions: transition.actions.map((action) => walkAction(action, walk)),
    targets: (transition.target ?? []).map(({ id }) => id),
    reenter: transition.target !== undefined && transition.reenter,
    description: transition.description ?? null,
    ...metaOf(transition.meta),
    question: guard === undefined ? null : questionOf(guardModelOf(guard)),
  };
};

/** `trigger`: what is told, and by which id. XState makes the ids of actors that have none. */
const actorCalled = (trigger: string, node: AnyStateNode): string => {
  const id = trigger.slice(trigger.indexOf('.') + 1);
  const at = invokedBy(node).findIndex(({ invoke }) => invoke.id === id);
  if (at < 0 || id !== `${at}.${node.id}`) return id;
  const { src } = invokedBy(node)[at]!;
  return typeof src === 'string' ? src : actorNameOf(src);
};

const metaOf = (meta: unknown): { readonly rule: string | null; readonly meta: Written | null } => {
  if (typeof meta !== 'object' || meta === null)
    return { rule: null, meta: writtenOrNull(meta ?? undefined) };
  const fields = fieldsOf(meta);
  if (fields === null) return { rule: null, meta: writtenOf(meta) };
  const { rule, ...others } = fields;
  if (rule !== undefined && typeof rule.value !== 'string') return { rule: null, meta: writtenOf(meta) };
  // Not read: a getter may throw.
  const left: object = Object.defineProperties({}, others);
  return { rule: rule?.value ?? null, meta: Object.keys(left).length === 0 ? null : writtenOf(left) };
};

/** Null for a proxy that refuses. */
const fieldsOf = (value: object): Readonly<Record<string, PropertyDescriptor>> | null => {
  try {
    return Object.getOwnPropertyDescriptors(value);
  } catch {
    return null;
  }
};

const nameOf = (value: unknown, what: string): string => {
  if (typeof value === 'string') return value;
  const { type, name } = value as { readonly type?: unknown; readonly name?: string };
  if (typeof value === 'object' && typeof type === 'string') return type;
  // A function without a name of its own has that of the property it stands in.
  const own = name === undefined || propertiesOfConfig.has(name) ? '' : name;
  return own === '' ? `inline ${what}` : `inline ${own}`;
};

const propertiesOfConfig: ReadonlySet<string> = new Set(['actions', 'entry', 'exit', 'guard', 'src']);

/** What a guard is called in texts: its name, or that it has none. */
export const guardNameOf = (guard: unknown): string => {
  const state = stateAskedFor(guard);
  if (state !== undefined)
    return `stateIn(${typeof state === 'string' ? state : writtenOf(state).text.replaceAll('"', '')})`;
  const inner = guardsWithin(guard);
  return inner === null
    ? nameOf(guard, 'guard')
    : `${inner.kind}(${inner.guards.map(guardNameOf).join(', ')})`;
};

/** What a function in a config is called, whatever it is there for; `inline` for one that has no name. */
export const functionNameOf = (made: object): string => {
  if (creatorOf(made) !== null) return actionNameOf(made);
  if (guardsWithin(made) !== null || stateAskedFor(made) !== undefined) return guardNameOf(made);
  return nameOf(made, '').trim();
};

const guardModelOf = (guard: unknown): GuardModel => {
  const state = stateAskedFor(guard);
  if (state !== undefined) return { kind: 'stateIn', state: writtenOf(state) };
  const inner = guardsWithin(guard);
  if (inner !== null && inner.kind !== 'check')
    return { kind: inner.kind, guards: inner.guards.map(guardModelOf) };
  if (typeof guard === 'function') return { kind: 'function', source: writtenOf(guard) };
  if (typeof guard === 'string') return { kind: 'named', name: guard, params: null };
  const { type, params } = guard as { readonly type: string; readonly params?: unknown };
  return { kind: 'named', name: type, params: writtenOrNull(params) };
};

/** By names, static params and states; a function asks whatever it likes, and so do params that are computed. */
const questionOf = (guard: GuardModel): string | null => {
  switch (guard.kind) {
    case 'function':
      return null;
    case 'stateIn':
      return `stateIn ${guard.state.text}`;
    case 'named':
      if (guard.params === null) return guard.name;
      return guard.params.kind === 'function' ? null : `${guard.name} ${guard.params.text}`;
    default: {
      const inner = guard.guards.map(questionOf);
      return inner.includes(null) ? null : `${guard.kind}(${inner.join(', ')})`;
    }
  }
};

const walkAction = (action: unknown, { machine }: Walk): ActionModel => {
  const own = ownActionOf(action);
  const name = actionNameOf(action);
  const params = typeof action === 'function' ? undefined : (action as { params?: unknown }).params;
  return {
    name,
    raises: raisedName(raisedBy(own === null ? (implementationOf(machine, name) ?? action) : action)),
    params: writtenOrNull(params),
    own,
  };
};

/** What an action is called in texts: its name, or what it does. */
export const actionNameOf = (action: unknown): string => {
  const own = ownActionOf(action);
  return own === null || own.kind === 'function'
    ? nameOf(action, 'action')
    : ownActionText(own.kind, partsOf(action));
};

const ownActionOf = (action: unknown): OwnAction | null => {
  if (typeof action !== 'function') return null;
  const kind = creatorOf(action) as OwnAction['kind'] | null;
  if (kind === null) return { kind: 'function', parts: { source: writtenOf(action) } };
  const parts = Object.entries(partsOf(action)).flatMap(([part, value]) =>
    value === undefined ? [] : [[part, writtenOf(value)] as const],
  );
  return { kind, parts: Object.fromEntries(parts) };
};

/** An action of XState's own in a few words: `raise(BLINK)`, `assign(count)`, `sendTo(printer, PRINT)`. */
const ownActionText = (kind: OwnAction['kind'], parts: Readonly<Record<string, unknown>>): string => {
  const words = (aboutAction[kind] ?? []).flatMap((part) =>
    parts[part] === undefined ? [] : [wordFor(parts[part])],
  );
  // What is computed tells nothing by itself.
  return words.every((word) => word === computedWord || word === '')
    ? `inline ${kind}`
    : `${kind}(${words.join(', ')})`;
};

const aboutAction: Readonly<Partial<Record<OwnAction['kind'], readonly string[]>>> = {
  assign: ['assignment'],
  raise: ['event'],
  sendTo: ['to', 'event'],
  emit: ['event'],
  log: ['value'],
  cancel: ['sendId'],
  spawnChild: ['src'],
  stopChild: ['actorRef'],
};

const computedWord = '…';
const maxWordLength = 60;

/** An event by its type, any other object by its keys, a text as it is. */
const wordFor = (value: unknown): string => {
  if (typeof value === 'function') return computedWord;
  const word = typeof value === 'object' && value !== null ? wordForObject(value) : String(value);
  return word.length <= maxWordLength ? word : `${word.slice(0, maxWordLength - 1)}…`;
};

const wordForObject = (value: object): string => {
  try {
    return 'type' in value && typeof value.type === 'string' ? value.type : Object.keys(value).join(', ');
  } catch {
    // A getter or a proxy may throw.
    return computedWord;
  }
};

const walkInvoke = ({ invoke, src }: ReturnType<typeof invokedBy>[number], walk: Walk): InvokeModel => ({
  id: invoke.id,
  source: typeof src === 'string' ? src : actorNameOf(src),
  systemId: invoke.systemId ?? null,
  input: writtenOrNull((invoke as { readonly input?: unknown }).input),
  own: typeof src === 'string' ? null : walkActor(src, walk),
});

/** What an actor without a name is called in texts. */
export const actorNameOf = (actor: unknown): string =>
  isMachine(actor) ? `inline machine ${actor.id}` : 'inline actor';

const walkActor = (actor: unknown, { around }: Walk): ActorModel => {
  if (!isMachine(actor)) return { kind: logicKindOf(actor) ?? 'other', source: writtenOf(madeOf(actor)) };
  const isInside = around.some(({ config }) => config === actor.config);
  return { kind: 'machine', id: actor.id, chart: isInside ? null : walkWithin(actor, around) };
};

const raisedName = (event: unknown): string | null => {
  if (event === undefined) return null;
  const { type } = event as { readonly type?: unknown };
  return typeof event === 'function' || typeof type !== 'string' ? 'dynamic' : type;
};
