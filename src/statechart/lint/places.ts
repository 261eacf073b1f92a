import { type ChartModel, type StateModel, statesBelow, type TransitionModel } from '../read/model.ts';
import type { Place } from './finding.ts';
import { machineOutlines, type Outline, unquoted } from './outline.ts';

/** Where states and transitions of a chart are written in a module. */
export type PlaceOf = (state: string, transition: string | null) => Place | null;

/** For the chart of a module with this source, whose path is shown as `path`; a part that is not found has the line of what is around it. */
export const placesIn = (source: string, path: string, chart: ChartModel): PlaceOf => {
  const outline = outlineOf(machineOutlines(source), chart);
  if (outline === null) return () => null;
  const states = new Map(statesBelow(chart.root).map((state) => [state.id, state]));
  return (id, transitionId) => {
    const state = states.get(id);
    if (state === undefined) return { path, line: outline.line };
    const transition = state.transitions.find((each) => each.id === transitionId);
    const { found, isWhole } = descend(outline, state);
    const inner = transition === undefined || !isWhole ? null : transitionIn(found, state, transition);
    return { path, line: (inner ?? found).line };
  };
};

/** Where the state with this id is written, in a module whose machine XState refuses to make; null where nobody can tell. */
export const placeOfId = (source: string, path: string, id: string): Place | null => {
  const outlines = machineOutlines(source);
  const named = outlines.find(({ entries }) => {
    const own = textIn(entries.get('id'));
    return own !== null && (id === own || id.startsWith(`${own}.`));
  });
  const outline = named ?? (outlines.length === 1 ? outlines[0]! : null);
  if (outline === null) return null;
  const own = textIn(outline.entries.get('id')) ?? id.split('.')[0]!;
  return { path, line: belowBy(outline, id.slice(own.length + 1)).line };
};

/** By keys joined by dots, which keys may hold as well. */
const belowBy = (outline: Outline, keys: string): Outline => {
  const [key, below] = [...(outline.entries.get('states')?.entries ?? [])].find(
    ([each]) => keys === each || keys.startsWith(`${each}.`),
  ) ?? [null, outline];
  return key === null ? outline : belowBy(below, keys.slice(key.length + 1));
};

/** The literal with the id of the chart, else the only one whose states are those of the chart. */
const outlineOf = (outlines: readonly Outline[], { id, root }: ChartModel): Outline | null => {
  const named = outlines.find(({ entries }) => textIn(entries.get('id')) === id);
  if (named !== undefined) return named;
  const keys = root.states.map(({ key }) => key);
  const alike = outlines.filter(({ entries }) => {
    const states = entries.get('states')?.entries;
    return states !== undefined && keys.every((key) => states.has(key));
  });
  return alike.length === 1 ? alike[0]! : null;
};

const textIn = (outline: Outline | undefined): string | null =>
  outline !== undefined && /^['"`]/.test(outline.text) ? unquoted(outline.text) : null;

const descend = (
  outline: Outline,
  { path }: StateModel,
): { readonly found: Outline; readonly isWhole: boolean } => {
  let found = outline;
  for (const key of path) {
    const next = found.entries.get('states')?.entries.get(key);
    if (next === undefined) return { found, isWhole: false };
    found = next;
  }
  return { found, isWhole: true };
};

const transitionIn = (
  outline: Outline,
  state: StateModel,
  { kind, trigger, branch }: TransitionModel,
): Outline | null => {
  const handlers = handlersOf(outline, state, kind, trigger);
  if (handlers === undefined) return null;
  return handlers.items[branch] ?? handlers;
};

const handlersOf = (
  { entries }: Outline,
  state: StateModel,
  kind: TransitionModel['kind'],
  trigger: string,
): Outline | undefined => {
  switch (kind) {
    case 'always':
      return entries.get('always');
    case 'event':
      return entries.get('on')?.entries.get(trigger);
    case 'after':
      return entries.get('after')?.entries.get(trigger);
    case 'done':
      return entries.get('onDone');
    case 'invoke': {
      const dot = trigger.indexOf('.');
      const at = state.invokes.findIndex(({ id }) => id === trigger.slice(dot + 1));
      const invoke = entries.get('invoke');
      const one = invoke?.items[at] ?? invoke;
      const key = { done: 'onDone', error: 'onError', snapshot: 'onSnapshot' }[trigger.slice(0, dot)] ?? '';
      return one?.entries.get(key);
    }
  }
};
