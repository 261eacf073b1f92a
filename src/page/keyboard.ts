import { transitionsOf } from '../statechart/read/model.ts';
import { focusShown } from './diagram/focus-shown.ts';
import { moveView, zoomBy, zoomToFit } from './diagram/viewport.ts';
import { moveRow, moveStep } from './inspector/rows.ts';
import { closeHelp, turnHelp } from './panel/help.tsx';
import { query, searchInput } from './search/query.ts';
import { isInspecting, showLive } from './state/inspected.ts';
import { isPanelOpen } from './state/panel.ts';
import { chart, goTo, select, selected, selectedTransition, view, views } from './state/place.ts';

const panStep = 80;

type Action = (event: KeyboardEvent) => void;

/** Keys that work anywhere on the page but in a field, by `KeyboardEvent.key`. */
const actions: Readonly<Record<string, Action>> = {
  '/': () => searchInput.current?.focus(),
  '+': () => zoomBy(1.25),
  '=': () => zoomBy(1.25),
  '-': () => zoomBy(0.8),
  '0': () => zoomToFit(),
  '?': () => turnHelp(),
  Enter: () => openDetails(),
  Escape: () => {
    if (leaveDetails()) return;
    closeHelp();
    query.value = '';
    selected.value = null;
  },
  ArrowDown: (event) => (event.shiftKey ? moveView(0, -panStep) : walk(1)),
  ArrowUp: (event) => (event.shiftKey ? moveView(0, panStep) : walk(-1)),
  ArrowRight: (event) => (event.shiftKey ? moveView(-panStep, 0) : followTarget()),
  ArrowLeft: (event) => (event.shiftKey ? moveView(panStep, 0) : goToSource()),
  ']': () => turnView(1),
  '[': () => turnView(-1),
};

/** Keys that lead through time while the inspector is open. */
const timeActions: typeof actions = {
  ArrowLeft: () => moveStep(-1),
  ArrowRight: () => moveStep(1),
  PageUp: () => moveRow(-10),
  PageDown: () => moveRow(10),
  l: showLive,
};

export const followKeys = (): void => {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = actionFor(event);
    if (action === undefined) return;
    event.preventDefault();
    action(event);
  });
};

/** What a key does where the focus is. What has keys of its own keeps them: fields, lists, and what is scrolled. */
const actionFor = ({ key, shiftKey, target }: KeyboardEvent): Action | undefined => {
  const isIn = (places: string) => target instanceof Element && target.closest(places) !== null;
  if (isIn('input, select, textarea')) return;
  const isArrow = key.startsWith('Arrow');
  if (isArrow && isIn('[role=tablist], [role=tree]')) return;
  const hasTime = isInspecting.peek() && !isIn('.canvas, summary, pre, [role=tablist], [role=tree]');
  if (hasTime && !shiftKey && key in timeActions) return timeActions[key];
  // Elsewhere it presses what has the focus.
  if (key === 'Enter' && !isIn('.canvas')) return;
  if (isArrow && isIn('.panel, .list')) return;
  return actions[key];
};

/** From a rule in the picture to what is said of it. */
const openDetails = (): void => {
  const { activeElement } = document;
  if (activeElement instanceof SVGElement && activeElement.dataset.ref !== undefined)
    selected.value = activeElement.dataset.ref;
  isPanelOpen.value = true;
  panel()?.focus();
};

/** From the details back to the picture, or to the list; false where the focus is not in them. */
const leaveDetails = (): boolean => {
  if (panel()?.contains(document.activeElement) !== true) return false;
  focusShown();
  return true;
};

const panel = (): HTMLElement | null => document.querySelector('.panel');

/** The next transition that this view shows, in the order in which the chart is read. */
const walk = (step: number): void => {
  if (chart.value === null || view.value === null) return;
  const all = transitionsOf(chart.value.chart);
  const shown = view.value.shows.map((at) => all[at]!.id);
  if (shown.length === 0) return;
  const here = shown.indexOf(selected.value ?? '');
  const next = here < 0 ? (step > 0 ? 0 : shown.length - 1) : (here + step + shown.length) % shown.length;
  select(chart.value.name, shown[next]!);
};

/** From a transition to the first of the state that it leads to. */
const followTarget = (): void => {
  const target = selectedTransition.value?.targets[0];
  if (chart.value === null || target === undefined) return;
  const next = transitionsOf(chart.value.chart).find(({ source }) => source.startsWith(target));
  select(chart.value.name, next?.id ?? target);
};

const goToSource = (): void => {
  const transition = selectedTransition.value;
  if (chart.value !== null && transition !== null) select(chart.value.name, transition.source);
};

const turnView = (step: number): void => {
  if (chart.value === null || view.value === null) return;
  const all = views.value;
  const at = all.indexOf(view.value);
  goTo(chart.value.name, all[(at + step + all.length) % all.length]!.name);
};
