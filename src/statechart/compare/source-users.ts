import { type ChartModel, statesBelow, type TransitionModel, transitionsOf } from '../read/model.ts';
import {
  closureOf,
  type Definition,
  type MachineSources,
  type NamedKind,
} from '../source/machine-sources.ts';
import { branchesAt, stateAt } from './source-match.ts';

/** A part of the chart that does what a definition says. */
export interface SourceUse {
  /** The id of the state. */
  readonly state: string;
  /** Null for a part of the state itself, such as its entry. */
  readonly transition: TransitionModel | null;
  /** What of it: `guard`, `action`, `delay`, `entry`, `exit`, `invoke`, or the place of a function, such as `action 0 params`. */
  readonly part: string;
}

/** A guard, an action, a delay, an actor or a function in the config that comes to a definition. */
export interface SourceUser {
  readonly what: NamedKind | 'inline';
  /** Empty for a function in the config. */
  readonly name: string;
  /** The names on the way from it to the definition, these two left out. */
  readonly via: readonly string[];
  readonly uses: readonly SourceUse[];
}

/** Tells who uses declarations of a machine, given their numbers. */
export const usersOf = ({
  chart,
  sources: { declarations, definitions },
}: {
  readonly chart: ChartModel;
  readonly sources: MachineSources;
}): ((numbers: readonly number[]) => readonly SourceUser[]) => {
  const closures = definitions.map(({ roots }) => closureOf(declarations, roots));
  const mentions = closures.map(
    (ways) => new Set([...ways.keys()].flatMap((at) => declarations[at]!.mentions)),
  );
  return (numbers) => {
    const found = new Map<Definition, readonly string[]>();
    for (const [at, definition] of definitions.entries()) {
      const ways = numbers.flatMap((number) => {
        const way = closures[at]!.get(number);
        return way === undefined ? [] : [way.slice(1, -1).map((each) => declarations[each]!.name)];
      });
      const [shortest] = ways.toSorted((a, b) => a.length - b.length);
      if (shortest !== undefined)
        found.set(
          definition,
          shortest.filter((name) => name !== '' && name !== nameOf(definition)),
        );
    }
    // Whoever calls one of them by name comes to it as well; a Map goes on with what is added meanwhile.
    for (const [user, via] of found) {
      const name = nameOf(user);
      for (const [at, definition] of definitions.entries()) {
        if (name !== '' && mentions[at]!.has(name) && !found.has(definition))
          found.set(definition, [name, ...via]);
      }
    }
    const known = new Set(definitions.map((each) => `${each.kind} ${nameOf(each)}`));
    return [...found].map(
      ([definition, via]): SourceUser => ({
        what: definition.kind,
        name: nameOf(definition),
        via,
        uses: usesOf(chart, definition, known),
      }),
    );
  };
};

const nameOf = (definition: Definition): string =>
  definition.kind === 'inline' ? '' : (definition.name ?? '');

/** `known`: the names with a definition of their own; what is computed stands behind all others. */
const usesOf = (
  chart: ChartModel,
  definition: Definition,
  known: ReadonlySet<string>,
): readonly SourceUse[] => {
  if (definition.kind === 'inline') {
    const { place } = definition;
    const state = stateAt(chart, place.state);
    if (state === undefined) return [];
    const transition = branchesAt(chart, place).find(({ branch }) => branch === place.branch) ?? null;
    return [{ state: state.id, transition, part: place.part }];
  }
  const { kind, name } = definition;
  const isMeant = (used: string) => (name === null ? !known.has(`${kind} ${used}`) : used === name);
  switch (kind) {
    case 'guard':
      return byTransition(chart, 'guard', ({ guard }) => guard?.split(/[(),\s]+/).some(isMeant) ?? false);
    case 'delay':
      return byTransition(chart, 'delay', (each) => each.kind === 'after' && isMeant(each.trigger));
    case 'action':
      return [
        ...statesBelow(chart.root).flatMap(({ id, entry, exit }) =>
          (
            [
              ['entry', entry],
              ['exit', exit],
            ] as const
          ).flatMap(([part, actions]): readonly SourceUse[] =>
            actions.some((each) => isMeant(each.name)) ? [{ state: id, transition: null, part }] : [],
          ),
        ),
        ...byTransition(chart, 'action', ({ actions }) => actions.some((each) => isMeant(each.name))),
      ];
    case 'actor':
      return statesBelow(chart.root).flatMap(({ id, invokes }) =>
        invokes
          .filter(({ source }) => isMeant(source))
          .map((): SourceUse => ({ state: id, transition: null, part: 'invoke' })),
      );
  }
};

const byTransition = (
  chart: ChartModel,
  part: string,
  isUser: (transition: TransitionModel) => boolean,
): readonly SourceUse[] =>
  transitionsOf(chart)
    .filter(isUser)
    .map((transition) => ({ state: transition.source, transition, part }));
