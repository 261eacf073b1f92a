import {
  type Bound,
  type ChartModel,
  type StateModel,
  statesBelow,
  type TransitionModel,
} from '../read/model.ts';
import { meaningOf } from '../read/written.ts';
import type { MachineSources } from '../source/machine-sources.ts';
import {
  actionsText,
  boundText,
  guardText,
  invokeText,
  listText,
  type Say,
  shownText,
  writtenText,
} from './part-text.ts';
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

/** The name of an event, a guard, an action, a delay or an actor: it appeared or disappeared, or something else is bound to it. */
export interface NameChange {
  readonly change: Change;
  readonly what: 'event' | 'guard' | 'action' | 'delay' | 'actor';
  /** What is bound, where it differs and no sources tell. */
  readonly fields: readonly FieldChange[];
  readonly name: string;
}

export interface ChartDiff {
  readonly before: ChartModel;
  readonly after: ChartModel;
  /** Of the chart as a whole: its context and its version. */
  readonly fields: readonly FieldChange[];
  readonly states: readonly StateChange[];
  readonly transitions: readonly TransitionChange[];
  readonly names: readonly NameChange[];
  /** Of the rules behind the names, of all that these call and read, and of functions in the config. */
  readonly sources: readonly SourceChange[];
  /** Of the machines that it invokes or spawns, those that differ. */
  readonly children: readonly ChildChange[];
}

/** A machine that both charts have, by the name of the actor, or by the id under which it is invoked. */
export interface ChildChange {
  readonly name: string;
  readonly diff: ChartDiff;
}

export const isEmptyDiff = ({ fields, states, transitions, names, children, sources }: ChartDiff): boolean =>
  [fields, states, transitions, names, children, sources].every(({ length }) => length === 0);

/** Compares two charts, and what stands behind them where `sources` says it (`resolveSources`); otherwise functions by their text. */
export const diffCharts = (
  before: ChartModel,
  after: ChartModel,
  sources: { readonly before: MachineSources; readonly after: MachineSources } | null = null,
): ChartDiff => {
  const mean = sources === null ? meaningOf : meaningOfData;
  const form = diffForm(before, after, mean);
  return sources === null
    ? form
    : {
        ...form,
        sources: diffSources(
          { chart: before, sources: sources.before },
          { chart: after, sources: sources.after },
        ),
      };
};

/** Where sources tell of the functions, one is like another. */
const meaningOfData: Say = (written) => (written.kind === 'function' ? 'a function' : meaningOf(written));

const diffForm = (before: ChartModel, after: ChartModel, mean: Say): ChartDiff => {
  const [old, now] = [statesByPlace(before), statesByPlace(after)];
  const fieldsOf = fieldsIn(placesIn(before), placesIn(after), mean);
  const places = [...new Set([...old.keys(), ...now.keys()])];
  return {
    before,
    after,
    fields: compare(before, after, [chartFields, chartFields], mean),
    states: places.flatMap((place) => diffState(old.get(place), now.get(place), fieldsOf)),
    transitions: places.flatMap((place) =>
      diffTransitions(old.get(place)?.transitions ?? [], now.get(place)?.transitions ?? [], fieldsOf),
    ),
    names: (['event', 'guard', 'action', 'delay', 'actor'] as const).flatMap((what) =>
      diffNames(what, before, after, mean),
    ),
    children: diffChildren(childrenOf(before), childrenOf(after), mean),
    sources: [],
  };
};

const chartFields = ({ context, version }: ChartModel, say: Say): Fields => ({
  context: writtenText(context, say),
  version,
});

/** The machines that a chart has as actors, each by the name of the actor or the id under which it is invoked. */
const childrenOf = (chart: ChartModel): ReadonlyMap<string, ChartModel> => {
  const invoked = statesBelow(chart.root).flatMap(({ invokes }) =>
    invokes.map(({ id, own }) => [id, own] as const),
  );
  const actors = [...Object.entries(chart.bound.actors), ...invoked];
  return new Map(
    actors.flatMap(([name, actor]) =>
      actor?.kind === 'machine' && actor.chart !== null ? [[name, actor.chart] as const] : [],
    ),
  );
};

