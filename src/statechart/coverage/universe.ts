import { branchesFor } from '../read/event-match.ts';
import { type ChartModel, type StateModel, type TransitionModel, transitionsOf } from '../read/model.ts';
import type { View } from '../read/state-name.ts';
import {
  areRivals,
  belongsTo,
  type Configuration,
  configurationsAfter,
  configurationsOf,
  isSameView,
  statesUp,
} from './configuration.ts';

/** One thing that can happen in a chart: in this state, on this event, this branch is taken. */
export interface Item {
  /** Such as `lit.dim · PRESS · lamp.lit/PRESS/2`; stable as long as the chart is. */
  readonly id: string;
  /** The configuration, such as `lit.dim`; of one with regions, a view of it. */
  readonly state: string;
  /** The event's type as XState matches it; empty for `always`. */
  readonly event: string;
  /** Null: nothing is enabled. */
  readonly transition: TransitionModel | null;
  /** The branches that are always tried before it, in this order; of a parallel state, those of all its regions. For nothing, all of them. */
  readonly earlier: readonly TransitionModel[];
  /** The states in which it can leave the chart: the state itself, but for transitions with a target, and what other regions do on the same event. */
  readonly leadsTo: readonly string[];
  /** Whether a timer that this event comes from runs in this state. True for all that is no timer. */
  readonly isArmed: boolean;
  /** Of a view: the transition belongs to the region that it tells of. */
  readonly isOfRegion: boolean;
  /** Of the second view on: the transition belongs to the states around the regions, and is an item of the first one as well. */
  readonly isRepeated: boolean;
}

/** A guard that is asked in a state on an event, and what it answers. */
export interface Outcome {
  /** The item's id with `is true` or `is false`. */
  readonly id: string;
  readonly item: Item;
  readonly answer: boolean;
  /** Items that show it when they are walked: its own for true, for false those that are tried after it. */
  readonly shownBy: readonly Item[];
}

/** Two transitions, one right after the other. */
export interface Pair {
  /** The two ids with `→` between them. */
  readonly id: string;
  readonly first: Item;
  readonly second: Item;
}

/** Everything that a test of a chart could walk, going by the chart's form. What cannot be walked is included too. */
export interface Universe {
  readonly chart: ChartModel;
  readonly items: readonly Item[];
  readonly outcomes: readonly Outcome[];
  readonly pairs: readonly Pair[];
  /** The views of a configuration, by its whole name: what is in one of several regions is an item whatever the others are in. */
  placesOf(state: string): readonly string[];
  /** The ids of all items that are walked when this happens in the configuration with this whole name; `transition` as for `itemId`. */
  idsOf(state: string, event: string, transition: string | null): readonly string[];
}

/**
 * Reads off a chart what there is to walk: each configuration × each type of event that the chart names × each branch, from
 * the inner states outwards, and that no branch takes it. Of configurations with regions, each view by itself: the states of
 * independent regions add up, and do not multiply.
 */
export const universeOf = (chart: ChartModel): Universe => {
  const configurations = configurationsOf(chart);
  const events = [...new Set(transitionsOf(chart).map(({ eventType }) => eventType))];
  const timers = new Map(
    transitionsOf(chart)
      .filter(({ kind }) => kind === 'after')
      .map(({ eventType, source }) => [eventType, source]),
  );
  const items = new Map<string, Item>();
  /** That nothing is enabled says nothing where only a region that is not looked at would react. */
  const unseen = new Set<string>();
  for (const configuration of configurations) {
    for (const event of events) {
      const timerOf = timers.get(event);
      const isArmed = timerOf === undefined || configuration.active.has(timerOf);
      const ways = waysOut(chart, configurations, configuration, event);
      for (const [at, view] of configuration.views.entries()) {
        const hides = (each: TransitionModel) => belongsTo(chart, view.untold, each);
        for (const way of ways) {
          if (way.transition !== null && hides(way.transition)) continue;
          const item = itemIn(chart, view, way, { event, isArmed, isFirst: at === 0 });
          items.set(item.id, merged(items.get(item.id), item));
          if (way.transition === null && way.earlier.length > 0 && way.earlier.every(hides))
            unseen.add(item.id);
        }
      }
    }
  }
  for (const id of unseen) items.delete(id);
  const places = new Map(configurations.map(({ name, views }) => [name, views.map((view) => view.name)]));
  const placesOf = (state: string) => places.get(state) ?? [state];
  const all = [...items.values()];
  return {
    chart,
    items: all,
    outcomes: outcomesOf(all),
    pairs: pairsOf(all),
    placesOf,
    idsOf: (state, event, transition) => {
      const known = placesOf(state)
        .map((place) => itemId(place, event, transition))
        .filter((id) => items.has(id));
      return known.length > 0 ? known : [itemId(state, event, transition)];
    },
  };
};

/** A way out of a configuration as a view of it shows it; `isFirst`: there is no view before. */
const itemIn = (
  chart: ChartModel,
  view: View<StateModel>,
  { transition, earlier, leadsTo }: WayOut,
  { event, isArmed, isFirst }: Pick<Item, 'event' | 'isArmed'> & { readonly isFirst: boolean },
): Item => {
  const next = leadsTo.flatMap(({ views }) => views.filter((each) => isSameView(view, each)));
  const isOfRegion = transition !== null && belongsTo(chart, view.told, transition);
  return {
    id: itemId(view.name, event, transition?.id ?? null),
    state: view.name,
    event,
    transition,
    earlier,
    leadsTo: [...new Set(next.map(({ name }) => name))],
    isArmed,
    isOfRegion,
    isRepeated: !isFirst && !isOfRegion,
  };
};

