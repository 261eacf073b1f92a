import { type ChartModel, type StateModel, stateOf, type TransitionModel } from '../read/model.ts';
import { StateNames, type View } from '../read/state-name.ts';

/** A set of states of a chart that are active together. */
export interface Configuration {
  /** As `StateNames` calls the state value: `lit.dim`. No two share one. */
  readonly name: string;
  readonly views: readonly View<StateModel>[];
  /** The states without children, in document order. */
  readonly leaves: readonly StateModel[];
  /** Ids of the leaves and of all states around them. */
  readonly active: ReadonlySet<string>;
}

/** All configurations that a chart can be in, except final ones. In document order. */
export const configurationsOf = (chart: ChartModel): readonly Configuration[] => {
  const names = new StateNames(chart.root);
  return choicesOf(chart.root)
    .filter(({ leaves }) => leaves.every(({ type, parent }) => type !== 'final' || parent !== chart.root.id))
    .map(({ value, leaves }) => ({
      name: names.of(value ?? {}),
      views: names.viewsOf(value ?? {}),
      leaves,
      active: new Set(leaves.flatMap(({ id }) => idsUp(chart, id))),
    }));
};

/** The state and those around it, the root last. */
export const statesUp = (chart: ChartModel, state: StateModel): readonly StateModel[] => [
  state,
  ...(state.parent === null ? [] : statesUp(chart, stateOf(chart, state.parent))),
];

/** Whether a transition belongs to one of these regions. */
export const belongsTo = (
  chart: ChartModel,
  regions: readonly StateModel[],
  { source }: TransitionModel,
): boolean => {
  if (regions.length === 0) return false;
  const around = idsUp(chart, source);
  return regions.some(({ id }) => around.includes(id));
};

/** Whether two views look at the same regions, as far as the states of both have them. */
export const isSameView = (one: View<StateModel>, other: View<StateModel>): boolean =>
  !one.untold.some((region) => other.told.includes(region));

/** Where a transition leads from `from`; several where a history state decides. Its target states and their initial ones become active. */
export const configurationsAfter = (
  chart: ChartModel,
  configurations: readonly Configuration[],
  from: Configuration,
  transition: TransitionModel,
): readonly Configuration[] => {
  const { targets } = transition;
  if (targets.length === 0) return [from];
  const entered = targets.map((target) => enteredBy(chart, stateOf(chart, target)));
  const named = entered.flatMap(({ ids }) => ids);
  const domain = domainOf(chart, transition);
  const inside = (id: string) => id !== domain && idsUp(chart, id).includes(domain);
  const possible = configurations.filter(
    ({ active }) =>
      named.every((id) => active.has(id)) &&
      // Outside the transition's domain nothing changes.
      [...from.active].every((id) => inside(id) || active.has(id)) &&
      [...active].every((id) => inside(id) || from.active.has(id)),
  );
  // Regions of a parallel state that no target names start from their beginning.
  return possible.filter(({ active }) =>
    [...active].every(
      (id) =>
        !inside(id) ||
        named.includes(id) ||
        isDefault(
          chart,
          id,
          entered.some((each) => each.isHistory),
        ),
    ),
  );
};

/** Whether two transitions of one event conflict: some part of the chart would be moved by both. */
export const areRivals = (chart: ChartModel, one: TransitionModel, other: TransitionModel): boolean => {
  if (one.targets.length === 0 || other.targets.length === 0) return false;
  const [a, b] = [domainOf(chart, one), domainOf(chart, other)];
  return idsUp(chart, a).includes(b) || idsUp(chart, b).includes(a);
};

interface Choice {
  readonly value: unknown;
  readonly leaves: readonly StateModel[];
}

/** What a state can hold: state values below it, as XState writes them, with their leaves; null below a leaf. */
const choicesOf = (state: StateModel): readonly Choice[] => {
  const children = state.states.filter(({ type }) => type !== 'history');
  if (children.length === 0) return [{ value: null, leaves: [state] }];
  if (state.type === 'parallel') {
    return children.reduce<readonly Choice[]>(
      (found, region) =>
        found.flatMap((before) =>
          choicesOf(region).map(({ value, leaves }) => ({
            value: { ...(before.value as object), [region.key]: value ?? {} },
            leaves: [...before.leaves, ...leaves],
          })),
        ),
      [{ value: {}, leaves: [] }],
    );
  }
  return children.flatMap((child) =>
    choicesOf(child).map(({ value, leaves }) => ({
      value: value === null ? child.key : { [child.key]: value },
      leaves,
    })),
  );
};

const idsUp = (chart: ChartModel, id: string): readonly string[] =>
  statesUp(chart, stateOf(chart, id)).map((state) => state.id);

/** The states around a target, itself and, one below the other, what it starts with. */
const enteredBy = (
  chart: ChartModel,
  target: StateModel,
): { readonly ids: readonly string[]; readonly isHistory: boolean } => {
  if (target.type === 'history') return { ids: idsUp(chart, target.parent!), isHistory: true };
  let isHistory = false;
  const below = (state: StateModel): readonly string[] => {
    // A state may start in what it remembers of itself.
    if (state.type === 'history') {
      isHistory = true;
      return [];
    }
    return [state.id, ...state.initial.flatMap((id) => below(stateOf(chart, id)))];
  };
  return { ids: [...idsUp(chart, target.id), ...below(target)], isHistory };
};

/** The state inside which a transition moves: what is outside it stays as it is. As XState finds it. */
const domainOf = (chart: ChartModel, { source, targets, reenter }: TransitionModel): string => {
  if (!reenter && targets.every((target) => idsUp(chart, target).includes(source))) return source;
  const [first = '', ...others] = targets;
  const ends = [source, ...others];
  const around = idsUp(chart, first).slice(1);
  return around.find((id) => ends.every((end) => idsUp(chart, end).slice(1).includes(id))) ?? chart.root.id;
};

/** Whether a state is active without being named: as the initial one, as a region, or because a history says so. */
const isDefault = (chart: ChartModel, id: string, isHistory: boolean): boolean => {
  const parent = stateOf(chart, id).parent;
  if (isHistory || parent === null) return true;
  return stateOf(chart, parent).initial.includes(id);
};