const diffChildren = (
  before: ReadonlyMap<string, ChartModel>,
  after: ReadonlyMap<string, ChartModel>,
  mean: Say,
): readonly ChildChange[] =>
  [...after].flatMap(([name, now]) => {
    const old = before.get(name);
    if (old === undefined) return [];
    const diff = diffForm(old, now, mean);
    return isEmptyDiff(diff) ? [] : [{ name, diff }];
  });

const statesByPlace = (chart: ChartModel): ReadonlyMap<string, StateModel> =>
  new Map(statesBelow(chart.root).map((state) => [placeOf(state), state]));

/** Root and all below are compared by path, so that a chart and its states may get other ids. */
const placeOf = (state: StateModel): string => state.path.join('.');

/** Where a state is, by its id. */
type Places = ReadonlyMap<string, string>;

const placesIn = (chart: ChartModel): Places =>
  new Map(statesBelow(chart.root).map((state) => [state.id, placeOf(state)]));

/** How the parts of two charts are compared: by fields that are said in this way. */
interface FieldsOf {
  readonly states: BothFields<StateModel>;
  readonly transitions: BothFields<TransitionModel>;
  readonly mean: Say;
}

type FieldsOfPart<Part> = (part: Part, say: Say) => Fields;
type BothFields<Part> = readonly [before: FieldsOfPart<Part>, after: FieldsOfPart<Part>];

const fieldsIn = (old: Places, now: Places, mean: Say): FieldsOf => ({
  mean,
  states: [(state, say) => stateFields(state, say, old), (state, say) => stateFields(state, say, now)],
  transitions: [
    (transition, say) => transitionFields(transition, say, old),
    (transition, say) => transitionFields(transition, say, now),
  ],
});

const placesText = (ids: readonly string[], places: Places): string | null =>
  listText(ids.map((id) => places.get(id)!));

const diffState = (
  before: StateModel | undefined,
  after: StateModel | undefined,
  { states, mean }: FieldsOf,
): readonly StateChange[] => {
  if (before === undefined) return [{ change: 'added', id: after!.id, fields: [] }];
  if (after === undefined) return [{ change: 'removed', id: before.id, fields: [] }];
  const fields = compare(before, after, states, mean);
  return fields.length === 0 ? [] : [{ change: 'changed', id: after.id, fields }];
};

const stateFields = (state: StateModel, say: Say, places: Places): Fields => ({
  type: state.history ?? state.type,
  initial: state.type === 'parallel' ? null : placesText(state.initial, places),
  // The order of regions is the order of their actions.
  regions: state.type === 'parallel' ? listText(state.states.map(({ key }) => key)) : null,
  'initial actions': actionsText(state.initialActions, say),
  entry: actionsText(state.entry, say),
  exit: actionsText(state.exit, say),
  invoke: listText(state.invokes.map((invoke) => invokeText(invoke, say))),
  output: writtenText(state.output, say),
  tags: listText(state.tags.toSorted()),
  meta: writtenText(state.meta, say),
  description: state.description,
  rule: state.rule,
});

/** Branches of one trigger are matched by similarity: identical ones, then the same guard, then the same actions, then by order. */
const diffTransitions = (
  before: readonly TransitionModel[],
  after: readonly TransitionModel[],
  fieldsOf: FieldsOf,
): readonly TransitionChange[] => {
  const triggers = new Set([...before, ...after].map(({ kind, trigger }) => `${kind} ${trigger}`));
  return [...triggers].flatMap((trigger) => {
    const isOf = (each: TransitionModel) => `${each.kind} ${each.trigger}` === trigger;
    return diffBranches(before.filter(isOf), after.filter(isOf), fieldsOf);
  });
};

