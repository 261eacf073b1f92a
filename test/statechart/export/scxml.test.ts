import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  cancel,
  createActor,
  createMachine,
  raise,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import { decisions } from '../../../machines/raft/actions.ts';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type RaftSnapshot, type TimerEvent } from '../../../src/node/step.ts';
import { initialContext, type RaftContext, type RaftInput } from '../../../src/raft/context.ts';
import type { Decision, Effect } from '../../../src/raft/effects.ts';
import type { RaftEvent, Received } from '../../../src/raft/inputs.ts';
import { NotSayable } from '../../../src/statechart/export/not-sayable.ts';
import { timerEventOf, toScxml } from '../../../src/statechart/export/scxml.ts';
import { scxmlEventName, scxmlId } from '../../../src/statechart/export/scxml-names.ts';
import {
  type ChartModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { roleOf } from '../../machines/raft/chart-node.ts';
import { Dice, RandomInputs } from '../../machines/raft/random-inputs.ts';
import { votersOf } from '../../raft/contexts.ts';
import { corpus } from '../corpus/corpus.ts';
import { charts } from '../draw/charts-and-views.ts';
import { descendants, parseXml, type XmlElement } from '../draw/xml-tree.ts';
import { edgeMachines } from './edge-machines.ts';
import { documentOf } from './pair.ts';
import { scxmlFaults } from './scxml-grammar.ts';
import { type HostFunction, runScxml, type ScxmlEvent, type ScxmlHost } from './scxml-session.ts';
import { hostOf } from './xstate-host.ts';

const machines: readonly (readonly [string, AnyStateMachine])[] = [
  ...charts.map(({ name, machine }) => [name, machine] as const),
  ...corpus.map(({ name, machine }) => [name, machine] as const),
  ...edgeMachines.map(([name, config]) => [name, createMachine(config as never) as AnyStateMachine] as const),
];

describe.each(machines)('SCXML of %s', (_, machine) => {
  it('is as the recommendation of the W3C has it, and is loaded by SCION', () => {
    const document = documentOf(machine);
    expect(scxmlFaults(document)).toEqual([]);
    expect(() => runScxml(document, hostOf(machine, {}))).not.toThrow();
  });
});

it('a machine that is only a final state, without an output, is a document that ends at once', () => {
  const document = documentOf(createMachine({ id: 'm', type: 'final' } as never));
  expect(scxmlFaults(document)).toEqual([]);
  expect(descendants(document).filter(({ name }) => name === 'final')).toMatchObject([
    { attributes: { id: 'm' }, children: [] },
  ]);
});

it('a machine of which two states have one id is refused', () => {
  const twice = createMachine({
    id: 'twice',
    initial: 'v2',
    states: { 'v2.0': {}, v2: { initial: '0', states: { 0: {} } } },
  });
  expect(() => documentOf(twice as AnyStateMachine)).toThrow(
    new NotSayable('SCXML', 'two states with one id', 'twice.v2.0'),
  );
});

describe('the checker of documents', () => {
  const valid = toScxml(
    walk(
      setup({}).createMachine({
        id: 'm',
        initial: 'a',
        states: {
          a: {
            entry: raise({ type: 'late' }, { delay: 5, id: 'late' }),
            exit: cancel('late'),
            on: { late: 'b' },
          },
          b: { initial: 'c', states: { c: {}, h: { type: 'history' } } },
        },
      }),
    ),
  );

  it.each([
    ['an id twice', /id="m.a"/, 'id="m.b"', 'the id m.b stands twice'],
    ['a target that is not there', 'target="m.b"', 'target="m.x"', 'nothing has the id m.x'],
    ['an id that is no name', /m\.a/g, '1', 'is no ID'],
    ['an event that is no name', 'event="late" target', 'event="la..te" target', 'is no events'],
    ['an attribute of another element', '<state id="m.b"', '<state event="x" id="m.b"', '<state> has event'],
    ['an element in the wrong place', '<onexit>', '<onexit><onentry/>', '<onentry> in <onexit>'],
    ['an element of nobody', '<onexit>', '<onexit><assert/>', '<assert> is not of SCXML'],
    [
      'a history without a way',
      /(<history[^>]*>)\s*<transition[^>]*\/>/,
      '$1',
      'a history with other than one transition',
    ],
    ['a history that leads outside', 'target="m.b.c"', 'target="m.a"', 'leads out of it'],
    ['a version that is missing', ' version="1.0" datamodel', ' datamodel', '<scxml> lacks version!'],
    ['a delay that is no time', 'delay="5ms"', 'delay="5 ms"', 'is no duration'],
    ['a cancel of nothing', 'sendid="late"', 'sendid="m.a"', 'nothing has the id m.a'],
    [
      'two ways to say one thing',
      'delay="5ms"',
      'delay="5ms" delayexpr="5"',
      '<send> has 2 of delay, delayexpr',
    ],
    ['an expression that does not parse', 'expr="{}"', 'expr="{"', 'is no ECMAScript'],
    ['states that exclude each other', 'target="m.b"', 'target="m.b m.a"', 'not active together'],
  ])('finds %s', (_, part, by, fault) => {
    expect(scxmlFaults(parseXml(valid))).toEqual([]);
    const planted = valid.replace(part, by);
    expect(planted).not.toBe(valid);
    expect(scxmlFaults(parseXml(planted)).join('\n')).toContain(fault);
  });
});

describe('names', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '_',
        'x',
        'X',
        '.',
        ' ',
        '0',
        '4',
        '1',
        'é',
        '等',
        '"',
        '\n',
        '\ud83d',
        ':',
        '-',
        'done',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 8,
  });

  it.each([
    ['ids', scxmlId, /^[\p{L}_][\p{L}\d_.-]*$/u],
    ['events', scxmlEventName, /^[\p{L}\d_:-]+(\.[\p{L}\d_:-]+)*$/u],
  ] as const)('of %s are valid, and those of two are never one', (_, encode, pattern) => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(encode(one)).toMatch(pattern);
        expect(encode(one) === encode(other)).toBe(one === other);
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });

  it.each([
    ['raft.follower', 'raft.follower'],
    ['sign in', 'sign_x0020_in'],
    ['sign_in', 'sign_in'],
    ['sign_xin', 'sign_x005F_xin'],
    ['等待', '等待'],
    ['0.m.s', '_x0030_.m.s'],
    ['(machine)', '_x0028_machine_x0029_'],
    ['a..b.', 'a._x002E_b_x002E_'],
    ['🚦', '_x1F6A6_'],
    ['', '_x'],
    ['context', '_x0063_ontext'],
  ])('the id %s is %s', (id, written) => expect(scxmlId(id)).toBe(written));

  it.each([
    ['mouse.down', 'mouse.down'],
    ['user:left', 'user:left'],
    ['go on', 'go_x0020_on'],
    ['a..b', 'a._x.b'],
    ['done', 'done'],
    ['done.state.x', '_x0064_one.state.x'],
    ['error.execution', '_x0065_rror.execution'],
    ['error.network', 'error.network'],
  ])('the event %s is %s', (type, written) => expect(scxmlEventName(type)).toBe(written));
});

