import type {
  ActionModel,
  ActorModel,
  Bound,
  ChartModel,
  GuardModel,
  InvokeModel,
  OwnAction,
} from '../read/model.ts';
import type { Written } from '../read/written.ts';

/*
 * The parts of a chart as texts. Said by `meaningOf`, two are equal exactly where they do the same, which is what a comparison compares; said by
 * `shownText`, they are for reading.
 */

/** How what the chart writes is said. */
export type Say = (written: Written) => string;

/** As the chart writes it, with its lines. */
export const shownText: Say = ({ text }) => text;

export const listText = (parts: readonly string[]): string | null =>
  parts.length === 0 ? null : parts.join(', ');

export const writtenText = (written: Written | null, say: Say): string | null =>
  written === null ? null : say(written);

export const actionsText = (actions: readonly ActionModel[], say: Say): string | null =>
  listText(actions.map((action) => actionText(action, say)));

const actionText = ({ name, params, own }: ActionModel, say: Say): string =>
  own === null ? callText(name, params, say) : ownActionText(own, say);

const callText = (name: string, params: Written | null, say: Say): string =>
  params === null ? name : `${name}(${say(params)})`;

const ownActionText = ({ kind, parts }: OwnAction, say: Say): string =>
  kind === 'function'
    ? say(parts.source!)
    : `${kind}(${Object.entries(parts)
        .map(([part, written]) => `${part}: ${say(written)}`)
        .join(', ')})`;

export const guardText = (guard: GuardModel, say: Say): string => {
  switch (guard.kind) {
    case 'named':
      return callText(guard.name, guard.params, say);
    case 'stateIn':
      return `stateIn(${say(guard.state)})`;
    case 'function':
      return say(guard.source);
    default:
      return `${guard.kind}(${guard.guards.map((each) => guardText(each, say)).join(', ')})`;
  }
};

export const invokeText = ({ id, source, systemId, input, own }: InvokeModel, say: Say): string => {
  const about = [
    id === source ? '' : `id ${id}`,
    systemId === null ? '' : `systemId ${systemId}`,
    input === null ? '' : `input ${say(input)}`,
  ].filter((part) => part !== '');
  const what = own === null ? source : actorText(own, say);
  return about.length === 0 ? what : `${what} (${about.join(', ')})`;
};

/** A machine by its id: its chart is compared by itself. */
const actorText = (actor: ActorModel, say: Say): string =>
  actor.kind === 'machine' ? `machine ${actor.id}` : say(actor.source);

/** What is bound to a name of a chart; null for nothing. */
export const boundText = (
  { bound }: ChartModel,
  what: keyof Bound,
  name: string,
  say: Say,
): string | null => {
  if (!Object.hasOwn(bound[what], name)) return null;
  switch (what) {
    case 'guards':
      return guardText(bound.guards[name]!, say);
    case 'actions':
      return actionText(bound.actions[name]!, say);
    case 'delays':
      return say(bound.delays[name]!);
    case 'actors':
      return actorText(bound.actors[name]!, say);
  }
};
