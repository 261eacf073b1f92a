import type { Assessment } from '../coverage/assessment.ts';
import { placeOf } from '../coverage/enumeration.ts';
import type { Item } from '../coverage/universe.ts';
import { actorEventOf, isOwnEvent } from '../read/xstate-internals.ts';
import type { Exploration, Fault } from './explore-machine.ts';
import { followed, type MachineUniverse } from './machine-universe.ts';
import { eventWords } from './machine-walk.ts';

/** Something that no path walks, and why. */
export interface NotReached {
  /** Its id in the universe. */
  readonly id: string;
  readonly kind: 'state' | 'event' | 'threw' | 'guard' | 'payload' | 'earlier' | 'form';
  /** In one line. */
  readonly reason: string;
}

/** What was given to the machine in one place. */
interface Given {
  times: number;
  isSampled: boolean;
}

/** Why each transition, and each answer of a guard, that the search never saw was not seen; what the form of the chart excludes is included. */
export const notReached = (
  exploration: Exploration,
  machine: MachineUniverse,
  { exclusions }: Pick<Assessment, 'exclusions'>,
): readonly NotReached[] => {
  const { universe } = machine;
  const seen = new Set<string>();
  const given = new Map<string, Given>();
  for (const { from, to, offer, taken } of exploration.edges) {
    for (const item of followed(machine, taken, exploration.states[to]!.name).items) seen.add(item);
    if (from === null || offer === null) continue;
    for (const place of universe.placesOf(exploration.states[from]!.name)) {
      const known = given.get(placeOf(place, offer.event.type)) ?? { times: 0, isSampled: false };
      given.set(placeOf(place, offer.event.type), {
        times: known.times + 1,
        isSampled: known.isSampled || offer.isSampled,
      });
    }
  }
  const places = new Set(exploration.states.flatMap(({ name }) => universe.placesOf(name)));
  const faults = new Map<string, Fault>();
  for (const fault of exploration.faults) {
    for (const place of universe.placesOf(fault.state)) faults.set(placeOf(place, fault.event.type), fault);
  }
  const { leftOut, limit } = exploration;
  const context: Search = { places, given, faults, leftOut, limit };
  const excluded = new Map(
    [...exclusions.transitions, ...exclusions.guards].map(({ id, reason }) => [id, reason]),
  );
  const reasonOf = (id: string, item: Item, answer: boolean): NotReached => {
    const byForm = excluded.get(id);
    if (byForm !== undefined) return { id, kind: 'form', reason: byForm };
    return { id, ...searched(item, answer, context) };
  };
  const transitions = universe.items.filter(({ id, transition }) => transition !== null && !seen.has(id));
  const outcomes = universe.outcomes.filter(
    ({ item, answer, shownBy }) =>
      !shownBy.some(({ id }) => seen.has(id)) &&
      // That it was never true is said of the transition itself.
      !answer &&
      seen.has(item.id),
  );
  return [
    ...transitions.map((item) => reasonOf(item.id, item, true)),
    ...outcomes.map(({ id, item }) => reasonOf(id, item, false)),
  ];
};

interface Search {
  readonly places: ReadonlySet<string>;
  readonly given: ReadonlyMap<string, Given>;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly leftOut: Exploration['leftOut'];
  readonly limit: string | null;
}

const searched = (
  { state, event, transition, earlier }: Item,
  answer: boolean,
  { places, given, faults, leftOut, limit }: Search,
): Omit<NotReached, 'id'> => {
  const cut = limit === null ? '' : ` (${limit})`;
  if (!places.has(state)) return { kind: 'state', reason: `the machine never came to ${state}${cut}` };
  const fault = faults.get(placeOf(state, event));
  const known = given.get(placeOf(state, event));
  const guard = transition?.guard ?? null;
  if (fault !== undefined && (known === undefined || !known.isSampled)) {
    const how = fault.isSampled ? `given ${eventWords(fault.event)}` : 'without a payload';
    return { kind: 'threw', reason: `${event} ${how} made it throw: ${fault.message}; give samples` };
  }
  if (event === '') {
    return { kind: 'guard', reason: `${guard ?? 'it'} was never ${answer} in any context there${cut}` };
  }
  if (known === undefined) return { kind: 'event', reason: `${unsent(event, transition, leftOut)}${cut}` };
  const times = known.times === 1 ? 'the one time' : `all ${known.times} times`;
  const words = `${times} that ${event} was sent there${cut}`;
  if (!answer) return { kind: 'guard', reason: `${guard} was true ${words}` };
  if (guard === null) return { kind: 'earlier', reason: `an earlier branch took it ${words}` };
  const asked =
    earlier.length === 0 ? `${guard} was false` : `${guard} was false, or an earlier branch took it,`;
  if (known.isSampled) return { kind: 'guard', reason: `${asked} ${words}` };
  return { kind: 'payload', reason: `${asked} ${words}, without a payload each time; give samples` };
};

const unsent = (event: string, transition: Item['transition'], leftOut: Exploration['leftOut']): string => {
  const left = leftOut.get(event);
  if (left?.isTimer === true)
    return 'no time passes for the system, so no path waits for a timer; give advance';
  if (left !== undefined) return `nothing does ${event} to the system; give it a run`;
  if (transition?.kind === 'after') return 'its timer never fired there: another one always fires first';
  const told = actorEventOf(event);
  if (told !== null) return `there was no actor ${told.actor} there`;
  if (transition?.kind === 'done') return `${transition.trigger} is never done there`;
  if (isOwnEvent(event)) return `${event} never came there`;
  return `${event} was never sent there`;
};
