import {
  type ActionModel,
  type ChartModel,
  type StateModel,
  statesBelow,
  type TransitionModel,
} from '../read/model.ts';
import type { MachineSources } from '../source/machine-sources.ts';
import { diffSources, type SourceChange } from './source-diff.ts';

/** What became of a part of a chart. */
export type Change = 'added' | 'removed' | 'changed';

/** One property that differs; null where it is absent. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface TransitionChange {
  readonly change: Change;
  /** For a removed or changed one, as it was. */
  readonly before: TransitionModel | null;
  readonly after: TransitionModel | null;
  readonly fields: readonly FieldChange[];
}

export interface StateChange {
  readonly change: Change;
  readonly id: string;
  readonly fields: readonly FieldChange[];
}

/** The name of an event, a guard, an action or a delay that appeared or disappeared. */
export interface NameChange {
  readonly change: 'added' | 'removed';
  readonly what: 'event' | 'guard' | 'action' | 'delay';
  readonly name: string;
}

export interface ChartDiff {
  readonly before: ChartModel;
  readonly after: ChartModel;
  readonly states: readonly StateChange[];
  readonly transitions: readonly TransitionChange[];
  readonly names: readonly NameChange[];
  /** Of the rules behind the names, of all that these call and read, and of functions in the config. */
  readonly sources: readonly SourceChange[];
}

export const isEmptyDiff = ({ states, transitions, names, sources }: ChartDiff): boolean =>
  states.length + transitions.length + names.length + sources.length === 0;

/** Compares two charts, and what stands behind them where `sources` says it (`resolveSources`). */
export const diffCharts = (
  before: ChartModel,
  after: ChartModel,
  sources: { readonly before: MachineSources; readonly after: MachineSources } | null = null,
): ChartDiff => {
  const old = new Map(statesBelow(before.root).map((state) => [placeOf(state), state]));
  const now = new Map(statesBelow(after.root).map((state) => [placeOf(state), state]));
  const places = [...new Set([...old.keys(), ...now.keys()])];
  const names = (['event', 'guard', 'action', 'delay'] as const).flatMap((what) =>
    diffNames(what, before[`${what}s`], after[`${what}s`]),
  );
  return {
    before,
    after,
    states: places.flatMap((place) => diffState(old.get(place), now.get(place))),
    transitions: places.flatMap((place) =>
      diffTransitions(old.get(place)?.transitions ?? [], now.get(place)?.transitions ?? []),
    ),
    names,
    sources:
      sources === null
        ? []
        : diffSources({ chart: before, sources: sources.before }, { chart: after, sources: sources.after }),
  };
};

/** Root and all below are compared by path, so that a chart may get another id. */
const placeOf = (state: StateModel): string => state.path.join('.');

const diffState = (before: StateModel | undefined, after: StateModel | undefined): readonly StateChange[] => {
  if (before === undefined) return [{ change: 'added', id: after!.id, fields: [] }];
  if (after === undefined) return [{ change: 'removed', id: before.id, fields: [] }];
  const fields = compare(stateFields(before), stateFields(after));
  return fields.length === 0 ? [] : [{ change: 'changed', id: after.id, fields }];
};

const stateFields = (state: StateModel): Fields => ({
  type: state.history ?? state.type,
  initial: state.type === 'parallel' ? null : listText(state.initial),
  entry: actionsText(state.entry),
  exit: actionsText(state.exit),
  invoke: listText(state.invokes.map(({ source }) => source)),
  tags: listText(state.tags),
  description: state.description,
  rule: state.rule,
});

/** Branches of one trigger are matched by similarity: identical ones, then the same guard, then the same actions, then by order. */
const diffTransitions = (
  before: readonly TransitionModel[],
  after: readonly TransitionModel[],
): readonly TransitionChange[] => {
  const triggers = new Set([...before, ...after].map(({ kind, trigger }) => `${kind} ${trigger}`));
  return [...triggers].flatMap((trigger) => {
    const isOf = (each: TransitionModel) => `${each.kind} ${each.trigger}` === trigger;
    return diffBranches(before.filter(isOf), after.filter(isOf));
  });
};

const diffBranches = (
  before: readonly TransitionModel[],
  after: readonly TransitionModel[],
): readonly TransitionChange[] => {
  const pairs = new Map<TransitionModel, TransitionModel>();
  const free = { before: [...before], after: [...after] };
  const match = (isLike: (a: TransitionModel, b: TransitionModel) => boolean) => {
    for (const old of [...free.before]) {
      const now = free.after.find((each) => isLike(old, each));
      if (now === undefined) continue;
      pairs.set(now, old);
      free.before.splice(free.before.indexOf(old), 1);
      free.after.splice(free.after.indexOf(now), 1);
    }
  };
  match((a, b) => compare(transitionFields(a), transitionFields(b)).length === 0);
  match((a, b) => a.guard === b.guard);
  match((a, b) => a.actions.length + a.targets.length > 0 && doing(a) === doing(b));
  const gone = free.before.map(
    (old): TransitionChange => ({ change: 'removed', before: old, after: null, fields: [] }),
  );
  const kept = [...pairs.values()].toSorted((a, b) => a.branch - b.branch);
  let seen = 0;
  const rest = after.flatMap((now): readonly TransitionChange[] => {
    const old = pairs.get(now);
    if (old === undefined) return [{ change: 'added', before: null, after: now, fields: [] }];
    const order = kept.indexOf(old);
    const isMoved = order !== seen++;
    const fields = [
      ...compare(transitionFields(old), transitionFields(now)),
      ...(isMoved
        ? [{ field: 'order', before: `branch ${old.branch + 1}`, after: `branch ${now.branch + 1}` }]
        : []),
    ];
    return fields.length === 0 ? [] : [{ change: 'changed', before: old, after: now, fields }];
  });
  return [...gone, ...rest];
};

const doing = ({ actions, targets }: TransitionModel): string =>
  `${actionsText(actions)} → ${targets.join()}`;

const transitionFields = (transition: TransitionModel): Fields => ({
  guard: transition.guard,
  actions: actionsText(transition.actions),
  target: listText(transition.targets),
  reenter: transition.reenter ? 'yes' : null,
  description: transition.description,
  rule: transition.rule,
});

const diffNames = (
  what: NameChange['what'],
  before: readonly string[],
  after: readonly string[],
): readonly NameChange[] =>
  [...new Set([...before, ...after])].flatMap((name): readonly NameChange[] => {
    if (!after.includes(name)) return [{ change: 'removed', what, name }];
    return before.includes(name) ? [] : [{ change: 'added', what, name }];
  });

type Fields = Readonly<Record<string, string | null>>;

const compare = (before: Fields, after: Fields): readonly FieldChange[] =>
  Object.keys(after)
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }));

const listText = (names: readonly string[]): string | null => (names.length === 0 ? null : names.join(', '));

const actionsText = (actions: readonly ActionModel[]): string | null =>
  listText(actions.map(({ name, params }) => (params === null ? name : `${name}(${params})`)));
