import { type ChartModel, type StateModel, statesBelow, type TransitionModel } from '../read/model.ts';
import type { Change, ChartDiff } from './diff.ts';

/** Two charts as one: the new one, and in it what is gone, so that one picture can show both. */
export interface UnionChart {
  readonly chart: ChartModel;
  /** What became of its states and transitions, by their ids in it; none of what is as it was. */
  readonly changes: ReadonlyMap<string, Change>;
}

/** Both charts of a comparison as one. States are the same if they have the same path, as in the comparison. */
export const unionChart = (diff: ChartDiff): UnionChart => {
  const { before, after } = diff;
  const kept = new Map(statesBelow(after.root).map(({ path, id }) => [placeOf(path), id]));
  const taken = new Set(kept.values());
  const ids = new Map(
    statesBelow(before.root).map(({ path, id }) => [
      id,
      kept.get(placeOf(path)) ?? (taken.has(id) ? goneId(id) : id),
    ]),
  );
  const changes = new Map<string, Change>();
  for (const { change, id } of diff.states) changes.set(change === 'removed' ? ids.get(id)! : id, change);
  const gone = new Set<TransitionModel>();
  for (const { change, before: old, after: now } of diff.transitions) {
    changes.set(now === null ? goneId(old!.id) : now.id, change);
    if (now === null) gone.add(old!);
  }
  const goneTransition = (old: TransitionModel): TransitionModel => ({
    ...old,
    id: goneId(old.id),
    source: ids.get(old.source)!,
    targets: old.targets.map((target) => ids.get(target)!),
  });
  const goneState = (old: StateModel): StateModel => ({
    ...old,
    id: ids.get(old.id)!,
    parent: old.parent === null ? null : ids.get(old.parent)!,
    initial: old.initial.map((id) => ids.get(id)!),
    transitions: old.transitions.map(goneTransition),
    states: old.states.map(goneState),
  });
  const both = (old: StateModel, now: StateModel): StateModel => {
    const states = [
      ...now.states.map((state) => {
        const same = old.states.find(({ key }) => key === state.key);
        return same === undefined ? state : both(same, state);
      }),
      ...old.states.filter(({ key }) => now.states.every((state) => state.key !== key)).map(goneState),
    ];
    return {
      ...now,
      type: now.states.length === 0 && states.length > 0 ? old.type : now.type,
      states,
      transitions: together(
        now.transitions,
        old.transitions.filter((each) => gone.has(each)).map(goneTransition),
      ),
    };
  };
  return { chart: { ...after, root: both(before.root, after.root) }, changes };
};

/** Of a part that is gone, where the new chart has the same id for another. */
const goneId = (id: string): string => `removed ${id}`;

const placeOf = (path: readonly string[]): string => JSON.stringify(path);

/** Branches that are gone stand behind those of the same trigger. */
const together = (
  now: readonly TransitionModel[],
  gone: readonly TransitionModel[],
): readonly TransitionModel[] => {
  if (gone.length === 0) return now;
  const byTrigger = Map.groupBy([...now, ...gone], ({ kind, trigger }) => `${kind} ${trigger}`);
  return [...byTrigger.values()].flatMap((branches) =>
    branches.map((each, branch) => ({ ...each, branch, branches: branches.length })),
  );
};
