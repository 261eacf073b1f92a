import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { NotSayable } from '../../../src/statechart/export/not-sayable.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { documentOf, Pair } from './pair.ts';
import { scxmlFaults } from './scxml-grammar.ts';

/** How many machines; the nightly run has more. */
const machines = Number(process.env.SCXML_MACHINES ?? 150);

interface Sketch {
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly deep: boolean;
  readonly doesCount: boolean;
  readonly children: readonly Sketch[];
  readonly arrows: readonly {
    readonly event: string;
    readonly target: number;
    readonly reenter: boolean;
    readonly guard: number;
  }[];
}

const events = ['a', 'a.b', 'c', 'd'];

const arrow = fc.record({
  event: fc.constantFrom(...events, ...events, 'a.*', '*', 'after'),
  target: fc.nat(30),
  reenter: fc.boolean(),
  guard: fc.nat(4),
});

const sketch = (depth: number): fc.Arbitrary<Sketch> =>
  fc.record({
    type: fc.constantFrom<Sketch['type']>(
      ...(depth === 0
        ? (['atomic', 'atomic', 'atomic', 'final', 'history'] as const)
        : (['atomic', 'compound', 'compound', 'parallel', 'parallel', 'final', 'history'] as const)),
    ),
    deep: fc.boolean(),
    doesCount: fc.boolean(),
    children: depth === 0 ? fc.constant([]) : fc.array(sketch(depth - 1), { minLength: 1, maxLength: 3 }),
    arrows: fc.array(arrow, { maxLength: 3 }),
  });

const count = (key: string) =>
  assign(({ context }) => ({ [key]: ((context as Record<string, number>)[key] ?? 0) + 1 }));

/** Of any shape, as long as XState takes it. Guards read how often something was done. */
const machineOf = (root: Sketch): AnyStateMachine => {
  const ids: string[] = [];
  const name = (state: Sketch, id: string): void => {
    ids.push(id);
    if (state.type === 'compound' || state.type === 'parallel')
      for (const [at, child] of state.children.entries()) name(child, `${id}.s${at}`);
  };
  name(root, 'm');
  // A deep history of SCION does not remember final states.
  const hasFinal = JSON.stringify(root).includes('"final"');
  const config = (state: Sketch, id: string): object => {
    if (state.type === 'history')
      return { type: 'history', history: state.deep && !hasFinal ? 'deep' : 'shallow' };
    const own = state.doesCount ? { entry: count(`in ${id}`), exit: count(`out ${id}`) } : {};
    if (state.type === 'final') return { type: 'final', ...own };
    const branches = (list: Sketch['arrows']) =>
      list.map(({ target, reenter, guard }, at) => ({
        ...(target % 5 === 4 ? {} : { target: `#${ids[target % ids.length]}`, reenter }),
        actions: count(`${id} ${at}`),
        ...(guard > 1
          ? {}
          : { guard: ({ context }: { context: object }) => Object.keys(context).length % 2 === guard }),
      }));
    const on = Object.groupBy(state.arrows, ({ event }) => event);
    const { after, ...others } = on;
    // SCION enters states by their depth: timers that end at one time would fire in another order.
    const inside = {
      ...own,
      on: Object.fromEntries(Object.entries(others).map(([event, list]) => [event, branches(list!)])),
      ...(after === undefined ? {} : { after: { [10 + ids.indexOf(id)]: branches(after) } }),
    };
    if (state.type === 'atomic') return inside;
    const states = Object.fromEntries(
      state.children.map((child, at) => [`s${at}`, config(child, `${id}.s${at}`)]),
    );
    const onDone = { actions: count(`done ${id}`) };
    return state.type === 'parallel'
      ? { type: 'parallel', ...inside, states, onDone }
      : { initial: 's0', ...inside, states, onDone };
  };
  return createMachine({
    context: {},
    options: { maxIterations: 50 },
    ...(config(root, 'm') as object),
    id: 'm',
  });
};

/** A first state that is a history XState does not take. SCION never takes regions for done beside a history. */
const isSound = (state: Sketch, isRegion = false, isFirst = true): boolean =>
  (state.type !== 'history' || (!isRegion && !isFirst)) &&
  (state.type === 'compound' || state.type === 'parallel'
    ? state.children.every((child, at) => isSound(child, state.type === 'parallel', at === 0))
    : true);

it(
  'SCION over the document of any machine is where XState is, unless it is refused',
  () => {
    const root = sketch(3).filter((state) => ['compound', 'parallel'].includes(state.type) && isSound(state));
    const inputs = fc.array(fc.constantFrom(...events, 'a.x', 100), { maxLength: 12 });
    let compared = 0;
    fc.assert(
      fc.property(root, fc.array(inputs, { minLength: 3, maxLength: 3 }), (state, lists) => {
        const machine = machineOf(state);
        let document: ReturnType<typeof documentOf>;
        try {
          document = documentOf(machine);
        } catch (refusal) {
          if (refusal instanceof NotSayable) return;
          throw refusal;
        }
        expect(scxmlFaults(document)).toEqual([]);
        const known = walk(machine).events;
        // An event that the chart does not know is not for its document, see docs/formats.md.
        const isKnown = (input: string | number) =>
          known.includes(String(input)) ||
          known.some((type) => type.endsWith('*')) ||
          !String(input).includes('.');
        for (const list of lists.map((all) => all.filter(isKnown))) {
          const pair = new Pair(machine, document);
          if (pair.hasFailed) return;
          expect(pair.inScxml).toEqual(pair.inXState);
          for (const [at, input] of list.entries()) {
            if (pair.isDone) break;
            pair.take(typeof input === 'number' ? input : { type: input });
            if (pair.hasFailed) break;
            expect(pair.inScxml, `after ${list.slice(0, at + 1).join(', ')}`).toEqual(pair.inXState);
          }
          compared++;
        }
      }),
      { seed: 1, numRuns: machines },
    );
    expect(compared).toBeGreaterThan(machines);
  },
  20_000 + machines * 40,
);
