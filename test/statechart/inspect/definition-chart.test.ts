import { createInspector } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  and,
  assign,
  cancel,
  createActor,
  createMachine,
  emit,
  enqueueActions,
  forwardTo,
  fromPromise,
  log,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { chartOfDefinition } from '../../../src/statechart/inspect/definition-chart.ts';
import { StatelyMessages } from '../../../src/statechart/inspect/stately-messages.ts';
import { statesBelow, transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

/** What `@statelyai/inspect` sends as the definition of a machine. */
const theirs = (machine: AnyStateMachine, serializationDepthLimit = 10): string => {
  let definition: unknown;
  const { actor } = createInspector(
    {
      send: (event) => {
        ({ definition } = event as { definition?: unknown });
      },
    },
    { serializationDepthLimit },
  );
  actor(createActor(machine));
  return definition as string;
};

const ours = (machine: AnyStateMachine): string =>
  JSON.parse(new StatelyMessages({ prefix: null }).actor(createActor(machine))).definition;

const named = setup({
  guards: { isDry: () => true },
  actions: { water: () => {} },
  actors: { load: fromPromise(async () => 1) },
  delays: { nap: 10 },
}).createMachine({
  id: 'plant',
  version: '2',
  description: 'Grows.',
  initial: 'idle',
  states: {
    idle: {
      tags: ['calm'],
      on: {
        CHECK: {
          guard: 'isDry',
          target: 'watered',
          actions: 'water',
          reenter: true,
          description: 'Dry.',
          meta: { rule: '§1' },
        },
      },
      after: { nap: 'watered' },
    },
    watered: {
      invoke: {
        src: 'load',
        id: 'load',
        systemId: 'loader',
        onDone: 'end',
        onError: '.wet',
        onSnapshot: '.damp',
      },
      initial: { target: 'wet', actions: 'water' },
      meta: { rule: '§2' },
      exit: 'water',
      states: {
        wet: { always: { guard: 'isDry', target: 'damp' } },
        damp: { entry: ['water'], type: 'final' },
        last: { type: 'history', history: 'deep', target: 'damp' },
      },
      onDone: 'end',
    },
    end: { type: 'final' },
  },
}) as unknown as AnyStateMachine;

const inline = createMachine({
  id: 'inline',
  context: () => ({ count: 0 }),
  initial: 'a',
  states: {
    a: {
      entry: assign({ count: 1 }),
      on: { GO: { guard: () => true, target: 'b', actions: [() => {}, function shout() {}] } },
    },
    b: {
      invoke: [
        { src: fromPromise(async () => 1), onDone: 'a' },
        { src: createMachine({ id: 'inner' }), id: 'inner' },
      ],
      on: { STOP: { guard: and([() => true]) } },
    },
  },
});

/** All that a picture shows, without what functions do. */
const shown = (chart: ReturnType<typeof walk>) => ({
  version: chart.version,
  states: statesBelow(chart.root).map(({ id, type, history, tags, entry, exit, ...each }) => [
    id,
    type,
    tags,
    entry.map(({ name }) => name),
    each.initial,
    each.invokes.map(({ source }) => source),
    each.description,
    exit.map(({ name }) => name),
    each.initialActions.map(({ name }) => name),
    each.invokes.map(({ systemId }) => systemId),
    [history, each.rule],
  ]),
  transitions: transitionsOf(chart).map(
    ({ id, kind, trigger, guard, actions, targets, description, rule, reenter }) => [
      id,
      kind,
      trigger,
      guard,
      actions.map(({ name }) => name),
      targets,
      description,
      rule,
      reenter,
    ],
  ),
});

const chartOf = (definition: string): ReturnType<typeof walk> => {
  const chart = chartOfDefinition(definition);
  if ('problem' in chart) throw new Error(String(chart.problem));
  return chart;
};

describe('the chart of a definition', () => {
  it('is that of the machine, where all that it does has a name', () => {
    expect(shown(chartOf(ours(named)))).toEqual(shown(walk(named)));
    // Theirs has the keys in the order of the alphabet.
    const [sent, own] = [shown(chartOf(theirs(named))), shown(walk(named))];
    expect(new Set(sent.states)).toEqual(new Set(own.states));
    expect(new Set(sent.transitions)).toEqual(new Set(own.transitions));
  });

  it('names what has none as the machine itself would, from our inspector', () => {
    expect(shown(chartOf(ours(inline)))).toEqual(shown(walk(inline)));
  });

  it('says of what has no name that it is inline, from theirs', () => {
    const { transitions, states } = shown(chartOf(theirs(inline)));
    expect(transitions[0]!.slice(0, 5)).toEqual([
      'inline.a/GO/0',
      'event',
      'GO',
      'inline guard',
      ['inline action', 'shout'],
    ]);
    expect(states[1]!.slice(0, 4)).toEqual(['inline.a', 'atomic', [], ['inline assign']]);
    expect(states[2]![5]).toEqual(['inline actor', 'inline machine inner']);
  });

  it('knows the actions that XState makes by their functions, from theirs', () => {
    const all = createMachine({
      id: 'all',
      entry: [
        assign({}),
        cancel('x'),
        emit({ type: 'X' }),
        enqueueActions(() => {}),
        forwardTo('x'),
        log('x'),
        raise({ type: 'X' }),
        sendParent({ type: 'X' }),
        sendTo('x', { type: 'X' }),
        spawnChild('x'),
        stopChild('x'),
      ] as never,
    });
    expect(chartOf(theirs(all)).root.entry.map(({ name }) => name.replace('inline ', ''))).toEqual([
      'assign',
      'cancel',
      'emit',
      'enqueueActions',
      'sendTo',
      'log',
      'raise',
      'sendTo',
      'sendTo',
      'spawnChild',
      'stopChild',
    ]);
  });

  it('is refused where it was cut, with the remedy', () => {
    const deep = (levels: number): object =>
      levels === 0 ? {} : { initial: 's', states: { s: deep(levels - 1) } };
    const machine = createMachine({ id: 'deep', ...deep(8) } as never);
    expect(chartOfDefinition(theirs(machine))).toEqual({
      problem: expect.stringMatching(
        /^its definition was cut at states\.s\..*serializationDepthLimit, such as 30$/,
      ),
    });
    expect(shown(chartOf(theirs(machine, 30)))).toEqual(shown(walk(machine)));
  });

  it('is drawn where only params were cut', () => {
    const chart = chartOf(
      '{"id":"m","on":{"A":{"actions":"[Array]","guard":{"type":"g","params":"[Object]"}}}}',
    );
    expect(shown(chart).transitions[0]!.slice(0, 5)).toEqual(['m/A/0', 'event', 'A', 'g', ['…']]);
    const cutSource = chartOf('{"id":"m","invoke":[{"src":"[Object]"},{"src":"[Circular]"},{"src":"load"}]}');
    expect(shown(cutSource).states[0]![5]).toEqual(['…', '…', 'load']);
  });

  it('is drawn where a value in it is nested deeper than the stack allows', () => {
    const meta = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    expect(chartOfDefinition(`{"on":{},"meta":${meta}}`)).not.toHaveProperty('problem');
  });

  it('is not missed where the actor is no machine', () => {
    expect(chartOfDefinition('{"id":"load"}')).toEqual({ problem: null });
  });

  it.each([
    ['{', 'its definition is not JSON'],
    ['7', 'its definition is not the config of a machine'],
    ['{"states":7}', 'expected an object at states, got number'],
    ['{"states":{"a":"[Circular]"}}', 'it holds itself at states.a'],
    ['{"states":{"__proto__":{}}}', 'it has the name __proto__ at states'],
    ['{"id":"m","initial":"b","states":{"a":{}}}', /Initial state node "b" not found/],
    ['{"id":"m","on":{"A":"nowhere"}}', /nowhere/],
    ['{"id":"m","on":{"A":"no\\nwhere"}}', /no where/],
    [`{"id":"m","on":{"A":"${'no'.repeat(1000)}"}}`, /nono/],
    [
      `{"states":{${Array.from({ length: 9 }, (_, at) => `"${at}${'x'.repeat(490)}":{"states":{`).join('')}${Array.from({ length: 1900 }, (_, at) => `"s${at}":{}`).join(',')}${'}}'.repeat(9)}}}`,
      'the ids of its states and transitions have more than 4000000 characters',
    ],
    ['{"on":{"A":"[Object]"}}', /^its definition was cut at on\.A:/],
    ['{"on":{"A":{"target":"[Array]"}}}', /^its definition was cut at on\.A\.target:/],
    ['{"states":{"a":{},"...":"[...]"}}', /^its definition was cut at states:/],
    [
      JSON.stringify({ states: Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`s${at}`, {}])) }),
      'it has more than 2000 states',
    ],
    [`{"on":{"A":[${'"b",'.repeat(10_001)}"b"]}}`, 'it has more than 10000 transitions'],
    [`${'{"states":{"a":'.repeat(80)}{}${'}}'.repeat(80)}`, 'its states nest deeper than 32'],
    ['{"states":{"a":{"on":{"A":[null]}}}}', 'expected an object at states.a.on.A, got null'],
    // The id of each state repeats those of the states around it: such a chart would fill the memory.
    [`{"on":{},"id":"${'x'.repeat(501)}"}`, 'it has a name of more than 500 characters at id'],
    [`{"states":{"${'x'.repeat(501)}":{}}}`, 'it has a name of more than 500 characters at states'],
    [
      `{"states":{"${'x'.repeat(490)}":{"states":{"${'y'.repeat(490)}":{"on":{"A":[${'".y",'.repeat(5000)}".y"]}}}}}}`,
      'the ids of its states and transitions have more than 4000000 characters',
    ],
    [
      `{"states":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      'expected an object at states.a, got a list',
    ],
  ])('is refused in one line: %#', (definition, problem) => {
    const refused = chartOfDefinition(definition) as { readonly problem: string };
    expect(refused.problem).toMatch(problem);
    expect(refused.problem).not.toContain('\n');
    expect(refused.problem.length).toBeLessThanOrEqual(300);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });
});
