import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, createMachine } from 'xstate';
import { configurationsOf } from '../../../src/statechart/coverage/configuration.ts';
import { exclusionsOf } from '../../../src/statechart/coverage/exclusions.ts';
import { universeOf } from '../../../src/statechart/coverage/universe.ts';
import { stateNameOf } from '../../../src/statechart/read/state-name.ts';
import { transitionIdOf, walk } from '../../../src/statechart/read/walk.ts';

/** What an event makes the guards answer, by their names. */
type Answers = Readonly<Record<string, boolean>>;

const guardNames = ['isA', 'isB', 'isC'] as const;

const machineOf = (config: object): AnyStateMachine =>
  createMachine(config as never, {
    guards: Object.fromEntries(
      guardNames.map((name) => [
        name,
        ({ event }: { event: { answers?: Answers } }) => event.answers?.[name] ?? false,
      ]),
    ) as never,
  }) as unknown as AnyStateMachine;

/** A branch of a random chart before its target is a state: `to` counts through the ids of the chart. */
interface Branch {
  readonly guard: string | null;
  readonly to: number | null;
  readonly isReentering: boolean;
}

interface Node {
  readonly kind: 'compound' | 'parallel';
  readonly on: Readonly<Record<string, readonly Branch[]>>;
  readonly always: readonly Branch[];
  readonly states: readonly Node[];
}

const branch: fc.Arbitrary<Branch> = fc.record({
  guard: fc.option(fc.constantFrom(...guardNames), { freq: 2 }),
  to: fc.option(fc.nat(50), { freq: 4 }),
  isReentering: fc.boolean(),
});

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record<Node>({
    kind: fc.constantFrom('compound', 'parallel'),
    on: fc.dictionary(fc.constantFrom('PRESS', 'TURN'), fc.array(branch, { minLength: 1, maxLength: 2 }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    // Guarded, so that none goes on for ever where the event answers no.
    always: fc.array(
      branch.map((each) => ({ ...each, guard: each.guard ?? 'isC' })),
      { maxLength: 1 },
    ),
    states: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constant([]),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
    ),
  }),
}));

const configOf = (root: Node): object => {
  const ids: string[] = [];
  const number = ({ states }: Node, id: string): void => {
    ids.push(id);
    for (const [at, state] of states.entries()) number(state, `${id}.s${at}`);
  };
  number(root, 'toy');
  const written = ({ guard, to, isReentering }: Branch) => ({
    ...(guard === null ? {} : { guard }),
    ...(to === null ? {} : { target: `#${ids[to % ids.length]}`, reenter: isReentering }),
  });
  const state = ({ kind, on, always, states }: Node): object => ({
    on: Object.fromEntries(Object.entries(on).map(([event, branches]) => [event, branches.map(written)])),
    ...(always.length === 0 ? {} : { always: always.map(written) }),
    ...(states.length === 0
      ? {}
      : {
          ...(kind === 'parallel' ? { type: kind } : { initial: 's0' }),
          states: Object.fromEntries(states.map((each, at) => [`s${at}`, state(each)])),
        }),
  });
  return { id: 'toy', options: { maxIterations: 20 }, ...state(root) };
};

/** Sends events to a live actor and tells each transition that it takes, where, and where that led. */
const walkThrough = (
  machine: AnyStateMachine,
  events: readonly { readonly type: string; readonly answers: Answers }[],
) => {
  const seen: {
    readonly before: string;
    readonly event: string;
    readonly id: string;
    readonly after: string;
  }[] = [];
  let state = '';
  const actor = createActor(machine, {
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      const after = stateNameOf(event.snapshot as never);
      for (const transition of event._transitions) {
        // How a chart begins is no transition: it is entered from nowhere.
        if (state !== '')
          seen.push({ before: state, event: transition.eventType, id: transitionIdOf(transition), after });
      }
      state = after;
    },
  });
  actor.subscribe({ error: () => {} });
  actor.start();
  for (const event of events) if (actor.getSnapshot().status === 'active') actor.send(event);
  return seen;
};

describe('the universe of a chart of any shape', () => {
  it('has every transition that XState takes, where it takes it, excludes none of them, and knows where each leads', () => {
    let taken = 0;
    let inRegions = 0;
    let inViews = 0;
    fc.assert(
      fc.property(
        node,
        fc.array(
          fc.record({
            type: fc.constantFrom('PRESS', 'TURN'),
            answers: fc.record({ isA: fc.boolean(), isB: fc.boolean(), isC: fc.boolean() }),
          }),
          { minLength: 4, maxLength: 12 },
        ),
        (root, events) => {
          const machine = machineOf(configOf(root));
          const chart = walk(machine);
          fc.pre(configurationsOf(chart).length <= 60);
          const universe = universeOf(chart);
          const items = new Map(universe.items.map((item) => [item.id, item]));
          expect(items.size).toBe(universe.items.length);
          const excluded = exclusionsOf(universe).items;
          for (const { before, event, id, after } of walkThrough(machine, events)) {
            const ids = universe.idsOf(before, event, id);
            for (const item of ids) {
              expect([...items.keys()]).toContain(item);
              expect(excluded.get(item)).toBeUndefined();
              expect(items.get(item)!.leadsTo.some((place) => universe.placesOf(after).includes(place))).toBe(
                true,
              );
            }
            taken++;
            if (before.includes('{')) inRegions++;
            if (before.includes(', ') && ids.length > 1) inViews++;
          }
        },
      ),
      { numRuns: 400, seed: 1 },
    );
    expect(taken).toBeGreaterThan(500);
    expect(inRegions).toBeGreaterThan(100);
    expect(inViews).toBeGreaterThan(20);
  });
});
