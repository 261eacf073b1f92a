import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine, type EventObject } from 'xstate';
import { isWildcard } from '../../../src/statechart/read/event-match.ts';
import { type ActionModel, type ChartModel, statesBelow } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { corpus } from '../corpus/corpus.ts';
import { edgeMachines } from './edge-machines.ts';
import { documentOf, type Input, Pair } from './pair.ts';

/** For each machine; the nightly run has more. */
const sequences = Number(process.env.SCXML_SEQUENCES ?? 16);

/** Actors live outside the document, and so does all that is sent to them. */
const needsActors = (chart: ChartModel): boolean => {
  const states = statesBelow(chart.root);
  const actions = [
    ...states.flatMap(({ entry, exit, transitions }) => [
      ...entry,
      ...exit,
      ...transitions.flatMap((transition) => transition.actions),
    ]),
    ...Object.values(chart.bound.actions),
  ];
  return states.some(({ invokes }) => invokes.length > 0) || actions.some(speaksToActors);
};

const speaksToActors = ({ own }: ActionModel): boolean =>
  own !== null &&
  (['sendTo', 'spawnChild', 'stopChild', 'enqueueActions'].includes(own.kind) ||
    Object.values(own.parts).some(({ text }) => text.includes('spawn(')));

const unlike = new Set(['versions', 'awaiting-implementations']);

const machines: readonly (readonly [string, AnyStateMachine, readonly EventObject[], unknown])[] = [
  ...corpus
    .filter(({ name, machine }) => !unlike.has(name) && !needsActors(walk(machine)))
    .map(({ name, machine, events, input }) => [name, machine, events, input] as const),
  ...edgeMachines.map(
    ([name, config]) => [name, createMachine(config as never) as AnyStateMachine, [], undefined] as const,
  ),
];

const eventsOf = (chart: ChartModel, given: readonly EventObject[]): readonly EventObject[] => [
  ...given,
  ...(given.length > 0 ? [] : chart.events.filter((type) => !isWildcard(type)).map((type) => ({ type }))),
  ...chart.events
    .filter((type) => type.endsWith('.*'))
    .flatMap((type) => [{ type: type.slice(0, -2) }, { type: `${type.slice(0, -1)}other` }]),
  { type: 'unknown' },
];

describe('SCION over the document of a machine is where XState is, after each of any events', () => {
  it.each(machines)(
    '%s',
    (name, machine, given, input) => {
      // Of the corpus, timers run for minutes; the others start short ones again and again.
      const longest = corpus.some((each) => each.name === name) ? 600_000 : 200;
      const chart = walk(machine);
      const document = documentOf(machine);
      const event = fc.constantFrom(...eventsOf(chart, given));
      const time = fc.constantFrom(1, 10, 60, 100, 1_000, 5_000, longest);
      const inputs: fc.Arbitrary<Input[]> = fc.array(fc.oneof({ weight: 4, arbitrary: event }, time), {
        maxLength: 30,
      });
      fc.assert(
        fc.property(inputs, (list) => {
          const pair = new Pair(machine, document, input);
          expect(pair.inScxml).toEqual(pair.inXState);
          for (const [at, each] of list.entries()) {
            if (pair.isDone) return;
            pair.take(each);
            expect(pair.hasFailed).toBe(false);
            expect(pair.inScxml, `after ${JSON.stringify(list.slice(0, at + 1))}`).toEqual(pair.inXState);
          }
        }),
        { seed: 1, numRuns: sequences },
      );
    },
    20_000 + sequences * 200,
  );

  it('takes 1,000 sequences or more', () => {
    expect(machines.length * sequences).toBeGreaterThanOrEqual(1_000);
  });
});
