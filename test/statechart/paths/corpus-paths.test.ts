import { describe, expect, it } from 'vitest';
import {
  type AnyMachineSnapshot,
  type EventObject,
  getNextTransitions,
  initialTransition,
  transition,
} from 'xstate';
import { exploreMachine } from '../../../src/statechart/paths/explore-machine.ts';
import { MachineSteps } from '../../../src/statechart/paths/machine-steps.ts';
import type { Payload } from '../../../src/statechart/paths/payload.ts';
import { sampleSource } from '../../../src/statechart/paths/samples.ts';
import { type CorpusMachine, corpus } from '../corpus/corpus.ts';

/** How far both searches look. */
const depth = 4;
const maxStates = 400;

interface Reached {
  readonly values: ReadonlySet<string>;
  /** What was taken: event types with the states before and after. */
  readonly moves: ReadonlySet<string>;
}

describe.each(corpus)('the search of $name', (each) => {
  it('reaches what a search by the public functions of XState reaches', async () => {
    const wide = await ours(each);
    const independent = searched(each);
    const isCut = independent.isCut || wide.isCut;
    for (const value of independent.values) expect(wide.values).toContain(value);
    for (const move of independent.moves) expect(wide.moves).toContain(move);
    // Which of several timers fires first is nothing that this search knows.
    if (!isCut && !independent.hasSeveralTimers)
      expect([...wide.moves].toSorted()).toEqual([...independent.moves].toSorted());
  });
});

const ours = async ({
  machine,
  events,
  input,
}: CorpusMachine): Promise<Reached & { readonly isCut: boolean }> => {
  const samples = await sampleSource(machine, Object.fromEntries(byType(events)));
  const { states, edges, limit } = exploreMachine(new MachineSteps(machine), samples, {
    inputs: [input],
    maxDepth: depth,
    maxStates: 5_000,
  });
  const nameAt = (at: number) => textOf(states[at]!.snapshot.value);
  return {
    values: new Set(states.map((_, at) => nameAt(at))),
    moves: new Set(
      edges.flatMap(({ from, to, offer, taken }) =>
        // A delayed event may outlive what waits for it.
        from === null || (offer!.timer !== null && taken.every(({ transitions }) => transitions.length === 0))
          ? []
          : [`${nameAt(from)} ${offer!.event.type} ${nameAt(to)}`],
      ),
    ),
    isCut: limit !== null && !limit.includes('steps from the start'),
  };
};

/** Breadth first by `initialTransition` and `transition`: a state for each value and context, timers as soon as one of one state runs. */
const searched = ({ machine, events, input }: CorpusMachine) => {
  const values = new Set<string>();
  const moves = new Set<string>();
  let hasSeveralTimers = false;
  const [start] = initialTransition(machine, input as never) as unknown as [AnyMachineSnapshot, unknown];
  if (start.status === 'error') throw start.error;
  const given = byType(events);
  const seen = new Set([keyOf(start)]);
  let level: readonly AnyMachineSnapshot[] = [start];
  values.add(textOf(start.value));
  let isCut = false;
  for (let at = 0; at < depth && level.length > 0; at++) {
    const next: AnyMachineSnapshot[] = [];
    for (const from of level) {
      if (from.status !== 'active') continue;
      const timers = getNextTransitions(from).filter(({ eventType }) =>
        eventType.startsWith('xstate.after.'),
      );
      if (new Set(timers.map(({ eventType }) => eventType)).size > 1) hasSeveralTimers = true;
      for (const event of eventsOf(from, given)) {
        let to: AnyMachineSnapshot;
        try {
          [to] = transition(machine, from as never, event as never) as unknown as [
            AnyMachineSnapshot,
            unknown,
          ];
        } catch {
          continue;
        }
        if (to.status === 'error') continue;
        values.add(textOf(to.value));
        moves.add(`${textOf(from.value)} ${event.type} ${textOf(to.value)}`);
        const key = keyOf(to);
        if (seen.has(key)) continue;
        if (seen.size >= maxStates) {
          isCut = true;
          continue;
        }
        seen.add(key);
        next.push(to);
      }
    }
    level = next;
  }
  return { values, moves, isCut, hasSeveralTimers };
};

/** Everything that a state has a transition for: what comes from outside, the only timer of a state, and what actors that are there tell. */
const eventsOf = (
  snapshot: AnyMachineSnapshot,
  given: ReadonlyMap<string, readonly Payload[]>,
): readonly EventObject[] => {
  const types = [...new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType))];
  const timers = types.filter((type) => type.startsWith('xstate.after.'));
  const other = types.filter((type) => type.endsWith('*')).map((type) => type.replace(/\*$/, 'other'));
  const wild = [...given.keys()].filter((type) =>
    types.some((each) => each.endsWith('*') && type.startsWith(each.slice(0, -1))),
  );
  return [...new Set([...types, ...other, ...wild])].flatMap((type): readonly EventObject[] => {
    if (type === '' || (type.endsWith('*') && !types.some((each) => each === type && /[^.*]\*$/.test(each))))
      return [];
    if (type.startsWith('xstate.after.')) return timers.length === 1 ? [{ type }] : [];
    const [, kind, actor] = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.*)$/s.exec(type) ?? [];
    if (actor !== undefined) {
      if (!(actor in snapshot.children)) return [];
      const told =
        kind === 'snapshot'
          ? { snapshot: { status: 'active', value: {}, context: {} } }
          : { error: new Error('it failed') };
      return (given.get(type) ?? [{}]).map((payload) => ({ ...told, output: undefined, ...payload, type }));
    }
    if (type.startsWith('xstate.') && !given.has(type)) return [];
    return (given.get(type) ?? [{}]).map((payload) => ({ ...payload, type }));
  });
};

const byType = (events: readonly EventObject[]): ReadonlyMap<string, readonly Payload[]> =>
  new Map(
    [...Map.groupBy(events, ({ type }) => type)].map(([type, all]) => [
      type,
      all.map(({ type: _, ...rest }) => rest),
    ]),
  );

const textOf = (value: unknown): string => JSON.stringify(value);

const keyOf = ({ value, context, historyValue }: AnyMachineSnapshot): string =>
  `${textOf(value)} ${safe(context)} ${Object.entries(historyValue ?? {})
    .map(([key, nodes]) => `${key}: ${(nodes as { id: string }[]).map(({ id }) => id).join()}`)
    .join(';')}`;

const safe = (context: unknown): string => {
  try {
    return (
      JSON.stringify(context, (_, each) => (each instanceof Map || each instanceof Set ? [...each] : each)) ??
      ''
    );
  } catch {
    return 'cyclic';
  }
};
