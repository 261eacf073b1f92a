import { type ChartModel, type StateModel, type TransitionModel, transitionsOf } from '../read/model.ts';
import {
  areRivals,
  type Configuration,
  configurationsAfter,
  configurationsOf,
  statesUp,
} from './configuration.ts';

/** One thing that can happen in a chart: in this state, on this event, this branch is taken. */
export interface Item {
  /** Such as `lit.dim · PRESS · lamp.lit/PRESS/2`; stable as long as the chart is. */
  readonly id: string;
  /** The configuration, such as `lit.dim`. */
  readonly state: string;
  /** The event's type as XState matches it; empty for `always`. */
  readonly event: string;
  /** Null: nothing is enabled. */
  readonly transition: TransitionModel | null;
  /** The branches that are tried before it, in this order; of a parallel state, those of all its regions. For nothing, all of them. */
  readonly earlier: readonly TransitionModel[];
  /** The states in which it can leave the chart: the state itself, but for transitions with a target, and what other regions do on the same event. */
  readonly leadsTo: readonly string[];
  /** Whether a timer that this event comes from runs in this state. True for all that is no timer. */
  readonly isArmed: boolean;
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
}

/**
 * Reads off a chart what there is to walk: each configuration × each type of event that the chart names × each branch, from
 * the inner states outwards, and that no branch takes it.
 */
export const universeOf = (chart: ChartModel): Universe => {
  const configurations = configurationsOf(chart);
  const events = [...new Set(transitionsOf(chart).map(({ eventType }) => eventType))];
  const timers = new Map(
    transitionsOf(chart)
      .filter(({ kind }) => kind === 'after')
      .map(({ eventType, source }) => [eventType, source]),
  );
  const items: Item[] = [];
  for (const configuration of configurations) {
    for (const event of events) {
      const timerOf = timers.get(event);
      const isArmed = timerOf === undefined || configuration.active.has(timerOf);
      items.push(...itemsOf(chart, configurations, configuration, event, isArmed));
    }
  }
  return { chart, items, outcomes: outcomesOf(items), pairs: pairsOf(items) };
};

/** The name of an item; `transition` is an id of `src/statechart/read/model.ts`, null for nothing. */
export const itemId = (state: string, event: string, transition: string | null): string =>
  `${state} · ${event || 'always'} · ${transition ?? 'nothing enabled'}`;

/** The name of a pair of items. */
export const pairId = (first: string, second: string): string => `${first} → ${second}`;

/** Whether a transition written for `descriptor`, such as `PRESS`, `mouse.*` or `*`, takes events of this type. `*` takes timers too. */
const takes = (descriptor: string, event: string): boolean => {
  if (descriptor === event) return true;
  if (descriptor === '*') return event !== '';
  return descriptor.endsWith('.*') && `${event}.`.startsWith(descriptor.slice(0, -1));
};

/** The branches of one state that take events of this type, in the order in which XState tries them: the most exact descriptor first. */
const branchesFor = ({ transitions }: StateModel, event: string): readonly TransitionModel[] => {
  const taking = transitions.filter(({ eventType }) => takes(eventType, event));
  const exact = taking.filter(({ eventType }) => eventType === event);
  const wild = taking.filter(({ eventType }) => eventType !== event);
  return [...exact, ...wild.toSorted((a, b) => b.eventType.length - a.eventType.length)];
};

const itemsOf = (
  chart: ChartModel,
  configurations: readonly Configuration[],
  configuration: Configuration,
  event: string,
  isArmed: boolean,
): readonly Item[] => {
  const { name: state, leaves } = configuration;
  const ways = leaves.map((leaf) => statesUp(chart, leaf).flatMap((around) => branchesFor(around, event)));
  const all = [...new Set(ways.flat())];
  // Nothing eventless to try, so there is nothing whose absence could be seen.
  if (event === '' && all.length === 0) return [];
  const itemOf = (
    transition: TransitionModel | null,
    earlier: readonly TransitionModel[],
    leadsTo: readonly Configuration[],
  ): Item => ({
    id: itemId(state, event, transition?.id ?? null),
    state,
    event,
    transition,
    earlier,
    leadsTo: leadsTo.map(({ name }) => name),
    isArmed,
  });
  return [
    ...all.map((transition) =>
      itemOf(
        transition,
        earlierOf(ways, transition, event),
        leadsToOf(chart, configurations, configuration, ways, transition),
      ),
    ),
    itemOf(null, all, [configuration]),
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
      .filter(({ state }) => first.leadsTo.includes(state))
      .map((second) => ({ id: pairId(first.id, second.id), first, second })),
  );
};
