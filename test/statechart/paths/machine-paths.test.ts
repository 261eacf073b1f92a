import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, fromPromise, raise, sendTo, setup } from 'xstate';
import { NoStart } from '../../../src/statechart/paths/explore-machine.ts';
import { machinePaths } from '../../../src/statechart/paths/machine-paths.ts';
import { ChartTooLarge } from '../../../src/statechart/paths/machine-universe.ts';
import { pathsToLines, pathsToMarkdown } from '../../../src/statechart/paths/paths-text.ts';
import { SamplesUnfit } from '../../../src/statechart/paths/samples.ts';

const titlesOf = async (machine: AnyStateMachine, options: Parameters<typeof machinePaths>[1] = {}) =>
  (await machinePaths(machine, options)).paths.map(({ title }) => title);

const reasonsOf = async (machine: AnyStateMachine, options: Parameters<typeof machinePaths>[1] = {}) =>
  Object.fromEntries((await machinePaths(machine, options)).notReached.map(({ id, reason }) => [id, reason]));

const till = setup({
  guards: { isEnough: ({ event }) => (event as unknown as { coins: readonly number[] }).coins.length > 1 },
}).createMachine({
  id: 'till',
  initial: 'shut',
  states: {
    shut: { on: { pay: [{ guard: 'isEnough', target: 'open' }, {}] } },
    open: { on: { shut: 'shut' } },
  },
});

const counter = createMachine({
  id: 'counter',
  context: { count: 0 },
  initial: 'low',
  states: {
    low: {
      on: {
        add: [
          { guard: ({ context }) => context.count === 3, target: 'high' },
          { actions: assign({ count: ({ context }) => context.count + 1 }) },
        ],
      },
    },
    high: {},
  },
});

