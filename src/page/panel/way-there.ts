import {
  type ChartModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../../statechart/read/model.ts';

/**
 * The fewest transitions whose arrows lead from the start of a chart to one whose source is `transition`'s, then itself; empty if none do.
 * Guards and parallel regions are not computed, so it shows how states are connected, not that a run can go there.
 */
export const wayThere = (chart: ChartModel, transition: TransitionModel): readonly TransitionModel[] => {
  const states = statesBelow(chart.root);
  const around = (id: string): readonly string[] => {
    const state = states.find((each) => each.id === id);
    return state === undefined ? [] : [id, ...(state.parent === null ? [] : around(state.parent))];
  };
  /** All that is entered with a state: those around it and those that start inside. */
  const entered = (id: string): readonly string[] => [
    ...around(id),
    ...(states.find((each) => each.id === id)?.initial ?? []).flatMap(entered),
  ];
  // Of ways of the same length, the one that something causes: what is always taken often needs a special case.
  const all = transitionsOf(chart).toSorted(
    (a, b) => Number(a.kind === 'always') - Number(b.kind === 'always'),
  );
  const queue: { readonly inside: ReadonlySet<string>; readonly way: readonly TransitionModel[] }[] = [
    { inside: new Set(entered(chart.root.id)), way: [] },
  ];
  const seen = new Set<string>();
  for (let at = 0; at < queue.length; at++) {
    const { inside, way } = queue[at]!;
    const key = [...inside].toSorted().join();
    if (seen.has(key)) continue;
    seen.add(key);
    if (inside.has(transition.source)) return [...way, transition];
    for (const step of all) {
      if (step.targets.length === 0 || !inside.has(step.source)) continue;
      queue.push({ inside: new Set(step.targets.flatMap(entered)), way: [...way, step] });
    }
  }
  return [];
};
