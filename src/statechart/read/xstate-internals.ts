import type {
  AnyActor,
  AnyActorRef,
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  InspectionEvent,
  Snapshot,
} from 'xstate';
import type { LogicKind, TriggerKind } from './model.ts';

/*
 * All that is used here of XState beside its documented interface. The next version may change any of it: nothing else in the
 * sources touches it but `machines/deciding.ts`, since charts import no tools, and each function has a test
 * (`test/statechart/read/xstate-internals.test.ts`) that fails once XState does otherwise.
 */

/** What a chart has just taken, in order. Of two transitions that exclude each other XState names both and takes the first. */
export const transitionsOfMicrostep = (
  event: Extract<InspectionEvent, { type: '@xstate.microstep' }>,
): readonly AnyTransitionDefinition[] => event._transitions;

/** The type of a timer's event: behind the prefix stand its delay and the id of its state. */
export type TimerType = `xstate.after.${string}`;

/** The type of the event of a delay that a state has. */
export const timerTypeOf = (delay: string, stateId: string): TimerType => `xstate.after.${delay}.${stateId}`;

/** The delay, up to its first dot, in the type of a timer's event; null for any other type. */
export const delayOfTimer = (type: string): string | null =>
  /^xstate\.after\.([^.]*)\./.exec(type)?.[1] ?? null;

/** What a machine calls the error of any actor that it runs, whichever that is. */
export const anyActorError = 'xstate.error.actor.*';

/** Whether an event of this type is what a machine starts with. */
export const isStart = (type: string): boolean => type === 'xstate.init';

/** Whether an event starts or stops an actor, rather than being one for its machine. */
export const startsOrStops = (type: string): boolean => isStart(type) || type === 'xstate.stop';

/** The type of the event by which an actor tells that it is done, or that it has failed. */
export const actorEndType = (kind: 'done' | 'error', id: string): string => `xstate.${kind}.actor.${id}`;

/** Whether XState makes events of this type itself: a timer's, or of what is done or has failed. */
export const isOwnEvent = (type: string): boolean => type.startsWith('xstate.');

/** The events that tell of a new snapshot of an actor start with this, a dot and the actor's id. */
export const actorSnapshot = 'xstate.snapshot';

/** The event that leads to a state which has a `route`; whether it asks for that state, XState finds out by a guard of its own. */
export const routeType = 'xstate.route';

/** How a type of event in a state's transitions comes about, and the name that the chart has for it; empty for none. */
export const triggerOf = (
  type: string,
  stateId: string,
): { readonly kind: TriggerKind; readonly trigger: string } => {
  if (type === '') return { kind: 'always', trigger: '' };
  const timer = /^xstate\.after\.(.*)$/s.exec(type)?.[1];
  if (timer?.endsWith(`.${stateId}`)) return { kind: 'after', trigger: timer.slice(0, -stateId.length - 1) };
  const done = /^xstate\.done\.state\.(.*)$/s.exec(type)?.[1];
  if (done !== undefined) return { kind: 'done', trigger: done };
  const invoked = /^xstate\.(done|error)\.actor\.(.*)$/s.exec(type);
  if (invoked !== null) return { kind: 'invoke', trigger: `${invoked[1]}.${invoked[2]}` };
  const snapshot = /^xstate\.snapshot\.(.*)$/s.exec(type)?.[1];
  if (snapshot !== undefined) return { kind: 'invoke', trigger: `snapshot.${snapshot}` };
  return { kind: 'event', trigger: type };
};

/** A timer of an actor that has not expired; a new object each time it is started. */
export interface RunningTimer {
  readonly event: { readonly type: string };
  readonly delay: number;
}

/** The timers of this actor that run, in no particular order. */
export const runningTimers = (actor: AnyActorRef): readonly RunningTimer[] =>
  Object.values(actor.system.getSnapshot()._scheduledEvents).filter(({ source }) => source === actor);

/** The transitions of a state by the type of their event, in the order of the chart; eventless ones, of the type '', first. */
export const branchesOf = (
  node: AnyStateNode,
): readonly (readonly [type: string, branches: readonly AnyTransitionDefinition[]])[] => [
  ...(node.always === undefined ? [] : [['', node.always] as const]),
  ...node.transitions.entries(),
];

/** The place of a transition among the branches of its trigger, from 0 on. */
export const branchOf = (transition: AnyTransitionDefinition): number => {
  const { source, eventType } = transition;
  const branches = eventType === '' ? source.always : source.transitions.get(eventType);
  return branches?.indexOf(transition) ?? 0;
};

/** What a state was made from. */
export const configOfState = (node: AnyStateNode): Readonly<Record<string, unknown>> =>
  node.config as Readonly<Record<string, unknown>>;