const textOf = (config: object): string => toScxml(walk(createMachine(config as never)));

describe('what SCXML has no words for is refused by name:', () => {
  const parallel = (own: object, other: object = {}) => ({
    id: 'm',
    initial: 'p',
    states: {
      p: { type: 'parallel', states: { x: { initial: 'a', states: { a: {}, b: {} } }, y: {} }, ...own },
      q: {},
      ...other,
    },
  });

  it.each([
    [
      'transitions of a final state',
      { id: 'm', initial: 'a', states: { a: { type: 'final', on: { go: 'b' } }, b: {} } },
      'transitions or actors of a final state: m.a',
    ],
    [
      'an always that stays',
      { id: 'm', always: { actions: 'x' } },
      'an eventless transition that stays where it is and assigns nothing: m/always/0',
    ],
    [
      'regions that start anew while the state stays',
      parallel({ entry: 'x', on: { go: '.x.b' } }),
      'a transition that starts the regions of m.p anew and stays in m.p, which has entry, exit, timers, actors or history of its own: m.p/go/0',
    ],
    [
      'a history of a state around',
      parallel(
        { on: { go: 'q' } },
        { r: { initial: 's', states: { s: { on: { go: 'h' } }, h: { type: 'history' } } } },
      ),
      'a transition to the history of a state from inside that state: m.r.s/go/0',
    ],
    [
      'a wildcard over done',
      { id: 'm', on: { 'done.*': {} } },
      'a wildcard over names that SCXML or XState have for themselves, done.*: m/done.*/0',
    ],
    [
      'a wildcard over what XState makes',
      { id: 'm', on: { 'xstate.done.*': {} } },
      'a wildcard over names that SCXML or XState have for themselves, xstate.done.*: m/xstate.done.*/0',
    ],
    [
      'a stateIn of nothing',
      { id: 'm', on: { go: { guard: stateIn('#x') } } },
      'a stateIn of "#x", which is no state: m/go/0/guard',
    ],
    [
      'the end of regions in regions',
      parallel({
        onDone: 'q',
        states: { x: { type: 'parallel', states: { i: { type: 'final' } } }, y: { type: 'final' } },
      }),
      'the end of a state with regions one of which has regions itself: m.p',
    ],
    [
      'a delay that is no number',
      { id: 'm', entry: raise({ type: 'x' }, { delay: Number.NaN }) },
      'a delay of NaN: m/entry/0',
    ],
  ])('%s', (_, config, message) => {
    expect(() => textOf(config)).toThrow(NotSayable);
    expect(() => textOf(config)).toThrow(`SCXML cannot say ${message}`);
  });

  it('in one line, whatever the names are', () => {
    expect(() => textOf({ id: 'm\nn', on: { 'done.*': {} } })).toThrow(/^.*: m\\u000an\/done\.\*\/0$/);
  });
});

