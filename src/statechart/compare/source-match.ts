import { type ChartModel, type StateModel, statesBelow, type TransitionModel } from '../read/model.ts';
import type {
  ConfigPlace,
  Definition,
  InlineDefinition,
  MachineSources,
  NamedDefinition,
} from '../source/machine-sources.ts';

interface Side {
  readonly chart: ChartModel;
  readonly sources: MachineSources;
}

/** Which definitions of two machines belong together. */
export interface MatchedDefinitions {
  readonly pairs: readonly (readonly [Definition, Definition])[];
  readonly removed: readonly Definition[];
  readonly added: readonly Definition[];
}

/** Names match by themselves; what has no name by its place, where branches may have moved. */
export const matchDefinitions = (before: Side, after: Side): MatchedDefinitions => {
  const named = matchBy(
    before.sources.definitions.filter(isNamed),
    after.sources.definitions.filter(isNamed),
    nameKeys,
  );
  const places = {
    before: before.sources.definitions
      .filter(isInline)
      .filter(({ place }) => placeInBoth(place, before.chart, after.chart)),
    after: after.sources.definitions
      .filter(isInline)
      .filter(({ place }) => placeInBoth(place, after.chart, before.chart)),
  };
  const moved = (definition: InlineDefinition) => movedPlace(definition.place, before.chart, after.chart);
  const inline = matchInline(places.before, places.after, moved);
  return {
    pairs: [...named.pairs, ...inline.pairs],
    removed: [...named.removed, ...inline.removed],
    added: [...named.added, ...inline.added],
  };
};

const isNamed = (definition: Definition): definition is NamedDefinition => definition.kind !== 'inline';
const isInline = (definition: Definition): definition is InlineDefinition => definition.kind === 'inline';

/** What is computed is matched in order. */
const nameKeys = (definitions: readonly NamedDefinition[]): readonly string[] => {
  const counts = new Map<string, number>();
  return definitions.map(({ kind, name }) => {
    if (name !== null) return `${kind} ${name}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return `${kind}/${counts.get(kind)}`;
  });
};

const matchBy = <Each extends Definition>(
  before: readonly Each[],
  after: readonly Each[],
  keysOf: (definitions: readonly Each[]) => readonly string[],
): MatchedDefinitions => {
  const [old, now] = [keysOf(before), keysOf(after)];
  return {
    pairs: before.flatMap((each, at): readonly (readonly [Each, Each])[] => {
      const other = after[now.indexOf(old[at]!)];
      return other === undefined ? [] : [[each, other]];
    }),
    removed: before.filter((_, at) => !now.includes(old[at]!)),
    added: after.filter((_, at) => !old.includes(now[at]!)),
  };
};

/** By place; what is left over in one branch, by what it is and in order: an action may have moved up. */
const matchInline = (
  before: readonly InlineDefinition[],
  after: readonly InlineDefinition[],
  moved: (definition: InlineDefinition) => ConfigPlace,
): MatchedDefinitions => {
  const free = [...after];
  const left = [...before];
  const pairs: (readonly [Definition, Definition])[] = [];
  const match = (key: (place: ConfigPlace) => string) => {
    for (const old of [...left]) {
      const wanted = key(moved(old));
      const now = free.find(({ place }) => key(place) === wanted);
      if (now === undefined) continue;
      pairs.push([old, now]);
      left.splice(left.indexOf(old), 1);
      free.splice(free.indexOf(now), 1);
    }
  };
  match(({ state, trigger, branch, part }) => JSON.stringify([state, trigger, branch, part]));
  match(({ state, trigger, branch, part }) =>
    JSON.stringify([state, trigger, branch, part.replace(/\d+/g, '')]),
  );
  return { pairs, removed: left, added: free };
};

/** The state at these keys. */
export const stateAt = (chart: ChartModel, path: readonly string[]): StateModel | undefined =>
  statesBelow(chart.root).find(
    (state) => state.path.length === path.length && state.path.every((key, at) => key === path[at]),
  );

/** The branches of a trigger, as the model has them. */
export const branchesAt = (
  chart: ChartModel,
  { state: path, trigger }: ConfigPlace,
): readonly TransitionModel[] => {
  const state = stateAt(chart, path);
  if (state === undefined || trigger === null) return [];
  return state.transitions.filter((each) => {
    if (each.kind !== trigger.kind) return false;
    if (trigger.kind === 'done' || trigger.kind === 'always') return true;
    if (trigger.kind !== 'invoke') return each.trigger === trigger.key;
    const [outcome, at] = trigger.key.split('.');
    return each.trigger === `${outcome}.${state.invokes[Number(at)]?.id}`;
  });
};

/** Whether the other machine has the state, and the trigger if there is one: otherwise it is told that these are new or gone. */
const placeInBoth = (place: ConfigPlace, own: ChartModel, other: ChartModel): boolean => {
  if (stateAt(other, place.state) === undefined) return false;
  return place.trigger === null || branchesAt(own, place).length === 0 || branchesAt(other, place).length > 0;
};

/** Where a branch stands afterwards: the next one that looks alike, otherwise one that is left, in order. */
const movedPlace = (place: ConfigPlace, before: ChartModel, after: ChartModel): ConfigPlace => {
  const [old, now] = [branchesAt(before, place), branchesAt(after, place)];
  const own = old[place.branch];
  if (own === undefined) return place;
  const taken = new Map<TransitionModel, TransitionModel>();
  const match = (isLike: (a: TransitionModel, b: TransitionModel) => boolean) => {
    for (const each of old) {
      if (taken.has(each)) continue;
      const other = now.find((one) => ![...taken.values()].includes(one) && isLike(each, one));
      if (other !== undefined) taken.set(each, other);
    }
  };
  match((a, b) => lookOf(a) === lookOf(b));
  match(() => true);
  const found = taken.get(own);
  return found === undefined ? { ...place, branch: -1 } : { ...place, branch: found.branch };
};

const lookOf = ({ guard, actions, targets }: TransitionModel): string =>
  JSON.stringify([guard, actions.map(({ name }) => name), targets]);
