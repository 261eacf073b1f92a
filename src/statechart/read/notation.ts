import { type ChartModel, changesTopState, type StateModel, stateOf, type TransitionModel } from './model.ts';

/** What starts a transition, in words: `PRESS`, `after 1000 ms`, `always`. */
export const triggerText = (transition: TransitionModel): string => {
  switch (transition.kind) {
    case 'always':
      return 'always';
    case 'event':
      return transition.trigger;
    case 'after':
      return /^\d+$/.test(transition.trigger)
        ? `after ${transition.trigger} ms`
        : `after ${transition.trigger}`;
    case 'done':
      return `done ${transition.trigger.split('.').at(-1)}`;
    case 'invoke':
      // `done`, `error` or `snapshot`.
      return `${transition.trigger.split('.')[0]} ${transition.actor}`;
  }
};

/** `[guard]`; `otherwise` for the last of several branches; nothing for an only branch. */
export const guardText = (transition: TransitionModel): string => {
  if (transition.guard !== null) return `[${transition.guard}]`;
  return transition.branches > 1 ? 'otherwise' : '';
};

/** A state as it is called inside its chart: the path from the root, `lit.dim`; the root by its key. */
export const stateText = (chart: ChartModel, id: string): string => {
  const prefix = `${chart.root.id}.`;
  return id.startsWith(prefix) ? id.slice(prefix.length) : id;
};

/** A state as the one whose rules are looked at: `lit.dim`; the root of a chart with states holds in `any state of lamp`. */
export const holderText = (chart: ChartModel, id: string): string =>
  id === chart.root.id && chart.root.states.length > 0
    ? `any state of ${chart.root.key}`
    : stateText(chart, id);

/** Where a transition goes: `→ lit.dim`. Inside one top-level state the target's own key is enough. */
export const targetText = (chart: ChartModel, transition: TransitionModel): string => {
  if (transition.targets.length === 0) return '';
  const isNear = !changesTopState(chart, transition);
  const targets = transition.targets
    .map((target) => (isNear ? stateOf(chart, target).key : stateText(chart, target)))
    .join(', ');
  return `→ ${targets}${transition.reenter ? ' (re-enters)' : ''}`;
};

/** One line for texts: `PRESS [isDark] / switchOn → lit.dim`. */
export const transitionText = (chart: ChartModel, transition: TransitionModel): string => {
  const actions = transition.actions.map(({ name }) => name).join(', ');
  return [
    triggerText(transition),
    transition.guard === null ? '' : `[${transition.guard}]`,
    actions === '' ? '' : `/ ${actions}`,
    targetText(chart, transition),
  ]
    .filter((part) => part !== '')
    .join(' ');
};

/** `parallel`, `final` and the like; nothing for the common kinds. */
export const typeText = (state: StateModel): string => {
  if (state.type === 'history') return `${state.history} history`;
  return state.type === 'parallel' || state.type === 'final' ? state.type : '';
};

/** Where a history state leads while there is nothing to remember: `at first → lit.dim`; nothing if the chart leaves it to the parent. */
export const historyText = (chart: ChartModel, state: StateModel): string =>
  state.type === 'history' && state.initial.length > 0
    ? `at first → ${state.initial.map((id) => stateText(chart, id)).join(', ')}`
    : '';

/** What a state does by itself, a line each: `entry / heat`, `invoke load as loading`. */
export const ownLines = (chart: ChartModel, state: StateModel): readonly string[] => [
  ...state.entry.map(({ name }) => `entry / ${name}`),
  ...state.exit.map(({ name }) => `exit / ${name}`),
  ...state.invokes.map(({ id, source }) => `invoke ${source}${id === source ? '' : ` as ${id}`}`),
  ...[historyText(chart, state)].filter((line) => line !== ''),
];