describe('SCXML', () => {
  it('sends what XState sends, each delayed event under an id of its own, and takes back all that are meant', () => {
    const document = textOf({
      id: 'm',
      invoke: { src: 'child', id: 'kid', input: { a: 1 } },
      entry: [
        raise({ type: 'plain' }),
        raise({ type: 'two words' }),
        raise({ type: 'full', n: 1 } as { type: 'full' }),
        raise({ type: 'late' }, { delay: 1_500, id: 'timer' }),
        raise({ type: 'later' }, { delay: 'pause' as never, id: 'timer' }),
        sendTo('kid', { type: 'hello' }),
        sendTo('somebody else', { type: 'hello' }),
        cancel('timer'),
        cancel('unknown'),
        assign({ a: 1 }),
      ],
    });
    const lines = document.split('\n').map((line) => line.trim());
    expect(lines.slice(lines.indexOf('<onentry>') + 1, lines.indexOf('</onentry>'))).toEqual([
      '<raise event="plain"/>',
      '<send event="two_x0020_words" target="#_internal"><content expr="{&quot;type&quot;:&quot;two words&quot;}"/></send>',
      '<send event="full" target="#_internal"><content expr="{&quot;type&quot;:&quot;full&quot;,&quot;n&quot;:1}"/></send>',
      '<send event="late" id="timer" delay="1500ms"><content expr="{&quot;type&quot;:&quot;late&quot;}"/></send>',
      `<send event="later" id="timer_x2" delayexpr="delays.pause(context, _event) + 'ms'"><content expr="{&quot;type&quot;:&quot;later&quot;}"/></send>`,
      '<send event="hello" target="#_kid"><content expr="{&quot;type&quot;:&quot;hello&quot;}"/></send>',
      '<send event="hello" target="#_somebody_x0020_else"><content expr="{&quot;type&quot;:&quot;hello&quot;}"/></send>',
      '<cancel sendid="timer"/>',
      '<cancel sendid="timer_x2"/>',
      `<cancel sendidexpr="'unknown'"/>`,
      '<assign location="context" expr="Object.assign({}, context, {&quot;a&quot;:1})"/>',
    ]);
    expect(lines).toContain(
      '<invoke type="urn:raftchart:actor" src="child" id="kid"><param name="input" expr="{&quot;a&quot;:1}"/></invoke>',
    );
  });

  it('tells actors of one id apart', () => {
    const state = (next: string) => ({
      invoke: { src: 'work', id: 'job', onDone: next, onError: next },
      on: { poke: { actions: sendTo('job', { type: 'poke' }) } },
    });
    const document = textOf({ id: 'm', initial: 'a', states: { a: state('b'), b: state('a') } });
    expect(document).toContain('event="done.invoke.job_x2" target="m.a"');
    expect(document).toContain('event="error.invoke.job"');
    expect(document).toContain(`targetexpr="In('m.b') ? '#_job_x2' : '#_job'"`);
    expect(scxmlFaults(parseXml(document))).toEqual([]);
  });
});