const diffBranches = (
  before: readonly TransitionModel[],
  after: readonly TransitionModel[],
  { transitions, mean }: FieldsOf,
): readonly TransitionChange[] => {
  const pairs = new Map<TransitionModel, TransitionModel>();
  const free = { before: [...before], after: [...after] };
  const [fieldsBefore, fieldsAfter] = transitions;
  const match = (isLike: (a: Fields, b: Fields) => boolean, say = meaningOf) => {
    for (const old of [...free.before]) {
      const now = free.after.find((each) => isLike(fieldsBefore(old, say), fieldsAfter(each, say)));
      if (now === undefined) continue;
      pairs.set(now, old);
      free.before.splice(free.before.indexOf(old), 1);
      free.after.splice(free.after.indexOf(now), 1);
    }
  };
  const isSame = (a: Fields, b: Fields) => Object.keys(b).every((field) => a[field] === b[field]);
  match(isSame);
  match(isSame, mean);
  match((a, b) => a.guard === b.guard);
  match((a, b) => (a.actions ?? a.target) !== null && a.actions === b.actions && a.target === b.target);
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
      ...compare(old, now, transitions, mean),
      ...(isMoved
        ? [{ field: 'order', before: `branch ${old.branch + 1}`, after: `branch ${now.branch + 1}` }]
        : []),
    ];
    return fields.length === 0 ? [] : [{ change: 'changed', before: old, after: now, fields }];
  });
  return [...gone, ...rest];
};

const transitionFields = (transition: TransitionModel, say: Say, places: Places): Fields => ({
  guard: transition.asks === null ? transition.guard : guardText(transition.asks, say),
  actions: actionsText(transition.actions, say),
  target: placesText(transition.targets, places),
  reenter: transition.reenter ? 'yes' : null,
  meta: writtenText(transition.meta, say),
  description: transition.description,
  rule: transition.rule,
});

const diffNames = (
  what: NameChange['what'],
  before: ChartModel,
  after: ChartModel,
  mean: Say,
): readonly NameChange[] => {
  const [old, now] = [namesOf(before, what), namesOf(after, what)];
  // An action may use what is bound to a name that the chart's form does not have.
  const both = what === 'event' ? [] : boundInBoth(before, after, `${what}s`);
  return [...new Set([...old, ...now, ...both])].flatMap((name): readonly NameChange[] => {
    if (!now.has(name) && old.has(name)) return [{ change: 'removed', what, name, fields: [] }];
    if (!old.has(name) && now.has(name)) return [{ change: 'added', what, name, fields: [] }];
    const fields = what === 'event' ? [] : compareBound(before, after, `${what}s`, name, mean);
    return fields.length === 0 ? [] : [{ change: 'changed', what, name, fields }];
  });
};

const boundInBoth = (before: ChartModel, after: ChartModel, what: keyof Bound): readonly string[] =>
  Object.keys(before.bound[what]).filter((name) => Object.hasOwn(after.bound[what], name));

const namesOf = (chart: ChartModel, what: NameChange['what']): ReadonlySet<string> => {
  switch (what) {
    case 'event':
      return new Set(chart.events);
    case 'actor':
      return new Set(
        statesBelow(chart.root).flatMap(({ invokes }) =>
          invokes.flatMap(({ source, own }) => (own === null ? [source] : [])),
        ),
      );
    default:
      return new Set(chart[`${what}s`]);
  }
};

/** Nothing is known of what a chart does that was read from JSON, where nothing is bound to any name. */
const compareBound = (
  before: ChartModel,
  after: ChartModel,
  what: keyof Bound,
  name: string,
  mean: Say,
): readonly FieldChange[] => {
  const isKnown = [before, after].every(({ bound }) =>
    Object.values(bound).some((each) => Object.keys(each).length > 0),
  );
  const fields: FieldsOfPart<ChartModel> = (chart, say) => ({ source: boundText(chart, what, name, say) });
  return isKnown ? compare(before, after, [fields, fields], mean) : [];
};

type Fields = Readonly<Record<string, string | null>>;

/** The fields that differ in what they mean, as they are shown. */
const compare = <Part>(
  before: Part,
  after: Part,
  [fieldsBefore, fieldsAfter]: BothFields<Part>,
  mean: Say,
): readonly FieldChange[] => {
  const [old, now] = [fieldsBefore(before, mean), fieldsAfter(after, mean)];
  const [was, is] = [fieldsBefore(before, shownText), fieldsAfter(after, shownText)];
  return Object.keys(now)
    .filter((field) => old[field] !== now[field])
    .map((field) => ({ field, before: was[field] ?? null, after: is[field] ?? null }));
};