/** What is true of an item in this configuration as well as in those before. */
const merged = (before: Item | undefined, item: Item): Item =>
  before === undefined
    ? item
    : {
        ...item,
        earlier: before.earlier.filter((each) => item.earlier.includes(each)),
        leadsTo: [...new Set([...before.leadsTo, ...item.leadsTo])],
        isArmed: before.isArmed || item.isArmed,
      };

/** The name of an item; `transition` is an id of `src/statechart/read/model.ts`, null for nothing. */
export const itemId = (state: string, event: string, transition: string | null): string =>
  `${state} · ${event || 'always'} · ${transition ?? 'nothing enabled'}`;

/** The name of a pair of items. */
export const pairId = (first: string, second: string): string => `${first} → ${second}`;

/** A branch that a configuration may take on an event, or none; what is tried before it, and where it can lead. */
interface WayOut {
  readonly transition: TransitionModel | null;
  readonly earlier: readonly TransitionModel[];
  readonly leadsTo: readonly Configuration[];
}

const waysOut = (
  chart: ChartModel,
  configurations: readonly Configuration[],
  configuration: Configuration,
  event: string,
): readonly WayOut[] => {
  const ways = configuration.leaves.map((leaf) =>
    statesUp(chart, leaf).flatMap((around) => branchesFor(around, event)),
  );
  const all = [...new Set(ways.flat())];
  // Nothing eventless to try, so there is nothing whose absence could be seen.
  if (event === '' && all.length === 0) return [];
  return [
    ...all.map((transition) => ({
      transition,
      earlier: earlierOf(ways, transition, event),
      leadsTo: leadsToOf(chart, configurations, configuration, ways, transition),
    })),
    { transition: null, earlier: all, leadsTo: [configuration] },
  ];
};

type Way = readonly TransitionModel[];

/**
 * What must have refused before this transition is asked. An event is asked of all regions before the parallel state around them;
 * an eventless transition gets its turn when one of them has nothing to do.
 */
const earlierOf = (
  ways: readonly Way[],
  transition: TransitionModel,
  event: string,
): readonly TransitionModel[] => {
  const before = ways
    .filter((way) => way.includes(transition))
    .map((way) => way.slice(0, way.indexOf(transition)));
  const union = [...new Set(before.flat())];
  return event === '' ? union.filter((each) => before.every((way) => way.includes(each))) : union;
};

/** Where a transition can lead, alone or together with what other regions do on the same event. */
const leadsToOf = (
  chart: ChartModel,
  configurations: readonly Configuration[],
  from: Configuration,
  ways: readonly Way[],
  transition: TransitionModel,
): readonly Configuration[] => {
  const moves = besides(ways, transition).filter(({ targets }) => targets.length > 0);
  const after = (places: readonly Configuration[], taken: readonly TransitionModel[]) => {
    const found = new Set(places);
    for (const each of taken) {
      for (const place of [...found].filter(({ active }) => active.has(each.source))) {
        for (const next of configurationsAfter(chart, configurations, place, each)) found.add(next);
      }
    }
    return found;
  };
  const rivals = moves.filter((move) => areRivals(chart, transition, move));
  const own = configurationsAfter(chart, configurations, from, transition);
  const along = after(
    own,
    moves.filter((move) => !rivals.includes(move)),
  );
  // XState reports a transition also where a rival was taken in its place.
  return [...new Set([...along, ...(rivals.length === 0 ? [] : after([from], moves))])];
};

/** Transitions that can be enabled on the same event in other regions. */
const besides = (ways: readonly Way[], transition: TransitionModel): readonly TransitionModel[] => {
  const isOwn = (way: Way) => way.includes(transition);
  const others = new Set(
    ways
      // Each region by itself comes to the eventless transitions of the state around all of them.
      .filter((way) =>
        transition.kind === 'always' ? ways.some((own) => own !== way && isOwn(own)) : !isOwn(way),
      )
      .flat(),
  );
  others.delete(transition);
  return transition.kind === 'always'
    ? [...others]
    : [...others].filter((other) => !ways.some((way) => isOwn(way) && way.includes(other)));
};

const outcomesOf = (items: readonly Item[]): readonly Outcome[] =>
  items
    .filter(({ transition }) => transition?.guard != null)
    .flatMap((item): readonly Outcome[] => [
      { id: `${item.id} is true`, item, answer: true, shownBy: [item] },
      {
        id: `${item.id} is false`,
        item,
        answer: false,
        shownBy: items.filter(
          ({ state, event, earlier }) =>
            state === item.state && event === item.event && earlier.includes(item.transition!),
        ),
      },
    ]);

const pairsOf = (items: readonly Item[]): readonly Pair[] => {
  const taken = items.filter(({ transition }) => transition !== null);
  return taken.flatMap((first) =>
    taken
      .filter((second) => first.leadsTo.includes(second.state) && !isRepeatedPair(first, second))
      .map((second) => ({ id: pairId(first.id, second.id), first, second })),
  );
};

/** What happens around the regions of a view is a pair once, in the first view. */
const isRepeatedPair = (first: Item, second: Item): boolean =>
  (first.isRepeated || second.isRepeated) && !first.isOfRegion && !second.isOfRegion;
