import type { Universe } from '../coverage/universe.ts';
import type { Edge, Exploration } from './explore-machine.ts';
import { followed, type MachineUniverse, pairsBetween } from './machine-universe.ts';
import type { CoverGoal } from './model-path.ts';

/** A way from a start, by the places of its edges in the exploration; the first is a start. */
export type Way = readonly number[];

/** The shortest way to each goal that was reached, by the goal's id: the name of a state, or an id of the universe. */
export const shortestWays = (
  exploration: Exploration,
  machine: MachineUniverse,
  cover: CoverGoal,
): ReadonlyMap<string, Way> => {
  switch (cover) {
    case 'states':
      return toStates(exploration);
    case 'transitions':
      return toItems(exploration, machine, ({ transition }) => transition !== null);
    case 'guards':
      return new Map([
        ...toOutcomes(exploration, machine),
        // What has no guard is walked as well, so that there is a goal that leaves nothing out but pairs.
        ...toItems(exploration, machine, ({ transition }) => transition !== null),
      ]);
    case 'pairs':
      return new Map([
        ...toPairs(exploration, machine),
        // What has no pair at all is walked as well.
        ...toItems(exploration, machine, ({ transition }) => transition !== null),
      ]);
  }
};

/** The shortest way to a state, by its place. */
export const wayTo = ({ foundBy, edges }: Exploration, state: number): Way => {
  const way: number[] = [];
  for (let at: number | null = state; at !== null; at = edges[foundBy[at]!]!.from) way.unshift(foundBy[at]!);
  return way;
};

const wayThrough = (exploration: Exploration, edge: number): Way => {
  const { from } = exploration.edges[edge]!;
  return from === null ? [edge] : [...wayTo(exploration, from), edge];
};

const toStates = (exploration: Exploration): ReadonlyMap<string, Way> => {
  const ways = new Map<string, Way>();
  for (const [at, { name }] of exploration.states.entries()) {
    if (!ways.has(name)) ways.set(name, wayTo(exploration, at));
  }
  return ways;
};

const toItems = (
  exploration: Exploration,
  machine: MachineUniverse,
  isWanted: (item: Universe['items'][number]) => boolean,
): ReadonlyMap<string, Way> => {
  const wanted = new Set(machine.universe.items.filter(isWanted).map(({ id }) => id));
  const ways = new Map<string, Way>();
  for (const [at, edge] of exploration.edges.entries()) {
    for (const item of itemsOfEdge(exploration, machine, edge)) {
      if (wanted.has(item) && !ways.has(item)) ways.set(item, wayThrough(exploration, at));
    }
  }
  return ways;
};

const toOutcomes = (exploration: Exploration, machine: MachineUniverse): ReadonlyMap<string, Way> => {
  const ways = toItems(exploration, machine, () => true);
  return new Map(
    machine.universe.outcomes.flatMap(({ id, shownBy }) => {
      const shown = shownBy.flatMap((item) => ways.get(item.id) ?? []);
      const found = shownBy.map((item) => ways.get(item.id)).filter((way) => way !== undefined);
      const [shortest] = found.toSorted((one, other) => one.length - other.length);
      return shown.length === 0 || shortest === undefined ? [] : [[id, shortest] as const];
    }),
  );
};

const itemsOfEdge = (
  { states }: Exploration,
  machine: MachineUniverse,
  { taken, to }: Edge,
): readonly string[] => followed(machine, taken, states[to]!.name).items;

const toPairs = (exploration: Exploration, machine: MachineUniverse): ReadonlyMap<string, Way> => {
  const { states, edges, depths } = exploration;
  const ends = edges.map(({ taken, to }) => followed(machine, taken, states[to]!.name));
  const ways = new Map<string, { readonly length: number; readonly through: readonly number[] }>();
  const offer = (pair: string, length: number, through: readonly number[]) => {
    const known = ways.get(pair);
    if (known === undefined || length < known.length) ways.set(pair, { length, through });
  };
  const lengthOf = ({ from }: Edge) => (from === null ? 1 : depths[from]! + 2);
  for (const [at, { pairs }] of ends.entries()) {
    for (const pair of pairs) offer(pair, lengthOf(edges[at]!), [at]);
  }
  // Of the edges into a state, the shortest of those that end alike.
  const into = new Map<number, Map<string, number>>();
  for (const [at, edge] of edges.entries()) {
    const { last } = ends[at]!;
    if (last.length === 0) continue;
    const known = into.get(edge.to) ?? into.set(edge.to, new Map()).get(edge.to)!;
    const key = last.join('\n');
    if (!known.has(key)) known.set(key, at);
  }
  const seen = new Map<string, number>();
  for (const [at, edge] of edges.entries()) {
    if (edge.from === null) continue;
    const { first } = ends[at]!;
    for (const [key, before] of into.get(edge.from) ?? []) {
      const length = lengthOf(edges[before]!) + 1;
      const both = `${key}\n\n${first.join('\n')}`;
      if ((seen.get(both) ?? Number.POSITIVE_INFINITY) <= length) continue;
      seen.set(both, length);
      for (const pair of pairsBetween(ends[before]!.last, first, machine.isPair))
        offer(pair, length, [before, at]);
    }
  }
  return new Map(
    [...ways].map(([pair, { through }]) => {
      const [first, ...rest] = through as [number, ...number[]];
      return [pair, [...wayThrough(exploration, first), ...rest]];
    }),
  );
};
