import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { createModelTest } from '../../../src/statechart/model-test/create-model-test.ts';
import { ModelTestFailed } from '../../../src/statechart/model-test/model-test-failure.ts';
import {
  type ModelTestOptions,
  ModelTestUnfit,
} from '../../../src/statechart/model-test/model-test-options.ts';
import { runningMachine } from '../../../src/statechart/model-test/running-machine.ts';
import { corpus } from '../corpus/corpus.ts';

const door = setup({
  types: {} as { context: { tries: number }; events: { type: 'enter'; code: string } | { type: 'close' } },
  guards: {
    isRight: ({ event }) => event.type === 'enter' && event.code === '1234',
    isWorn: ({ context }) => context.tries >= 2,
  },
}).createMachine({
  id: 'door',
  context: { tries: 0 },
  initial: 'locked',
  states: {
    locked: {
      on: {
        enter: [
          { guard: 'isRight', target: 'open' },
          { guard: 'isWorn', target: 'alarm' },
          { actions: assign({ tries: ({ context }) => context.tries + 1 }) },
        ],
      },
    },
    open: { entry: assign({ tries: 0 }), on: { close: 'locked' }, after: { 5000: 'locked' } },
    alarm: { after: { 1000: { target: 'locked', actions: assign({ tries: 0 }) } } },
  },
});

/** The system under test; `worn`: after how many wrong codes it gives the alarm. */
class Door {
  readonly #worn: number;
  state = 'locked';
  #tries = 0;
  #leftMs: number | null = null;
  isEnded = false;

  constructor(worn = 2) {
    this.#worn = worn;
  }

