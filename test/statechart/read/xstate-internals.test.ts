import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  type AnyActor,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  and,
  assign,
  cancel,
  createActor,
  createMachine,
  fromCallback,
  fromPromise,
  fromTransition,
  not,
  or,
  raise,
  SimulatedClock,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import {
  actorEndType,
  actorEventOf,
  actorSnapshot,
  branchesOf,
  branchOf,
  comesByItself,
  configOf,
  creatorOf,
  delayOfTimer,
  enteredAtFirst,
  forgetSystemIds,
  guardsWithin,
  historyOf,
  implementationOf,
  implementationsOf,
  inertScope,
  invokedBy,
  isActorRef,
  isMachine,
  isOwnEvent,
  isStart,
  madeOf,
  ownScheduleOf,
  parentOf,
  partsOf,
  raisedBy,
  readsParent,
  routeType,
  runningTimers,
  snapshotAt,
  stateAskedFor,
  timerChangeOf,
  timerTypeOf,
  transitionsOfMicrostep,
  triggerOf,
  withActors,
  writtenActions,
} from '../../../src/statechart/read/xstate-internals.ts';

const logIt = () => {};

/** A lamp with all that is read beside XState's documented interface. */
const lamp = setup({
  types: { events: {} as { type: 'PRESS' | 'BLINK' }, context: {} as { readonly presses: number } },
  guards: { isDark: () => true, isLate: ({ context }) => context.presses > 9 },
  actions: {
    blink: raise({ type: 'BLINK' }),
    count: () => {},
    shine: (_, _params: { readonly watts: number }) => {},
  },
  actors: { buzz: fromCallback(() => {}) },
  delays: { patience: 500 },
}).createMachine({
  id: 'lamp',
  context: { presses: 0 },
  initial: 'off',
  states: {
    off: {
      entry: 'count',
      exit: ['count', 'blink'],
      always: { guard: 'isLate', target: 'done' },
      after: { patience: { target: 'on' }, 1000: { target: 'on' } },
      on: {
        PRESS: [
          { guard: 'isLate', target: 'done' },
          { target: 'on', actions: assign({ presses: ({ context }) => context.presses + 1 }) },
        ],
      },
    },
    on: {
      entry: { type: 'shine', params: { watts: 40 } },
      invoke: { src: 'buzz', id: 'buzzer', onDone: 'off', onError: 'off', onSnapshot: {} },
      initial: { target: 'dim', actions: 'count' },
      states: {
        dim: { on: { PRESS: 'out' } },
        past: { type: 'history', target: 'out' },
        before: { type: 'history' },
        out: { type: 'final' },
      },
      onDone: 'off',
    },
    done: { type: 'final' },
  },
});

const machine = lamp as unknown as AnyStateMachine;
const node = (path: string): AnyStateNode =>
  path.split('.').reduce((around: AnyStateNode, key) => around.states[key] as AnyStateNode, machine.root);