/** Functions of any name. */
const anyName = (make: (name: string) => HostFunction): Readonly<Record<string, HostFunction>> =>
  new Proxy({}, { get: (_, name) => make(String(name)) });

describe.each(charts)('SCXML of $name', ({ chart, machine }) => {
  const document = parseXml(toScxml(chart));
  const elements = descendants(document);

  it('cancels each timer that it starts', () => {
    const started = elements.flatMap(({ name, attributes }) =>
      name === 'send' && attributes.id ? [attributes.id] : [],
    );
    const cancelled = elements.flatMap(({ name, attributes }) =>
      name === 'cancel' ? [attributes.sendid] : [],
    );
    expect(started).toEqual(cancelled);
    expect(new Set(started).size).toBe(timerEvents(chart).length);
  });

  it.each([1, 2, 3])(
    'is walked by SCION as the chart by XState, whatever the guards say: seed %i',
    (seed) => {
      const dice = new Dice(seed);
      const visited = new Set<string>();
      for (let run = 0; run < 40; run++) {
        const both = new QuietPair(chart, machine, document, run);
        for (let at = 0; at < 40 && !both.isDone; at++) {
          const choice = dice.pick(transitionsOf(chart).filter(({ kind }) => kind !== 'always'));
          both.step(choice, dice.pick(chart.events), dice.below(1000));
          expect(both.fromScxml, `${choice.id}, run ${run}, step ${at}`).toEqual(both.fromXState);
          visited.add(both.fromXState.states.join());
        }
      }
      expect(visited.size).toBeGreaterThan(1);
    },
  );
});

const timerEvents = (chart: ChartModel): readonly string[] => [
  ...new Set(
    transitionsOf(chart)
      .filter(({ kind }) => kind === 'after')
      .map(timerEventOf),
  ),
];

interface Trace {
  states: readonly string[];
  actions: string[];
}

/** A machine in XState and its document in SCION, with guards that say whatever a number makes them say, and actions that only leave their name. */
class QuietPair {
  readonly fromXState: Trace = { states: [], actions: [] };
  readonly fromScxml: Trace = { states: [], actions: [] };
  readonly #actor;
  readonly #session;
  #number = 0;

