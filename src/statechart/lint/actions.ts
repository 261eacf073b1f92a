import type {
  ActionModel,
  ActorModel,
  ChartModel,
  InvokeModel,
  OwnAction,
  StateModel,
} from '../read/model.ts';
import type { Written } from '../read/written.ts';
import { readsParent } from '../read/xstate-internals.ts';
import type { Facts } from './facts.ts';

/** Where an action stands: in a state, or in one of its transitions. */
export interface ActionPlace {
  readonly action: ActionModel;
  readonly state: string;
  readonly transition: string | null;
}

/** All actions that the chart writes, each with its place. */
export const actionPlaces = (facts: Facts): readonly ActionPlace[] =>
  facts.states.flatMap((state) => [
    ...[...state.entry, ...state.exit, ...state.initialActions].map((action) => ({
      action,
      state: state.id,
      transition: null,
    })),
    ...state.transitions.flatMap(({ id, actions }) =>
      actions.map((action) => ({ action, state: state.id, transition: id })),
    ),
  ]);

/** What an action does, whether written in place or bound to its name; null where nobody can tell. */
export const doneBy = ({ bound }: ChartModel, { name, own }: ActionModel): OwnAction | null =>
  own ?? bound.actions[name]?.own ?? null;

/** False for an action that surely leaves the context as it is. */
export const mayChangeContext = (chart: ChartModel, action: ActionModel): boolean => {
  const done = doneBy(chart, action);
  return done === null || ['assign', 'enqueueActions', 'spawnChild', 'stopChild'].includes(done.kind);
};

/** The type of an event that is written as an object or a string; null for one that is computed. */
export const eventTypeOf = (event: Written | undefined): string | null => {
  if (event?.kind !== 'value') return null;
  // An event may carry what JSON does not have, but its type is a string.
  const type = /(?:^\{|, )"type": ("(?:[^"\\]|\\.)*")/.exec(event.text)?.[1];
  return type === undefined ? null : (JSON.parse(type) as string);
};

/** A string that is written as it is; null for anything else. */
export const stringIn = (written: Written | undefined): string | null => {
  if (written?.kind !== 'value' || !written.text.startsWith('"')) return null;
  return JSON.parse(written.text) as string;
};

/** The event that an action sends to its own machine, and whether it comes at once; null for none that is known. */
export const raisedBy = (
  chart: ChartModel,
  action: ActionModel,
): { readonly type: string; readonly isDelayed: boolean } | null => {
  const done = doneBy(chart, action);
  if (done === null) return null;
  const { kind, parts } = done;
  const isDelayed = parts.delay !== undefined;
  const toSelf = kind === 'sendTo' && isSelf(parts.to);
  const type = kind === 'raise' || toSelf ? eventTypeOf(parts.event) : null;
  // What is sent, even to oneself, comes with the next step.
  return type === null ? null : { type, isDelayed: isDelayed || toSelf };
};

const isSelf = (to: Written | undefined): boolean =>
  stringIn(to) === '#_internal' ||
  (to?.kind === 'function' && /^\(\{\s*self\s*\}\)\s*=>\s*self$/.test(to.text.trim()));

/** Whether an action sends to the parent of its machine. */
export const isToParent = ({ kind, parts }: OwnAction): boolean =>
  kind === 'sendTo' &&
  (stringIn(parts.to) === '#_parent' || (parts.to?.kind === 'function' && readsParent(parts.to.text)));

/** What an invoked name or logic runs; null where nothing is bound. */
export const actorOf = ({ bound }: ChartModel, { source, own }: InvokeModel): ActorModel | null =>
  own ?? bound.actors[source] ?? null;

/** Every invoke of the chart with its state. */
export const invokesOf = (
  states: readonly StateModel[],
): readonly { readonly state: StateModel; readonly invoke: InvokeModel }[] =>
  states.flatMap((state) => state.invokes.map((invoke) => ({ state, invoke })));