describe('what is used of XState beside its documented interface', () => {
  it('a microstep names the transitions that were taken, and none for how a chart begins', () => {
    const seen: (readonly [event: string, taken: readonly AnyTransitionDefinition[]])[] = [];
    const actor = createActor(lamp, {
      inspect: (event) => {
        if (event.type === '@xstate.microstep') seen.push([event.event.type, transitionsOfMicrostep(event)]);
      },
    }).start();
    actor.send({ type: 'PRESS' });
    const pressed = seen.filter(([event]) => event === 'PRESS').map(([, taken]) => taken);
    expect(pressed).toHaveLength(1);
    expect(pressed[0]!.map(({ source, eventType }) => [source.id, eventType])).toEqual([
      ['lamp.off', 'PRESS'],
    ]);
    expect(pressed[0]![0]).toBe(node('off').transitions.get('PRESS')![1]);
  });

  it('of two transitions that exclude each other a microstep names both', () => {
    const pair = createMachine({
      id: 'pair',
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: { a: { on: { GO: '#pair.one' } }, b: { on: { GO: '#pair.two' } } },
        },
        one: {},
        two: {},
      },
    });
    let sources: readonly string[] = [];
    const actor = createActor(pair, {
      inspect: (event) => {
        if (event.type === '@xstate.microstep')
          sources = transitionsOfMicrostep(event).map(({ source }) => source.id);
      },
    }).start();
    actor.send({ type: 'GO' });
    expect(sources).toEqual(['pair.both.a', 'pair.both.b']);
    expect(actor.getSnapshot().value).toBe('one');
  });

  it('types of its own events tell what they come from', () => {
    const typesOf = (path: string) => branchesOf(node(path)).map(([type]) => type);
    expect(typesOf('off').map((type) => triggerOf(type, 'lamp.off'))).toEqual([
      { kind: 'always', trigger: '' },
      { kind: 'event', trigger: 'PRESS' },
      // Keys that are whole numbers come first in any object.
      { kind: 'after', trigger: '1000' },
      { kind: 'after', trigger: 'patience' },
    ]);
    expect(typesOf('on').map((type) => triggerOf(type, 'lamp.on'))).toEqual([
      { kind: 'done', trigger: 'lamp.on' },
      { kind: 'invoke', trigger: 'done.buzzer' },
      { kind: 'invoke', trigger: 'error.buzzer' },
      { kind: 'invoke', trigger: 'snapshot.buzzer' },
    ]);
    expect(typesOf('off').map(delayOfTimer)).toEqual([null, null, '1000', 'patience']);
    expect(typesOf('off')).toContain(timerTypeOf('patience', machine.root.states.off!.id));
    expect(typesOf('off').map(isOwnEvent)).toEqual([false, false, true, true]);
    expect(typesOf('on').every(isOwnEvent)).toBe(true);
  });

  it('a state has its branches in order, and a transition its place among them', () => {
    const [, press] = branchesOf(node('off')).find(([type]) => type === 'PRESS')!;
    expect(press.map(({ guard }) => guard)).toEqual(['isLate', undefined]);
    expect(press.map(branchOf)).toEqual([0, 1]);
    expect(branchesOf(node('off'))[0]![1].map(branchOf)).toEqual([0]);
  });

  it('the config has the actions as they are written, without timers', () => {
    expect(writtenActions(node('off'))).toEqual({ entry: ['count'], exit: ['count', 'blink'], initial: [] });
    expect(writtenActions(node('done'))).toEqual({ entry: [], exit: [], initial: [] });
    expect(writtenActions(node('on')).initial).toEqual(['count']);
    // If XState no longer adds its own, the config need not be asked.
    expect(node('off').entry.length).toBeGreaterThan(1);
  });

  it('each state says what is entered with it, a history state what is entered at first', () => {
    const entered = (path: string) => enteredAtFirst(node(path)).map(({ id }) => id);
    expect(entered('on')).toEqual(['lamp.on.dim']);
    expect(entered('off')).toEqual([]);
    expect(entered('on.past')).toEqual(['lamp.on.out']);
    // Without a target it is what the parent starts in.
    expect(entered('on.before')).toEqual(['lamp.on.dim']);
    const home = createMachine({
      id: 'home',
      initial: 'in',
      states: {
        in: {
          initial: 'a.b',
          states: {
            'a.b': { initial: 'c\\d', states: { 'c\\d': {} } },
            byPath: { type: 'history', target: 'a\\.b.c\\\\d' },
            byId: { type: 'history', target: '#out' },
          },
        },
        away: { id: 'out' },
      },
    });
    const { byPath, byId } = home.root.states.in!.states;
    expect(enteredAtFirst(byPath as AnyStateNode).map(({ id }) => id)).toEqual(['home.in.a.b.c\\d']);
    expect(enteredAtFirst(byId as AnyStateNode).map(({ id }) => id)).toEqual(['out']);
  });

  it('a machine is known by its parts, and has what is bound to the names of actions', () => {
    expect(isMachine(lamp)).toBe(true);
    expect(isMachine(lamp.provide({}))).toBe(true);
    for (const other of [null, {}, logIt, lamp.config, lamp.root]) expect(isMachine(other)).toBe(false);
    expect(creatorOf(implementationOf(machine, 'blink'))).toBe('raise');
    expect(implementationOf(machine, 'gone')).toBeUndefined();
    const provided = machine.provide({ actions: { count: logIt } });
    expect(implementationOf(provided, 'count')).toBe(logIt);
  });

  it('what is bound to the names of a machine, also where nothing is', () => {
    const { guards, actions, delays, actors } = implementationsOf(machine);
    expect(Object.keys(guards)).toEqual(['isDark', 'isLate']);
    expect(Object.keys(actions)).toEqual(['blink', 'count', 'shine']);
    expect(delays).toEqual({ patience: 500 });
    expect(Object.keys(actors)).toEqual(['buzz']);
    expect(implementationsOf(createMachine({}) as AnyStateMachine)).toEqual({
      guards: {},
      actions: {},
      delays: {},
      actors: {},
    });
  });

  it('an invoke has the name of its actor, or the actor itself, which XState calls otherwise', () => {
    const load = fromPromise(async () => 1);
    const inline = createMachine({
      id: 'inline',
      initial: 'a',
      states: { a: { id: 'x.0.a', invoke: [{ src: 'named' }, { src: load }] } },
    } as never) as AnyStateMachine;
    const [named, own] = invokedBy(Object.values(inline.root.states)[0]!);
    expect(named!.src).toBe('named');
    expect(own!.src).toBe(load);
    expect(own!.invoke.src).toBe('xstate.invoke.1.x.0.a');
  });

  it('the logic of an actor keeps what it was made of', () => {
    const run = async () => 1;
    expect(madeOf(fromPromise(run))).toBe(run);
    const reduce = (state: number) => state;
    expect(madeOf(fromTransition(reduce, 0))).toBe(reduce);
    const call = () => {};
    expect(madeOf(fromCallback(call))).toBe(call);
  });

  it('the actions of XState keep what they were made with, and stateIn its state', () => {
    expect(partsOf(sendTo('till', { type: 'PAY' }, { delay: 5 }))).toEqual({
      to: 'till',
      event: { type: 'PAY' },
      delay: 5,
      id: undefined,
    });
    expect(partsOf(raise({ type: 'X' }))).toEqual({ event: { type: 'X' }, delay: undefined, id: undefined });
    expect(partsOf(cancel('x'))).toEqual({ sendId: 'x' });
    expect(stateAskedFor(stateIn('#x'))).toBe('#x');
    expect(stateAskedFor(not('x'))).toBeUndefined();
  });

  it('machines that are provided of one another share their config', () => {
    expect(machine.provide({ actions: { count: logIt } }).config).toBe(machine.config);
  });

  it('what creators return says which, and what a raise raises', () => {
    const dynamic = () => ({ type: 'BLINK' });
    expect([raise({ type: 'GO' }), assign({}), logIt, 'name'].map(creatorOf)).toEqual([
      'raise',
      'assign',
      null,
      null,
    ]);
    expect(raisedBy(raise({ type: 'GO' }))).toEqual({ type: 'GO' });
    expect(raisedBy(raise(dynamic))).toBe(dynamic);
    expect(raisedBy(assign({}))).toBeUndefined();
  });

  it('guards of guards hold those inside them', () => {
    const read = (guard: unknown): unknown => {
      const inner = guardsWithin(guard);
      return inner === null ? guard : [inner.kind, ...inner.guards.map(read)];
    };
    expect(read(and(['isA', or(['isB', not('isC')])]))).toEqual([
      'and',
      'isA',
      ['or', 'isB', ['not', 'isC']],
    ]);
    expect(guardsWithin(logIt)).toBeNull();
    expect(guardsWithin('isA')).toBeNull();
  });

  it('an actor has a parent and the config of what it runs', () => {
    const actor = createActor(lamp).start();
    actor.send({ type: 'PRESS' });
    const child = actor.getSnapshot().children.buzzer!;
    expect(parentOf(child)).toBe(actor);
    expect(parentOf(actor)).toBeUndefined();
    expect(configOf(actor)).toBe(lamp.config);
    actor.stop();
  });

  it('an actor has the timers that run, each the same until it ends, and not those of another', () => {
    const clock = new SimulatedClock();
    const actor = createActor(lamp, { clock }).start();
    const running = () => runningTimers(actor);
    const before = running();
    expect(before.map(({ event, delay }) => [delayOfTimer(event.type), delay]).toSorted()).toEqual([
      ['1000', 1000],
      ['patience', 500],
    ]);
    clock.increment(100);
    expect(running().toSorted()).toEqual(before.toSorted());
    expect(running().every((timer) => before.includes(timer))).toBe(true);
    expect(runningTimers(actor.getSnapshot().children.buzzer ?? createActor(lamp))).toEqual([]);
    actor.send({ type: 'PRESS' });
    expect(running().some((timer) => before.includes(timer))).toBe(false);
    actor.stop();
    expect(running()).toEqual([]);
  });

  it('an inert scope takes pure steps: it hands the actions over in order, runs none, and is inspected', () => {
    const count = vi.fn();
    const provided = machine.provide({ actions: { count } });
    const executed: string[] = [];
    const taken: string[] = [];
    const self = createActor(provided, {
      inspect: (event) => {
        if (event.type === '@xstate.microstep')
          taken.push(...transitionsOfMicrostep(event).map(({ eventType }) => eventType));
      },
    });
    taken.length = 0;
    const scope = inertScope(self, (action) => executed.push(action.type));
    const first = provided.getInitialSnapshot(scope as never);
    expect(executed).toEqual(['count', 'xstate.raise', 'xstate.raise']);
    executed.length = 0;
    const next = provided.transition(first as never, { type: 'PRESS' }, scope as never);
    expect(next.value).toEqual({ on: 'dim' });
    expect(executed).toContain('shine');
    expect(executed.indexOf('count')).toBeLessThan(executed.indexOf('shine'));
    expect(taken.at(-1)).toBe('PRESS');
    expect(count).not.toHaveBeenCalled();
    expect(self.getSnapshot().value).toBe('off');
  });

  it('actions tell which timers a step starts and stops, and which params an effect has', () => {
    const changes: (readonly [change: string, id: string])[] = [];
    let params: unknown;
    const scope = inertScope(createActor(machine), (action) => {
      const change = timerChangeOf(action);
      if (change !== null) changes.push([change.change, change.id]);
      if (action.type === 'shine') params = action.params;
    });
    const first = machine.getInitialSnapshot(scope as never);
    expect(changes.toSorted()).toEqual([
      ['start', 'xstate.after.1000.lamp.off'],
      ['start', 'xstate.after.patience.lamp.off'],
    ]);
    changes.length = 0;
    // Pressed, it also raises BLINK, which is no timer.
    machine.transition(first as never, { type: 'PRESS' }, scope as never);
    expect(changes.toSorted()).toEqual([
      ['stop', 'xstate.after.1000.lamp.off'],
      ['stop', 'xstate.after.patience.lamp.off'],
    ]);
    expect(params).toEqual({ watts: 40 });
  });

  it('a snapshot is made of a state value and a context, and steps on from there', () => {
    const snapshot = snapshotAt(lamp, { on: 'dim' }, { presses: 3 });
    expect(snapshot).toMatchObject({ value: { on: 'dim' }, context: { presses: 3 }, status: 'active' });
    const scope = inertScope(createActor(machine), () => {});
    const next = machine.transition(snapshot as never, { type: 'PRESS' }, scope as never);
    expect(next.value).toBe('off');
  });
});

