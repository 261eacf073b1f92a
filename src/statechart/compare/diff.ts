import {
  type Bound,
  type ChartModel,
  type StateModel,
  statesBelow,
  type TransitionModel,
} from '../read/model.ts';
import { meaningOf } from '../read/written.ts';
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

/** A guard, an action, a delay or an actor: its name appeared or disappeared, or the rule behind the name changed. */
export interface NameChange {
  readonly change: Change;
  readonly what: 'event' | 'guard' | 'action' | 'delay' | 'actor';
  readonly name: string;
  /** The rule's source, where it is known and differs. */
  readonly fields: readonly FieldChange[];
}

export interface ChartDiff {
  readonly before: ChartModel;
  readonly after: ChartModel;
  /** Of the chart as a whole: its context and its version. */
  readonly fields: readonly FieldChange[];
  readonly states: readonly StateChange[];
  readonly transitions: readonly TransitionChange[];
  readonly names: readonly NameChange[];
  /** Of the machines that it invokes or spawns, those that differ. */
  readonly children: readonly ChildChange[];
}

/** A machine that both charts have, by the name of the actor, or by the id under which it is invoked. */
export interface ChildChange {
  readonly name: string;
  readonly diff: ChartDiff;
}

/** The source of the rule behind a name; null if unknown. */
export type RuleSource = (name: string) => string | null;

export const isEmptyDiff = ({ fields, states, transitions, names, children }: ChartDiff): boolean =>
  fields.length + states.length + transitions.length + names.length + children.length === 0;

/** Compares two charts, and the rules behind their names where their sources are given. */
export const diffCharts = (
  before: ChartModel,
  after: ChartModel,
  sources: { readonly before: RuleSource; readonly after: RuleSource } = {
    before: () => null,
    after: () => null,
  },
): ChartDiff => {
  const [old, now] = [statesByPlace(before), statesByPlace(after)];
  const fieldsOf = fieldsIn(placesIn(before), placesIn(after));
  const places = [...new Set([...old.keys(), ...now.keys()])];
  const names = (['event', 'guard', 'action', 'delay', 'actor'] as const).flatMap((what) =>
    diffNames(what, before, after, sources),
  );
  return {
    before,
    after,
    fields: compare(before, after, chartFields),
    states: places.flatMap((place) => diffState(old.get(place), now.get(place), fieldsOf)),
    transitions: places.flatMap((place) =>
      diffTransitions(old.get(place)?.transitions ?? [], now.get(place)?.transitions ?? [], fieldsOf),
    ),
    names,
    children: diffChildren(childrenOf(before), childrenOf(after)),
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
): readonly ChildChange[] =>
  [...after].flatMap(([name, now]) => {
    const old = before.get(name);
    if (old === undefined) return [];
    const diff = diffCharts(old, now);
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

/** The fields of what is of the older chart or of the newer one. */
interface FieldsOf {
  readonly states: readonly [before: FieldsOfPart<StateModel>, after: FieldsOfPart<StateModel>];
  readonly transitions: readonly [
    before: FieldsOfPart<TransitionModel>,
    after: FieldsOfPart<TransitionModel>,
  ];
}

type FieldsOfPart<Part> = (part: Part, say: Say) => Fields;

const fieldsIn = (old: Places, now: Places): FieldsOf => ({
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
  { states }: FieldsOf,
): readonly StateChange[] => {
  if (before === undefined) return [{ change: 'added', id: after!.id, fields: [] }];
  if (after === undefined) return [{ change: 'removed', id: before.id, fields: [] }];
  const fields = compare(before, after, ...states);
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
  { transitions: [fieldsBefore, fieldsAfter] }: FieldsOf,
): readonly TransitionChange[] => {
  const pairs = new Map<TransitionModel, TransitionModel>();
  const free = { before: [...before], after: [...after] };
  const match = (isLike: (a: Fields, b: Fields) => boolean) => {
    for (const old of [...free.before]) {
      const now = free.after.find((each) =>
        isLike(fieldsBefore(old, meaningOf), fieldsAfter(each, meaningOf)),
      );
      if (now === undefined) continue;
      pairs.set(now, old);
      free.before.splice(free.before.indexOf(old), 1);
      free.after.splice(free.after.indexOf(now), 1);
    }
  };
  match((a, b) => Object.keys(b).every((field) => a[field] === b[field]));
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
      ...compare(old, now, fieldsBefore, fieldsAfter),
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
  sources: { readonly before: RuleSource; readonly after: RuleSource },
): readonly NameChange[] => {
  const [old, now] = [namesOf(before, what), namesOf(after, what)];
  // An action may use what is bound to a name that the chart's form does not have.
  const bound = what === 'event' ? [] : Object.keys(before.bound[`${what}s`]);
  const both = bound.filter((name) =>
    Object.hasOwn(after.bound[`${what as Exclude<typeof what, 'event'>}s`], name),
  );
  return [...new Set([...old, ...now, ...both])].flatMap((name): readonly NameChange[] => {
    if (!now.has(name) && old.has(name)) return [{ change: 'removed', what, name, fields: [] }];
    if (!old.has(name) && now.has(name)) return [{ change: 'added', what, name, fields: [] }];
    if (what === 'event') return [];
    const [was, is] = [sources.before(name), sources.after(name)];
    const isKnown = was !== null && is !== null;
    if (isKnown && was !== is)
      return [{ change: 'changed', what, name, fields: [{ field: 'source', before: was, after: is }] }];
    const fields = isKnown ? [] : compareBound(before, after, `${what}s`, name);
    return fields.length === 0 ? [] : [{ change: 'changed', what, name, fields }];
  });
};

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
): readonly FieldChange[] =>
  [before, after].every(({ bound }) => Object.values(bound).some((each) => Object.keys(each).length > 0))
    ? compare(before, after, (chart, say) => ({ source: boundText(chart, what, name, say) }))
    : [];

type Fields = Readonly<Record<string, string | null>>;

/** The fields that differ in what they mean, as they are shown. */
const compare = <Part>(
  before: Part,
  after: Part,
  fieldsBefore: FieldsOfPart<Part>,
  fieldsAfter = fieldsBefore,
): readonly FieldChange[] => {
  const [old, now] = [fieldsBefore(before, meaningOf), fieldsAfter(after, meaningOf)];
  const [was, is] = [fieldsBefore(before, shownText), fieldsAfter(after, shownText)];
  return Object.keys(now)
    .filter((field) => old[field] !== now[field])
    .map((field) => ({ field, before: was[field] ?? null, after: is[field] ?? null }));
};