/** The actions that the chart writes at a state, and on the way into its first one. XState's own lists also hold the start and the stop of each timer. */
export const writtenActions = (
  node: AnyStateNode,
): {
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly initial: readonly unknown[];
} => ({
  entry: listOf(node.config.entry),
  exit: listOf(node.config.exit),
  initial: node.type === 'compound' ? (node.initial.actions as readonly unknown[]) : [],
});

const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

/** What is entered with a state; of a history state, while there is nothing to remember. */
export const enteredAtFirst = (node: AnyStateNode): readonly AnyStateNode[] => {
  switch (node.type) {
    case 'parallel':
      return (Object.values(node.states) as readonly AnyStateNode[]).filter(({ type }) => type !== 'history');
    case 'compound':
      return node.initial.target ?? [];
    case 'history': {
      const { target } = node.config as { readonly target?: string | readonly string[] };
      const parent = node.parent!;
      if (target === undefined || target.length === 0) return enteredAtFirst(parent);
      return listOf(target).map((each) => stateNodeAt(parent, String(each)));
    }
    default:
      return [];
  }
};

/** By `#id` with a path below it, or by a path below `from`. */
const stateNodeAt = (from: AnyStateNode, target: string): AnyStateNode => {
  if (target.startsWith('#')) return from.machine.getStateNodeById(target.slice(1));
  let node = from;
  for (const key of pathOf(target.replace(/^\./, ''))) {
    const child = node.states[key] as AnyStateNode | undefined;
    if (child === undefined) throw new Error(`expected a state ${target} in ${from.id}, got none`);
    node = child;
  }
  return node;
};

/** The keys of a target such as `lit.dim`: a dot that belongs to a key stands behind a backslash, as does a backslash. */
const pathOf = (target: string): readonly string[] => {
  const keys = [''];
  for (const [part, escaped] of target.matchAll(/\\(.)|./gsu)) {
    if (part === '.') keys.push('');
    else keys.push(keys.pop() + (escaped ?? part));
  }
  return keys;
};

/** True for a machine of XState 5. */
export const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === 'object' &&
  value !== null &&
  'root' in value &&
  'implementations' in value &&
  'config' in value;

/** What is bound to the names of a machine. */
export const implementationsOf = (
  machine: AnyStateMachine,
): Readonly<Record<'guards' | 'actions' | 'delays' | 'actors', Readonly<Record<string, unknown>>>> => {
  const { guards, actions, delays, actors } = machine.implementations;
  return { guards: guards ?? {}, actions: actions ?? {}, delays: delays ?? {}, actors: actors ?? {} };
};

/** True for a machine of XState 4, which nothing here can read. */
export const isMachineOfXState4 = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '__xstatenode' in value && !('implementations' in value);

/** The machine that an actor runs; null for what is no actor of a machine. */
export const machineOfActor = (value: unknown): AnyStateMachine | null => {
  if (typeof value !== 'object' || value === null || !('logic' in value) || !('send' in value)) return null;
  return isMachine(value.logic) ? value.logic : null;
};

/** What the actor logic that a creator such as `fromPromise` returns keeps in its first snapshot or does when it starts. */
export const logicKindOf = (value: unknown): LogicKind | null => {
  if (typeof value !== 'object' || value === null || isMachine(value)) return null;
  const { config, transition, getInitialSnapshot, start } = value as {
    readonly [part in 'config' | 'transition' | 'getInitialSnapshot' | 'start']?: unknown;
  };
  if (typeof config !== 'function' || typeof transition !== 'function') return null;
  if (typeof getInitialSnapshot !== 'function') return null;
  if (typeof start !== 'function') return 'transition';
  const initial = String(getInitialSnapshot);
  if (/\b_subscription\b/.test(initial)) return 'observable';
  return /\breceivers\b/.test(String(start)) ? 'callback' : 'promise';
};

/** What is bound to the name of an action; undefined for nothing. */
export const implementationOf = (machine: AnyStateMachine, action: string): unknown =>
  machine.implementations.actions[action];

/** What a state invokes, in the order of the chart: the name of an actor, or the actor itself, which XState gives a name of its own. */
export const invokedBy = (
  node: AnyStateNode,
): readonly { readonly invoke: AnyStateNode['invoke'][number]; readonly src: unknown }[] => {
  const written = listOf(node.config.invoke) as readonly { readonly src: unknown }[];
  return node.invoke.map((invoke, at) => ({ invoke, src: written[at]!.src }));
};

/** What the logic of an actor was made of: the function given to `fromPromise` and the like, where it is kept. */
export const madeOf = (logic: unknown): unknown => {
  const { config, transition } = logic as { readonly config?: unknown; readonly transition?: unknown };
  return config ?? transition ?? logic;
};

/** `made`, with what is bound to names in `machine`. */
export const boundAs = (made: AnyStateMachine, machine: AnyStateMachine): AnyStateMachine =>
  made.provide(machine.implementations as never);