describe('names of events that XState makes', () => {
  it('of the end of an actor', () => {
    const waiting = createMachine({
      id: 'w',
      invoke: { id: 'x', src: 'y', onDone: {}, onError: {} } as never,
    });
    const types = branchesOf(waiting.root).map(([type]) => type);
    expect(types).toEqual([actorEndType('done', 'x'), actorEndType('error', 'x')]);
  });

  it('of the parent of an actor', () => {
    const { to } = partsOf(sendTo(({ self }) => self._parent!, { type: 'x' })) as { to: object };
    expect(readsParent(String(to))).toBe(true);
    expect(readsParent('({ self }) => self')).toBe(false);
  });

  it('of a snapshot of an actor, and of a way by route', () => {
    const watched = createMachine({
      id: 'watched',
      initial: 'a',
      states: { a: { id: 'a', route: {} } },
      invoke: { src: 'x', id: 'child', onSnapshot: {} } as never,
    });
    expect(branchesOf(watched.root).map(([type]) => type)).toEqual([`${actorSnapshot}.child`, routeType]);
    expect(isOwnEvent(actorSnapshot) && isOwnEvent(routeType)).toBe(true);
  });
});

it('the regions that are entered with a state are no histories', () => {
  const machine = createMachine({
    id: 'm',
    type: 'parallel',
    states: { x: {}, y: {}, past: { type: 'history' } },
  });
  const ids = (node: AnyStateNode) => enteredAtFirst(node).map(({ id }) => id);
  expect(ids(machine.root)).toEqual(['m.x', 'm.y']);
  expect(ids(machine.getStateNodeById('m.past'))).toEqual(['m.x', 'm.y']);
});

