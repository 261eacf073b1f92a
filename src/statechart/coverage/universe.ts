import { type ChartModel, type TransitionModel, transitionsOf } from '../read/model.ts';
import { type Configuration, configurationsAfter, configurationsOf, statesUp } from './configuration.ts';

/** One thing that can happen in a chart: in this state, on this event, this branch is taken. */
export interface Item {
  /** Such as `follower.leased · AppendEntries · raft.follower/AppendEntries/2`; stable as long as the chart is. */
  readonly id: string;
  /** The configuration, such as `follower.leased`. */
  readonly state: string;
  /** The event's type as XState matches it; empty for `always`. */
  readonly event: string;
  /** Null: nothing is enabled. */
  readonly transition: TransitionModel | null;
  /** The branches that are tried before it, in this order; for nothing, all of them. */
  readonly earlier: readonly TransitionModel[];
  /** The states in which it leaves the chart: the state itself, but for transitions with a target. */
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

/** All that a test of a chart could walk, as the chart's form tells. What cannot be walked is in it too. */
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
  const byId = new Map<string, Item>();
  for (const configuration of configurations) {
    for (const event of events) {
      const timerOf = timers.get(event);
      const isArmed = timerOf === undefined || configuration.active.has(timerOf);
      for (const item of itemsOf(chart, configurations, configuration, event, isArmed)) {
        // Configurations of parallel states can share a name: what one of them can do, the name can.
        const known = byId.get(item.id);
        byId.set(
          item.id,
          known === undefined ? item : { ...known, leadsTo: union(known.leadsTo, item.leadsTo) },
        );
      }
    }
  }
  const items = [...byId.values()];
  return { chart, items, outcomes: outcomesOf(items), pairs: pairsOf(items) };
};

/** How an item is called; `transition` is an id of `src/statechart/read/model.ts`, null for nothing. */
export const itemId = (state: string, event: string, transition: string | null): string =>
  `${state} · ${event || 'always'} · ${transition ?? 'nothing enabled'}`;

/** How a pair of items is called. */
export const pairId = (first: string, second: string): string => `${first} → ${second}`;

const union = (one: readonly string[], other: readonly string[]): readonly string[] => [
  ...new Set([...one, ...other]),
];

/** Whether a transition written for `descriptor`, such as `Received`, `mouse.*` or `*`, takes events of this type. */
const takes = (descriptor: string, event: string): boolean => {
  if (descriptor === event) return true;
  if (descriptor === '*') return event !== '' && !event.startsWith('xstate.');
  return descriptor.endsWith('.*') && `${event}.`.startsWith(descriptor.slice(0, -1));
};

const itemsOf = (
  chart: ChartModel,
  configurations: readonly Configuration[],
  configuration: Configuration,
  event: string,
  isArmed: boolean,
): readonly Item[] => {
  const { name: state, leaves } = configuration;
  const branches = new Map<string, Item>();
  const all = new Map<string, TransitionModel>();
  for (const leaf of leaves) {
    const earlier: TransitionModel[] = [];
    for (const each of statesUp(chart, leaf)) {
      for (const transition of each.transitions.filter(({ eventType }) => takes(eventType, event))) {
        all.set(transition.id, transition);
        const id = itemId(state, event, transition.id);
        if (!branches.has(id)) {
          branches.set(id, {
            id,
            state,
            event,
            transition,
            earlier: [...earlier],
            leadsTo: configurationsAfter(chart, configurations, configuration, transition).map(
              ({ name }) => name,
            ),
            isArmed,
          });
        }
        earlier.push(transition);
      }
    }
  }
  // Nothing eventless to try: nothing that could be seen not to happen.
  if (event === '' && all.size === 0) return [];
  const nothing: Item = {
    id: itemId(state, event, null),
    state,
    event,
    transition: null,
    earlier: [...all.values()],
    leadsTo: [state],
    isArmed,
  };
  return [...branches.values(), nothing];
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