  constructor(chart: ChartModel, machine: AnyStateMachine, document: XmlElement, run: number) {
    // A guard of an eventless transition may not turn without an event: the two look at it at different times.
    const eventless = new Set(
      transitionsOf(chart).flatMap(({ kind, guard }) => (kind === 'always' ? [guard] : [])),
    );
    const says = (guard: string) =>
      ((eventless.has(guard) ? run : this.#number) + guard.length * 7 + guard.charCodeAt(2)) % 3 === 0;
    const raising = new Set(
      statesBelow(chart.root).flatMap(({ transitions }) =>
        transitions.flatMap(({ actions }) =>
          actions.filter(({ raises }) => raises !== null).map(({ name }) => name),
        ),
      ),
    );
    const quiet = chart.actions.filter((name) => !raising.has(name));
    const provided = machine.provide({
      guards: Object.fromEntries(chart.guards.map((name) => [name, () => says(name)])),
      actions: Object.fromEntries(quiet.map((name) => [name, () => this.fromXState.actions.push(name)])),
      delays: Object.fromEntries(chart.delays.map((name) => [name, 1])),
    } as never);
    const input = {
      id: 1,
      voters: [1, 2, 3],
      peer: 1,
      seed: 1,
      endpoints: ['a'],
      isWrite: false,
      isTargeted: false,
      timeoutMs: 1,
    };
    const clock = { setTimeout: () => 0, clearTimeout: () => {} };
    this.#actor = createActor(provided, { input: input as never, clock: clock as never });
    this.#actor.start();
    this.fromXState.states = leavesOf(this.#actor.getSnapshot());
    const host: ScxmlHost = {
      guards: anyName((name) => () => says(name)),
      actions: anyName((name) => (context, event) => {
        if (name === 'deliver') return (event!.data as Received).message;
        if (raising.has(name)) return event!.data;
        this.fromScxml.actions.push(name);
        return context;
      }),
      delays: anyName(() => () => 1),
      functions: anyName(() => () => ({})),
    };
    this.#session = runScxml(document, host);
    this.fromScxml.states = this.#session.start();
  }

  get isDone(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  step({ kind, eventType }: TransitionModel, message: string, number: number): void {
    this.#number = number;
    const event = { type: eventType, message: { type: message === 'Received' ? 'Proposed' : message } };
    this.#actor.send(event as never);
    this.fromXState.states = leavesOf(this.#actor.getSnapshot());
    const name = kind === 'after' ? timerEventOf({ eventType }) : eventType;
    this.fromScxml.states = this.#session.send(name, event);
  }
}

const leavesOf = (snapshot: {
  readonly _nodes?: readonly { readonly id: string; readonly type: string }[];
}): readonly string[] =>
  snapshot
    ._nodes!.filter(({ type }) => type === 'atomic' || type === 'final')
    .map(({ id }) => id)
    .toSorted();

describe('the protocol in SCXML', () => {
  const chart = walk(raftMachine as unknown as AnyStateMachine);
  const document = parseXml(toScxml(chart));
  const timers = new Map(
    transitionsOf(chart)
      .filter(({ kind }) => kind === 'after')
      .map((each) => [each.eventType, timerEventOf(each)]),
  );

  it.each([1, 2, 3, 5])(
    'is run by SCION over the same rules as by XState: same roles, terms, logs and effects, %i voters',
    (size) => {
      const input: RaftInput = { id: 1, voters: votersOf(size), seed: 7 };
      const stepper = createStepper();
      const inputs = new RandomInputs(size, size);
      let effects: Effect[] = [];
      const read = (event: ScxmlEvent | undefined) => event?.data as RaftEvent;
      const session = runScxml(document, {
        guards: anyName(
          (name) => (context, event) =>
            guards[name as keyof typeof guards]({ context, event: read(event) } as never),
        ),
        actions: anyName((name) => (context, event) => {
          if (name === 'ignore') return undefined;
          if (name === 'deliver') return (event!.data as Received).message;
          if (name === 'redeliver') return read(event);
          const decision: Decision = decisions[name as keyof typeof decisions](
            context as RaftContext,
            read(event),
          );
          effects.push(...decision.effects);
          for (const raised of decision.raised ?? []) session.raise(raised.type, raised);
          return { ...(context as RaftContext), ...decision.patch };
        }),
        delays: anyName(() => () => 1),
        functions: { context: () => initialContext(input) },
      });
      let step = stepper.initial(input);
      let states = session.start();
      const due = new Set<string>();
      const roles = new Set<string>();
      for (let at = 0; at < 800; at++) {
        for (const { change, id } of step.timers) change === 'start' ? due.add(id) : due.delete(id);
        if (!isDeepStrictEqual(session.context, step.snapshot.context))
          expect(session.context, `step ${at}`).toEqual(step.snapshot.context);
        if (!isDeepStrictEqual(effects, step.effects)) expect(effects, `step ${at}`).toEqual(step.effects);
        expect(states, `step ${at}`).toEqual(leavesOf(step.snapshot as RaftSnapshot as never));
        roles.add(roleOf(step.snapshot));
        inputs.note(step.effects);
        effects = [];
        const event = inputs.next(step.snapshot.context, roleOf(step.snapshot));
        if (event === null) {
          const timer = [...due][at % due.size]!;
          due.delete(timer);
          step = stepper.step(step.snapshot, { type: timer } as TimerEvent);
          states = session.send(timers.get(timer)!, { type: timer });
        } else {
          step = stepper.step(step.snapshot, event);
          states = session.send(event.type, event);
        }
      }
      expect(roles).toContain('leader');
    },
  );
});