describe('paths through a machine', () => {
  it('are the shortest to each transition, and none is the beginning of another', async () => {
    expect(await titlesOf(counter)).toEqual(['add → add → add → add: high']);
  });

  it('cover states, answers of guards and pairs as well', async () => {
    const two = createMachine({
      id: 'two',
      initial: 'a',
      states: { a: { on: { go: 'b', stay: {} } }, b: { on: { back: 'a' } } },
    });
    expect(await titlesOf(two, { cover: 'states' })).toEqual(['go: b']);
    const { assessment } = await machinePaths(two, { cover: 'pairs' });
    expect(assessment.rows.at(-1)!.pairs).toEqual({ walked: 5, reachable: 5, excluded: 0 });
    const guards = await machinePaths(counter, { cover: 'guards' });
    expect(guards.assessment.rows.at(-1)!.guards).toEqual({ walked: 2, reachable: 2, excluded: 0 });
  });

  it('that are simple visit no state twice, up to a limit', async () => {
    const ring = createMachine({
      id: 'ring',
      initial: 'a',
      states: { a: { on: { l: 'b', r: 'c' } }, b: { on: { l: 'c' } }, c: { on: { l: 'a', r: 'b' } } },
    });
    expect(await titlesOf(ring, { kind: 'simple' })).toEqual(['l → l: c', 'r → r: b']);
    expect((await machinePaths(ring, { kind: 'simple', maxPaths: 1 })).limit).toBe('it stopped at 1 paths');
  });

  it('say what an event without a payload made throw, and take samples for it: a list, a function of the state, a schema, an arbitrary', async () => {
    expect(await titlesOf(till)).toEqual([]);
    expect((await reasonsOf(till))['shut · pay · till.shut/pay/0']).toMatch(
      /^pay without a payload made it throw: guard isEnough: .*; give samples$/,
    );
    const both = [{ coins: [1] }, { coins: [1, 2] }];
    const schema = { type: 'object', properties: { coins: { enum: [[1], [1, 2]] } }, required: ['coins'] };
    const arbitrary = fc.record({ coins: fc.array(fc.nat(), { maxLength: 3 }) });
    for (const pay of [both, () => both, { samples: both }, { schema }, { arbitrary }]) {
      const { assessment } = await machinePaths(till, { events: { pay } });
      expect(assessment.rows.at(-1)!.transitions).toMatchObject({ walked: 3, reachable: 3 });
    }
    const held = Object.assign(Object.create(till), { schemas: { events: { pay: schema } } });
    expect(await titlesOf(held)).toHaveLength(2);
    await expect(machinePaths(till, { events: { pay: [3] as never } })).rejects.toThrow(SamplesUnfit);
  });

  it('say of a guard that was never true how often it was asked', async () => {
    const never = createMachine({
      id: 'never',
      initial: 'a',
      states: { a: { on: { go: { guard: () => false, target: 'b' } } }, b: {} },
    } as never) as unknown as AnyStateMachine;
    expect(await reasonsOf(never)).toEqual({
      'a · go · never.a/go/0':
        'inline guard was false the one time that go was sent there, without a payload each time; give samples',
    });
  });

  it('for guards walk every transition and every answer', async () => {
    const machine = createMachine({
      initial: 'a',
      context: { left: 1 },
      states: {
        a: {
          on: { go: { guard: ({ context }) => context.left > 0, actions: assign({ left: 0 }) }, end: 'b' },
        },
        b: {},
      },
    });
    const { assessment } = await machinePaths(machine, { cover: 'guards' });
    expect(assessment.unwalked).toMatchObject({ transitions: [], guards: [] });
  });

  it('of which there is one are counted as one', async () => {
    const machine = createMachine({ initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } });
    expect(pathsToMarkdown(await machinePaths(machine), 'm')).toContain('1 shortest path for transitions;');
  });

  it('are told apart by all that their events carry, however long, and by the input', async () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: {
          on: { say: [{ guard: ({ event }) => event.text.endsWith('!'), target: 'b' }, { target: 'c' }] },
        },
        b: {},
        c: {},
      },
    });
    const say = [{ text: `${'a'.repeat(80)}!` }, { text: 'a'.repeat(80) }];
    const { paths } = await machinePaths(machine, { events: { say }, inputs: [{ id: 1n }] });
    expect(paths.map(({ steps }) => steps.at(-1)!.state)).toEqual(['b', 'c']);
    expect(new Set(paths.map(({ id }) => id)).size).toBe(2);
    const [other] = (await machinePaths(machine, { events: { say }, inputs: [{ id: 2n }] })).paths;
    expect(paths.map(({ id }) => id)).not.toContain(other!.id);
  });

  it('are lines of JSON whatever their events carry', async () => {
    const machine = createMachine({ initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } });
    const node: Record<string, unknown> = { size: 1n, tags: new Set(['x']), error: new Error('no disk') };
    node.parent = new Map([['above', node]]);
    node.again = node.tags;
    const lines = pathsToLines(await machinePaths(machine, { events: { go: [{ node }] } }), 'm').split('\n');
    expect(JSON.parse(lines[1]!).steps[0].event.node).toEqual({
      size: '1n',
      tags: ['x'],
      error: { name: 'Error', message: 'no disk' },
      parent: [['above', '<cycle>']],
      again: ['x'],
    });
  });

  it('fire timers in an order that a clock allows, and wait for them', async () => {
    const slow = (second: number) =>
      createMachine({
        id: 'slow',
        type: 'parallel',
        states: {
          one: {
            initial: 'a',
            states: {
              a: { after: { 10: 'b', 30: 'c' }, on: { again: { target: 'a', reenter: true } } },
              b: {},
              c: {},
            },
          },
          two: { initial: 'x', states: { x: { after: { [second]: 'y' } }, y: {} } },
        },
      });
    const { paths, notReached } = await machinePaths(slow(15), { cover: 'states' });
    const waits = paths.map(({ steps }) =>
      steps.map(({ event, waitMs }) => `${waitMs} ${event.type}`).join(),
    );
    // The first timer is started anew, so that the second comes first.
    expect(waits.toSorted()).toEqual([
      '10 xstate.after.10.slow.one.a,5 xstate.after.15.slow.two.x',
      '5 again,10 xstate.after.15.slow.two.x',
    ]);
    expect(notReached.find(({ id }) => id.includes('after:30'))?.reason).toBe(
      'its timer never fired there: another one always fires first',
    );
    // Started anew once, the first timer still fires before the second.
    expect((await machinePaths(slow(25), { cover: 'states' })).problems[0]).toContain(
      'cannot fire in this order',
    );
  });

  it('fire delayed events, take what a machine sends itself, and never run an actor', async () => {
    let runs = 0;
    const machine = setup({
      actors: { load: fromPromise(async () => ++runs) },
    }).createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { entry: raise({ type: 'late' }, { delay: 50 }), on: { late: 'b' } },
        b: { entry: sendTo(({ self }) => self, { type: 'next' }), on: { next: 'c' } },
        c: { invoke: { id: 'load', src: 'load', onDone: 'd', onError: 'e' } },
        d: {},
        e: {},
      },
    });
    const { paths } = await machinePaths(machine, { events: { 'xstate.done.actor.load': [{ output: 7 }] } });
    expect(paths.map(({ title }) => title)).toEqual([
      'late → xstate.done.actor.load (output: 7): d',
      'late → xstate.error.actor.load (error: load has failed): e',
    ]);
    expect(paths[0]!.steps[0]).toMatchObject({ isTimer: true, waitMs: 50, state: 'c' });
    expect(runs).toBe(0);
  });

  it('end at limits, and say so', async () => {
    const endless = createMachine({
      id: 'endless',
      context: { count: 0 },
      on: { add: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
    });
    expect((await machinePaths(endless)).limit).toMatch(
      /^it stopped after \d+ states in which nothing new happened$/,
    );
    expect((await machinePaths(endless, { maxStates: 5 })).limit).toBe('it stopped at 5 states');
    expect((await machinePaths(endless, { maxDepth: 2 })).limit).toBe('it stopped 2 steps from the start');
    expect(await machinePaths(endless, { project: () => null })).toMatchObject({ states: 1, limit: null });
  });

  it('stop at a machine that goes on by itself for ever', async () => {
    const loop = createMachine({
      id: 'loop',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    });
    expect((await reasonsOf(loop))['a · go · loop.a/go/0']).toContain(
      'more than 1000 steps without an event in between',
    );
    const atOnce = createMachine({
      id: 'atOnce',
      initial: 'b',
      states: { b: { always: 'c' }, c: { always: 'b' } },
    });
    await expect(machinePaths(atOnce)).rejects.toThrow(NoStart);
  });

  it('leave out what does something else the second time', async () => {
    let calls = 0;
    const dice = createMachine({
      id: 'dice',
      context: { last: 0 },
      on: { roll: { actions: assign({ last: () => ++calls }) } },
    });
    expect((await machinePaths(dice, { maxStates: 3 })).problems[0]).toContain(
      'did something else the second time',
    );
  });

  it('refuse a chart with too many combinations of regions', async () => {
    const region = { initial: 'a', states: { a: { on: { go: 'b' } }, b: {}, c: {} } };
    const states = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`r${at}`, region]));
    const large = createMachine({
      id: 'large',
      type: 'parallel',
      states,
    } as never) as unknown as AnyStateMachine;
    await expect(machinePaths(large)).rejects.toThrow(ChartTooLarge);
  });
});