/** The same machine with this logic in place of each actor that it invokes or spawns by name, and of those that its states hold inline. */
export const withActors = (machine: AnyStateMachine, logic: unknown): AnyStateMachine => {
  const made = machine.provide({}) as AnyStateMachine;
  const actors = Object.fromEntries(
    Object.keys(machine.implementations.actors ?? {}).map((name) => [name, logic]),
  );
  const replaced = (state: StateConfig): StateConfig => ({
    ...state,
    ...(state.invoke === undefined
      ? {}
      : { invoke: listOf(state.invoke).map((each) => ({ ...(each as object), ...inlineAs(each, logic) })) }),
    ...(state.states === undefined
      ? {}
      : {
          states: Object.fromEntries(
            Object.entries(state.states).map(([key, each]) => [key, replaced(each)]),
          ),
        }),
  });
  const Machine = made.constructor as new (config: unknown, implementations: unknown) => AnyStateMachine;
  return new Machine(replaced(machine.config as StateConfig), { ...machine.implementations, actors });
};

interface StateConfig {
  readonly invoke?: unknown;
  readonly states?: Readonly<Record<string, StateConfig>>;
}

const inlineAs = (invoke: unknown, logic: unknown): object =>
  typeof (invoke as { readonly src: unknown }).src === 'string' ? {} : { src: logic };

/** What XState's own action and guard creators leave on the functions that they return. */
interface Built {
  readonly type?: unknown;
  readonly name?: string;
  readonly event?: unknown;
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
}

/** `assign`, `raise` and the like for what XState's creators return; null for any other function. */
export const creatorOf = (action: unknown): string | null => {
  const type = typeof action === 'function' ? (action as Built).type : null;
  return typeof type === 'string' ? type.replace(/^xstate\./, '') : null;
};

/** What one of XState's own actions was made with, by XState's words. */
export const partsOf = (action: unknown): Readonly<Record<string, unknown>> => {
  const { type: _, ...parts } = { ...(action as object) } as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(parts).filter(([part]) => !ownMethods.has(part)));
};

const ownMethods: ReadonlySet<string> = new Set(['resolve', 'retryResolve', 'execute', '_out_TEmitted']);

/** What a `raise` raises: an event, or the function that makes it; undefined for what is no `raise`. */
export const raisedBy = (action: unknown): unknown =>
  creatorOf(action) === 'raise' ? (action as Built).event : undefined;

/** The guards inside `and`, `or` and `not`; null for any other guard. */
export const guardsWithin = (
  guard: unknown,
): { readonly kind: 'and' | 'or' | 'not' | 'check'; readonly guards: readonly unknown[] } | null => {
  const { guards, name } = guard as Built;
  if (typeof guard !== 'function' || guards === undefined) return null;
  return { kind: (['and', 'or', 'not'] as const).find((each) => name?.startsWith(each)) ?? 'check', guards };
};

/** The state that a `stateIn` asks for; undefined for any other guard. */
export const stateAskedFor = (guard: unknown): unknown =>
  typeof guard === 'function' ? (guard as Built).stateValue : undefined;

/** Whether the source of a function that names a receiver reads the parent of its actor. */
export const readsParent = (source: string): boolean => /\bself\._parent\b/.test(source);

/** The actor that has spawned this one; undefined for the root of a system. */
export const parentOf = (actor: AnyActorRef): AnyActorRef | undefined =>
  (actor as AnyActorRef & { readonly _parent?: AnyActorRef })._parent;

/** The config of the machine that an actor runs; undefined for an actor of another kind. */
export const configOf = (actor: AnyActorRef): unknown =>
  (actor as AnyActorRef & { readonly logic?: { readonly config?: unknown } }).logic?.config;

/** An action on its way to be executed. */
export interface ExecutableAction {
  readonly type: string;
  readonly params?: unknown;
}

/**
 * In which a machine takes pure steps, by `getInitialSnapshot` and `transition`: nothing is executed but `execute`. `self` is an
 * actor of the machine that is never started; its `inspect` sees the steps. One scope, used again and again, makes a step several
 * times cheaper than `transition` of XState, which makes an actor for each.
 */
export const inertScope = (self: AnyActor, execute: (action: ExecutableAction) => void): AnyActorScope =>
  ({
    self,
    defer: () => {},
    id: '',
    logger: () => {},
    sessionId: '',
    stopChild: () => {},
    system: self.system,
    emit: () => {},
    actionExecutor: execute,
  }) as unknown as AnyActorScope;

/** A timer that a step started or stopped. */
export interface TimerChange {
  readonly change: 'start' | 'stop';
  /** Also the type of the event that fires it. */
  readonly id: string;
}