  enter(code: string): void {
    if (code === '1234') this.#go('open', 5000);
    else if (this.#tries >= this.#worn) this.#go('alarm', 1000);
    else this.#tries++;
  }

  close(): void {
    this.#go('locked', null);
  }

  pass(ms: number): void {
    if (this.#leftMs === null) return;
    this.#leftMs -= ms;
    if (this.#leftMs <= 0) this.#go('locked', null);
  }

  #go(state: string, leftMs: number | null): void {
    this.state = state;
    this.#leftMs = leftMs;
    if (state !== 'locked') this.#tries = 0;
  }
}

const optionsFor = (make: () => Door): ModelTestOptions<Door> => ({
  events: {
    enter: {
      samples: [{ code: '1234' }, { code: '0' }],
      run: (system, { code }) => system.enter(code as string),
    },
    close: (system) => system.close(),
  },
  assertions: {
    '*': ({ state }, { value }) => {
      if (state !== value) throw new Error(`the door is ${state}`);
    },
  },
  setup: make,
  teardown: (system) => {
    system.isEnded = true;
  },
  advance: (system, ms) => system.pass(ms),
});

describe('a model test', () => {
  it('passes on a system that does as the machine, ends each system, and covers the machine', async () => {
    const made: Door[] = [];
    const test = createModelTest(
      door,
      optionsFor(() => {
        made.push(new Door());
        return made.at(-1)!;
      }),
    );
    await test.testAll();
    expect(made.length).toBe(3);
    expect(made.every(({ isEnded }) => isEnded)).toBe(true);
    expect(test.coverage().unwalked).toMatchObject({ transitions: [], guards: [] });
    expect(test.coverageText()).toMatch(/^total +6\/6 100 %/m);
    expect(await test.coverageSvg()).toContain('transitions 100 % (6 of 6)');
  });

  it('fails on a system that does otherwise, with the events up to there, and counts that as not walked', async () => {
    const test = createModelTest(
      door,
      optionsFor(() => new Door(3)),
    );
    const failure = await test.testAll().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModelTestFailed);
    expect((failure as ModelTestFailed).message).toBe(
      [
        'in alarm the assertion for all states failed: the door is locked',
        '  1. enter (code: "0") → locked',
        '  2. enter (code: "0") → locked',
        '  3. enter (code: "0") → alarm',
      ].join('\n'),
    );
    expect(test.coverage().unwalked.transitions).toContain('locked · enter · door.locked/enter/1');
  });

  it('shrinks a random walk that fails to the fewest events', async () => {
    const test = createModelTest(
      door,
      optionsFor(() => new Door(3)),
    );
    const { failed, errorInstance } = await fc.check(await test.property(fc), { seed: 7, numRuns: 200 });
    expect(failed).toBe(true);
    expect((errorInstance as ModelTestFailed).steps.map(({ event }) => event)).toEqual(
      Array(3).fill({ type: 'enter', code: '0' }),
    );
    const good = createModelTest(
      door,
      optionsFor(() => new Door()),
    );
    expect((await fc.check(await good.property(fc), { seed: 7, numRuns: 200 })).failed).toBe(false);
  });

  it('draws the payloads of random walks from an arbitrary', async () => {
    const codes = new Set<unknown>();
    const base = optionsFor(() => new Door());
    const arbitrary = fc.record({ code: fc.constantFrom('1234', '7', '8') });
    const enter = {
      arbitrary,
      run: (system: Door, { code }: Record<string, unknown>) => {
        codes.add(code);
        system.enter(code as string);
      },
    };
    const test = createModelTest(door, { ...base, events: { ...base.events, enter } });
    await fc.assert(await test.property(fc), { seed: 1, numRuns: 30 });
    expect([...codes].toSorted()).toEqual(['1234', '7', '8']);
  });

  it('runs the assertions of every state that is active, by name and by id', async () => {
    const seen: string[] = [];
    const base = optionsFor(() => new Door());
    const note = (name: string) => () => void seen.push(name);
    const assertions = { locked: note('locked'), '#door.open': note('open'), '*': note('all') };
    const test = createModelTest(door, { ...base, assertions });
    const [path] = await test.paths({ cover: 'states' });
    await test.run(path!);
    expect(seen).toEqual(['locked', 'all', 'open', 'all']);
  });

  it('without a way to let time pass leaves timers out', async () => {
    const { advance: _, ...options } = optionsFor(() => new Door());
    const test = createModelTest(door, options);
    const paths = await test.paths();
    expect(paths.flatMap(({ steps }) => steps).some(({ isTimer }) => isTimer)).toBe(false);
  });

  it('without a way to let time pass says so of a timer that no path waits for', async () => {
    const { advance: _, ...options } = optionsFor(() => new Door());
    const { notReached } = await createModelTest(door, options).search();
    expect(notReached.find(({ id }) => id.includes('after:1000'))?.reason).toBe(
      'no time passes for the system, so no path waits for a timer; give advance',
    );
  });

  it('says of an event without a run that nothing does it to the system', async () => {
    const options = { ...optionsFor(() => new Door()), events: { enter: [{ code: '0' }] } };
    const { notReached } = await createModelTest(door, options).search();
    expect(notReached.find(({ id }) => id.includes('enter/0'))?.reason).toBe(
      'nothing does enter to the system; give it a run',
    );
  });

  it('says of a recorded path that the machine has changed', async () => {
    const test = createModelTest(
      door,
      optionsFor(() => new Door()),
    );
    const [path] = await test.paths();
    const [first, ...rest] = path!.steps;
    await expect(test.run({ ...path!, state: 'open' })).rejects.toThrow('it starts in locked, expected open');
    await expect(test.run({ ...path!, steps: [{ ...first!, state: 'alarm' }, ...rest] })).rejects.toThrow(
      'leads to open, expected alarm',
    );
    await expect(test.run({ ...path!, steps: [{ ...first!, transitions: [] }] })).rejects.toThrow(
      'expected nothing',
    );
  });

  it('names events and states that the machine does not have, and a machine of which nothing is done', () => {
    const base = optionsFor(() => new Door());
    expect(() => createModelTest(door, { ...base, events: { kick: () => {} } })).toThrow(
      'door takes no event called kick; its events: enter, close',
    );
    expect(() => createModelTest(door, { ...base, assertions: { ajar: () => {} } })).toThrow(ModelTestUnfit);
    return expect(createModelTest(door, { events: {} }).testAll()).rejects.toThrow('door has no path');
  });
});

describe('the machine itself as the system', () => {
  const silent: readonly string[] = [
    // What it needs is provided elsewhere.
    'awaiting-implementations',
    // Hundreds of paths.
    'dense-300',
  ];
  it.each(corpus.filter(({ name }) => !silent.includes(name)))(
    'does as the paths of $name say',
    async ({ machine, events, input }) => {
      const samples = Object.fromEntries(
        [...Map.groupBy(events, ({ type }) => type)].map(([type, all]) => [
          type,
          all.map(({ type: _, ...payload }) => payload as Record<string, unknown>),
        ]),
      );
      const test = createModelTest(machine, runningMachine(machine, { events: samples, inputs: [input] }));
      const results = await test.results();
      expect(results.flatMap(({ failure }) => failure?.message ?? [])).toEqual([]);
    },
  );
});
