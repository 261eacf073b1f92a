import { configurationsOf } from '../coverage/configuration.ts';
import { type Exclusions, exclusionsOf } from '../coverage/exclusions.ts';
import { pairId, type Universe, universeOf } from '../coverage/universe.ts';
import { type ChartModel, type StateModel, statesBelow, transitionsOf } from '../read/model.ts';
import type { Microstep } from './machine-steps.ts';

/** What a chart offers to be walked, and what its form alone excludes. */
export interface MachineUniverse {
  readonly universe: Universe;
  readonly exclusions: Exclusions;
  /** The items of a microstep. */
  itemsOf(step: Microstep): readonly string[];
  /** The items that say that nothing eventless is left to do in this state. */
  restIn(state: string): readonly string[];
  readonly isPair: (id: string) => boolean;
}

/** The chart has more combinations of states than can be counted up. */
export class ChartTooLarge extends Error {
  override readonly name = 'ChartTooLarge';
}

const maxConfigurations = 5_000;

/** Leaves out that nothing happens on an event for which a state has no transition at all. Throws `ChartTooLarge`. */
export const machineUniverse = (chart: ChartModel): MachineUniverse => {
  const count = configurationsIn(chart.root);
  if (count > maxConfigurations) {
    throw new ChartTooLarge(
      `${chart.id} has ${count} combinations of the states of its regions, more than the ${maxConfigurations} that can be counted up: split it into machines that invoke each other`,
    );
  }
  const whole = universeOf(chart);
  const done = doneIn(chart);
  const items = whole.items.filter(
    ({ state, event, transition, earlier }) =>
      (transition !== null || earlier.length > 0) && (done.get(event)?.has(state) ?? true),
  );
  const ids = new Set(items.map(({ id }) => id));
  const pairs = whole.pairs.filter(({ first, second }) => ids.has(first.id) && ids.has(second.id));
  const outcomes = whole.outcomes.filter(({ item }) => ids.has(item.id));
  const universe: Universe = { ...whole, items, outcomes, pairs };
  const pairIds = new Set(pairs.map(({ id }) => id));
  const types = new Set(items.map(({ event }) => event));
  const descriptors = new Map(
    items.flatMap(({ transition }) => (transition === null ? [] : [[transition.id, transition.eventType]])),
  );
  const eventless = new Set(items.filter(({ event }) => event === '').map(({ state }) => state));
  const known = (state: string, event: string, transition: string | null) =>
    whole.idsOf(state, event, transition).filter((id) => ids.has(id));
  return {
    universe,
    exclusions: exclusionsOf(universe),
    isPair: (id) => pairIds.has(id),
    itemsOf: ({ state, event, transitions }) => {
      if (transitions.length === 0) return known(state, event, null);
      return transitions.flatMap((id) =>
        // A type that the chart does not name came by a wildcard.
        known(state, types.has(event) ? event : (descriptors.get(id) ?? event), id),
      );
    },
    restIn: (state) =>
      whole.placesOf(state).some((place) => eventless.has(place)) ? known(state, '', null) : [],
  };
};

/** By the event that says that a state is done: the views of the configurations in which it is. */
const doneIn = (chart: ChartModel): ReadonlyMap<string, ReadonlySet<string>> => {
  const configurations = configurationsOf(chart);
  return new Map(
    transitionsOf(chart)
      .filter(({ kind }) => kind === 'done')
      .map(({ eventType, trigger }) => {
        const state = statesBelow(chart.root).find(({ id }) => id === trigger);
        const views = configurations
          .filter(({ active }) => state !== undefined && isDone(state, active))
          .flatMap((each) => each.views.map(({ name }) => name));
        return [eventType, new Set(views)];
      }),
  );
};

const isDone = ({ type, states }: StateModel, active: ReadonlySet<string>): boolean =>
  type === 'parallel'
    ? states.filter((region) => region.type !== 'history').every((region) => isDone(region, active))
    : states.some((child) => child.type === 'final' && active.has(child.id));

const configurationsIn = ({ type, states }: ChartModel['root']): number => {
  const counts = states.filter((child) => child.type !== 'history').map(configurationsIn);
  if (counts.length === 0) return 1;
  return counts.reduce((one, other) => (type === 'parallel' ? one * other : one + other));
};

/** The items of a step one after another, and the pairs within it. */
export const followed = (
  { itemsOf, restIn, isPair }: MachineUniverse,
  taken: readonly Microstep[],
  after: string,
): Followed => {
  const groups = taken.map(itemsOf).filter((group) => group.length > 0);
  const pairs = groups.slice(1).flatMap((group, at) => pairsBetween(groups[at]!, group, isPair));
  const moves = taken.some(({ transitions }) => transitions.length > 0);
  return {
    items: [...groups.flat(), ...(moves ? restIn(after) : [])],
    first: groups[0] ?? [],
    last: groups.at(-1) ?? [],
    pairs,
  };
};

export interface Followed {
  readonly items: readonly string[];
  readonly first: readonly string[];
  readonly last: readonly string[];
  readonly pairs: readonly string[];
}

/** Ids of pairs between what was last taken in one step and what was first taken in the next. */
export const pairsBetween = (
  before: readonly string[],
  after: readonly string[],
  isPair: (id: string) => boolean,
): readonly string[] => before.flatMap((one) => after.map((other) => pairId(one, other))).filter(isPair);