/** What an action does to a timer; null for one that does nothing to any. An event that is raised at once is no timer. */
export const timerChangeOf = ({ type, params }: ExecutableAction): TimerChange | null => {
  if (type === 'xstate.cancel') return { change: 'stop', id: (params as { readonly sendId: string }).sendId };
  if (type !== 'xstate.raise') return null;
  const { event, delay } = params as { readonly event: { readonly type: string }; readonly delay?: number };
  return delay === undefined ? null : { change: 'start', id: event.type };
};

/** The snapshot of a machine in this state and context. No timer of it runs. */
export const snapshotAt = <TSnapshot extends Snapshot<unknown>>(
  machine: { resolveState(config: never): TSnapshot },
  value: unknown,
  context: unknown,
): TSnapshot => machine.resolveState({ value, context } as never);

/** What an action has a machine do later to itself. */
export type OwnSchedule =
  | { readonly change: 'stop'; readonly id: string }
  | {
      readonly change: 'start';
      /** What stops it; null where nothing can. */
      readonly id: string | null;
      readonly event: { readonly type: string };
      /** Null: it comes as the next event. */
      readonly delayMs: number | null;
    };

/** What an action schedules or stops for `self`, the machine that it is an action of; null for any other action. A `raise` without a delay is part of the step. */
export const ownScheduleOf = ({ type, params }: ExecutableAction, self: AnyActorRef): OwnSchedule | null => {
  if (type === 'xstate.cancel') return { change: 'stop', id: (params as { readonly sendId: string }).sendId };
  if (type !== 'xstate.raise' && type !== 'xstate.sendTo') return null;
  const { to, event, id, delay } = params as {
    readonly to?: unknown;
    readonly event: { readonly type: string };
    readonly id?: string;
    readonly delay?: number;
  };
  if (type === 'xstate.sendTo' && to !== self) return null;
  if (type === 'xstate.raise' && delay === undefined) return null;
  return { change: 'start', id: id ?? null, event, delayMs: delay ?? null };
};

/** Steps of one actor that is never started go back and forth: what has the same `systemId` as something in another step replaces it. */
export const forgetSystemIds = ({ system }: AnyActor): void => {
  const named = new Map<string, AnyActorRef>();
  const open = system as unknown as { get: unknown; _set: unknown };
  open._set = (systemId: string, actor: AnyActorRef) => named.set(systemId, actor);
  open.get = (systemId: string) => named.get(systemId);
};

/** Whether a value is a reference to an actor, of whichever copy of XState. */
export const isActorRef = (value: object): value is AnyActorRef =>
  'sessionId' in value && 'send' in value && 'getSnapshot' in value;

/** What history states remember in a snapshot: the ids of the states, by that of the history state. */
export const historyOf = ({
  historyValue,
}: AnyMachineSnapshot): readonly (readonly [history: string, states: readonly string[]])[] =>
  Object.entries((historyValue ?? {}) as Readonly<Record<string, readonly AnyStateNode[]>>).map(
    // In whichever order they were left.
    ([history, nodes]) => [history, nodes.map(({ id }) => id).toSorted()],
  );

/** Whether an event of this type comes of itself: a timer's, or of a state that is done. */
export const comesByItself = (type: string): boolean => /^xstate\.(after|done\.state)\./.test(type);

/** The actor that an event tells of, such as `load` in `xstate.done.actor.load`; null for an event of another kind. */
export const actorEventOf = (
  type: string,
): { readonly kind: 'done' | 'error' | 'snapshot'; readonly actor: string } | null => {
  const ended = /^xstate\.(done|error)\.actor\.(.*)$/s.exec(type);
  if (ended !== null) return { kind: ended[1] as 'done' | 'error', actor: ended[2]! };
  const seen = /^xstate\.snapshot\.(.*)$/s.exec(type);
  return seen === null ? null : { kind: 'snapshot', actor: seen[1]! };
};

/** How a state looks for its transition. */
interface Searching {
  next(snapshot: AnyMachineSnapshot, event: { readonly type: string }): unknown;
}

const quick = new WeakSet<AnyStateMachine>();

/**
 * `machine`, which from now on does not ask a state for its transition that has none for this type of event: most of those that are asked have none, and what XState remembers of each
 * takes it a while to find. A state with a wildcard is always asked. Transitions
 * that somebody adds to its states afterwards would not be found; XState itself adds none.
 */
export const quickened = <Machine extends AnyStateMachine>(machine: Machine): Machine => {
  const quicken = (node: AnyStateNode): void => {
    const types = new Set(node.transitions.keys());
    const searching = node as unknown as Searching;
    const search = searching.next;
    if (![...types].some((type) => type.endsWith('*')))
      searching.next = (snapshot, event) =>
        types.has(event.type) ? search.call(node, snapshot, event) : undefined;
    Object.values(node.states).forEach(quicken);
  };
  if (!quick.has(machine)) quicken(machine.root);
  quick.add(machine);
  return machine;
};