describe('what stepping any machine uses of XState', () => {
  const machine = setup({ actors: { load: fromPromise(async () => 1) } }).createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: {
        entry: [raise({ type: 'late' }, { delay: 5, id: 'bell' }), raise({ type: 'now' })],
        after: { 10: 'b' },
        on: { go: 'b', stop: { actions: cancel('bell') } },
      },
      b: {
        entry: sendTo(({ self }) => self, { type: 'next' }),
        invoke: [
          { id: 'named', src: 'load', systemId: 'one' },
          { id: 'inline', src: fromPromise(async () => 2) as never },
        ],
        on: { back: 'a' },
      },
    },
  });
  const schedules: unknown[] = [];
  const self = createActor(machine) as unknown as AnyActor;
  const scope = inertScope(self, (action) => {
    const change = ownScheduleOf(action, self);
    if (change !== null) schedules.push(change);
  });
  const take = (snapshot: unknown, type: string) =>
    machine.transition(snapshot as never, { type } as never, scope as never);

  it('actions tell what a machine schedules for itself, with its delay, and what it stops', () => {
    const first = machine.getInitialSnapshot(scope as never);
    expect(schedules.splice(0)).toEqual([
      { change: 'start', id: 'bell', event: { type: 'late' }, delayMs: 5 },
      {
        change: 'start',
        id: 'xstate.after.10.m.a',
        event: { type: 'xstate.after.10.m.a' },
        delayMs: 10,
      },
    ]);
    take(first, 'stop');
    expect(schedules.splice(0)).toEqual([{ change: 'stop', id: 'bell' }]);
    take(first, 'go');
    expect(schedules.splice(0)).toContainEqual({
      change: 'start',
      id: null,
      event: { type: 'next' },
      delayMs: null,
    });
  });

  it('an actor with a systemId is made again and again once ids are forgotten, and not before', () => {
    const first = machine.getInitialSnapshot(scope as never);
    expect(() => [take(first, 'go'), take(first, 'go')]).toThrow('already exists');
    forgetSystemIds(self);
    const inside = take(first, 'go');
    expect(() => take(first, 'go')).not.toThrow();
    expect(isActorRef(inside.children.named as unknown as object)).toBe(true);
    expect(isActorRef({ id: 'named' })).toBe(false);
    expect(self.system.get('one')).toBeDefined();
  });

  it('other logic takes the place of named and of inline actors', () => {
    const still = fromPromise(() => new Promise(() => {}));
    const actor = createActor(withActors(machine as unknown as AnyStateMachine, still));
    actor.start().send({ type: 'go' });
    const { children } = actor.getSnapshot();
    expect(Object.values(children).map((child) => (child as unknown as { logic: unknown }).logic)).toEqual([
      still,
      still,
    ]);
    actor.stop();
  });

  it('a snapshot has what history states remember', () => {
    const home = createMachine({
      id: 'home',
      initial: 'in',
      states: {
        in: { initial: 'x', states: { x: {}, past: { type: 'history', id: 'past' } }, on: { leave: 'out' } },
        out: {},
      },
    });
    const inert = inertScope(createActor(home) as unknown as AnyActor, () => {});
    const out = home.transition(home.getInitialSnapshot(inert as never), { type: 'leave' }, inert as never);
    expect(historyOf(out as never)).toEqual([['past', ['home.in.x']]]);
  });

  it('types of events tell the start, what comes by itself, and of which actor they tell', () => {
    expect(isStart('xstate.init')).toBe(true);
    expect(
      ['xstate.after.1.m', 'xstate.done.state.m', 'xstate.done.actor.m', 'go'].map(comesByItself),
    ).toEqual([true, true, false, false]);
    expect(actorEventOf('xstate.error.actor.load')).toEqual({ kind: 'error', actor: 'load' });
    expect(actorEventOf('xstate.snapshot.load')).toEqual({ kind: 'snapshot', actor: 'load' });
    expect(actorEventOf('go')).toBeNull();
  });
});

/** Comments may name them. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

const internal =
  /['"`/^]xstate\\?\.|\.split\('\.'\)\[2\]|\b_transitions\b|\b_nodes\b|\._parent\b|\b_parent[,}]|__unsafe|resolveState|\bactionExecutor\b|\.implementations\b|\.always\b|\b(?:node|source)\.transitions\b|\bnode\.config\b|\.guards as\b/;

it('nothing else in the sources touches what is internal to XState', () => {
  const root = packageRoot();
  const files = ['src', 'machines'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((path) => `${folder}/${path}`),
  );
  const sources = files.filter((path) => /\.tsx?$/.test(path));
  const touching = sources.filter((path) => internal.test(codeOf(readFileSync(join(root, path), 'utf8'))));
  expect(touching).toEqual(['src/statechart/read/xstate-internals.ts']);
});
