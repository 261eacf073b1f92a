import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { decisions } from '../../../machines/raft/actions.ts';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { createStepper, type RaftSnapshot, type TimerEvent } from '../../../src/node/step.ts';
import { initialContext, type RaftInput } from '../../../src/raft/context.ts';
import type { Decision, Effect } from '../../../src/raft/effects.ts';
import type { RaftEvent, Received } from '../../../src/raft/inputs.ts';
import { scxmlNamespace, timerEventOf, toScxml } from '../../../src/statechart/export/scxml.ts';
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
import { charts } from './charts-and-views.ts';
import { runScxml, type ScxmlEvent } from './scxml-session.ts';
import { descendants, parseXml, type XmlElement } from './xml-tree.ts';

/** What each element may hold and must have: SCXML 1.0, sections 3, 4 and 6. */
const grammar: Readonly<
  Record<
    string,
    {
      readonly children: readonly string[];
      readonly required: readonly string[];
      readonly allowed: readonly string[];
    }
  >
> = {
  scxml: {
    children: ['state', 'parallel', 'final'],
    required: ['version'],
    allowed: ['initial', 'name', 'datamodel', 'binding', 'xmlns', 'xmlns:rule'],
  },
  state: {
    children: [
      'onentry',
      'onexit',
      'transition',
      'initial',
      'state',
      'parallel',
      'final',
      'history',
      'datamodel',
      'invoke',
    ],
    required: ['id'],
    allowed: ['initial'],
  },
  parallel: {
    children: ['onentry', 'onexit', 'transition', 'state', 'parallel', 'history', 'datamodel', 'invoke'],
    required: ['id'],
    allowed: [],
  },
  final: { children: ['onentry', 'onexit', 'donedata'], required: ['id'], allowed: [] },
  history: { children: ['transition'], required: ['id'], allowed: ['type'] },
  transition: {
    children: ['script', 'raise', 'send', 'cancel', 'assign', 'log', 'if', 'foreach'],
    required: [],
    allowed: ['event', 'cond', 'target', 'type'],
  },
  onentry: {
    children: ['script', 'raise', 'send', 'cancel', 'assign', 'log', 'if', 'foreach'],
    required: [],
    allowed: [],
  },
  onexit: {
    children: ['script', 'raise', 'send', 'cancel', 'assign', 'log', 'if', 'foreach'],
    required: [],
    allowed: [],
  },
  send: {
    children: ['param', 'content'],
    required: [],
    allowed: ['event', 'eventexpr', 'target', 'id', 'delay', 'delayexpr'],
  },
  content: { children: [], required: ['expr'], allowed: [] },
  cancel: { children: [], required: ['sendid'], allowed: [] },
  raise: { children: [], required: ['event'], allowed: [] },
  script: { children: [], required: [], allowed: [] },
  invoke: { children: [], required: [], allowed: ['id', 'src', 'type'] },
};

const faultsOf = (element: XmlElement): readonly string[] => {
  const rule = grammar[element.name];
  if (rule === undefined) return [`<${element.name}> is not of SCXML`];
  const own = Object.keys(element.attributes).filter((name) => !name.startsWith('rule:'));
  return [
    ...rule.required.filter((name) => !own.includes(name)).map((name) => `<${element.name}> lacks ${name}`),
    ...own
      .filter((name) => ![...rule.required, ...rule.allowed].includes(name))
      .map((name) => `<${element.name}> has ${name}`),
    ...element.children
      .filter(({ name }) => !rule.children.includes(name))
      .map(({ name }) => `<${name}> in <${element.name}>`),
    ...element.children.flatMap(faultsOf),
  ];
};

describe.each(charts)('SCXML of $name', ({ chart, machine }) => {
  const document = parseXml(toScxml(chart));
  const elements = descendants(document);

  it('has the structure of the standard', () => {
    expect(document).toMatchObject({ name: 'scxml', attributes: { xmlns: scxmlNamespace, version: '1.0' } });
    expect(faultsOf(document)).toEqual([]);
  });

  it('refers to states that it has, whose ids are unique XML names', () => {
    const ids = elements.flatMap(({ attributes, name }) =>
      name === 'send' || name === 'invoke' ? [] : (attributes.id ?? []),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z_][\w.-]*$/);
    for (const { attributes } of elements) {
      for (const id of [attributes.initial, attributes.target].flatMap((list) => list?.split(' ') ?? [])) {
        if (!id.startsWith('#_')) expect(ids).toContain(id);
      }
    }
  });

  it('cancels each timer that it starts', () => {
    const started = elements.flatMap(({ name, attributes }) =>
      name === 'send' && attributes.id ? [attributes.id] : [],
    );
    const cancelled = elements.flatMap(({ name, attributes }) =>
      name === 'cancel' ? [attributes.sendid] : [],
    );
    expect(started).toEqual(cancelled);
    expect(new Set(started).size).toBe(chart.root.states.length === 0 ? 0 : timerEvents(chart).length);
  });

  it.each([1, 2, 3])(
    'is walked by SCION as the chart by XState, whatever the guards say: seed %i',
    (seed) => {
      const dice = new Dice(seed);
      const visited = new Set<string>();
      for (let run = 0; run < 40; run++) {
        const both = new Pair(chart, machine, document, run);
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
class Pair {
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
    this.#session = runScxml(document, {
      guard: says,
      act: (name) => {
        this.fromScxml.actions.push(name);
        return [];
      },
      raised: (name, event) =>
        name === 'deliver' ? (event!.data as Received).message : (event!.data as { type: string }),
    });
    this.fromScxml.states = this.#session.start();
  }

  get isDone(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  step({ kind, eventType, ...transition }: TransitionModel, message: string, number: number): void {
    this.#number = number;
    const event = { type: eventType, message: { type: message === 'Received' ? 'Proposed' : message } };
    this.#actor.send(event as never);
    this.fromXState.states = leavesOf(this.#actor.getSnapshot());
    const name = kind === 'after' ? timerEventOf(transition) : eventType;
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
      let context = initialContext(input);
      let effects: Effect[] = [];
      const read = (event: ScxmlEvent | undefined) => event?.data as RaftEvent;
      const session = runScxml(document, {
        guard: (name, event) => guards[name as keyof typeof guards]({ context, event: read(event) } as never),
        act: (name, event) => {
          if (name === 'ignore') return [];
          const decision: Decision = decisions[name as keyof typeof decisions](context, read(event));
          context = { ...context, ...decision.patch };
          effects.push(...decision.effects);
          return decision.raised ?? [];
        },
        raised: (name, event) => (name === 'deliver' ? (event!.data as Received).message : read(event)),
      });
      let step = stepper.initial(input);
      let states = session.start();
      const due = new Set<string>();
      const roles = new Set<string>();
      for (let at = 0; at < 800; at++) {
        for (const { change, id } of step.timers) change === 'start' ? due.add(id) : due.delete(id);
        if (!isDeepStrictEqual(context, step.snapshot.context))
          expect(context, `step ${at}`).toEqual(step.snapshot.context);
        if (!isDeepStrictEqual(effects, step.effects)) expect(effects, `step ${at}`).toEqual(step.effects);
        expect(states, `step ${at}`).toEqual(leavesOf(step.snapshot as RaftSnapshot as never));
        roles.add(roleOf(step.snapshot));
        inputs.note(step.effects);
        effects = [];
        const event = inputs.next(context, roleOf(step.snapshot));
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
