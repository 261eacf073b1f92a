import { type EventObject, getNextTransitions } from 'xstate';
import { isMatch, isWildcard } from '../read/event-match.ts';
import { actorEventOf, isOwnEvent } from '../read/xstate-internals.ts';
import type { MachineState } from './machine-steps.ts';
import type { SampleSource } from './samples.ts';
import { mayFire, type Timer } from './timers.ts';

/** One thing that can happen to a machine next. */
export interface Offer {
  readonly event: EventObject;
  /** The timer that fires; null for an event from outside. */
  readonly timer: Timer | null;
  /** Whether somebody gave what the event carries. */
  readonly isSampled: boolean;
}

/** What kinds of events are sent at all; all of them where this is left out. */
export type OfferFilter = (offer: Offer) => boolean;

/** Everything that can happen in a state and that some state of the machine has a transition for. */
export const offersIn = (state: MachineState, samples: SampleSource): readonly Offer[] => {
  if (state.snapshot.status !== 'active') return [];
  const types = new Set(getNextTransitions(state.snapshot).map(({ eventType }) => eventType));
  const own = new Set(state.timers.map(({ event }) => event.type));
  return [
    ...[...types]
      .flatMap((descriptor) => outsideOffers(descriptor, types, state, samples))
      // What the machine is about to send itself comes from outside only where somebody says so.
      .filter(({ event, isSampled }) => isSampled || !own.has(event.type)),
    ...state.timers
      .filter((timer) => mayFire(timer, state.timers))
      .map((timer) => ({ event: timer.event, timer, isSampled: false })),
  ];
};

/** What a wildcard takes besides all that is given. */
const anyOther = 'other';

const outsideOffers = (
  descriptor: string,
  types: ReadonlySet<string>,
  { snapshot }: MachineState,
  samples: SampleSource,
): readonly Offer[] => {
  const offersOf = (type: string, defaults: object = {}): readonly Offer[] => {
    const payloads = samples.payloadsOf(type, snapshot);
    if (payloads === null) return [{ event: { type, ...defaults }, timer: null, isSampled: false }];
    return payloads.map((payload) => ({
      event: Object.assign({ type }, defaults, payload, { type }),
      timer: null,
      isSampled: true,
    }));
  };
  if (isWildcard(descriptor)) {
    if (isOwnEvent(descriptor)) return [];
    const given = samples.types.filter(
      (type) => !isOwnEvent(type) && !types.has(type) && isMatch(descriptor, type),
    );
    return [...given, `${descriptor.slice(0, -1)}${anyOther}`].flatMap((type) => offersOf(type));
  }
  const told = actorEventOf(descriptor);
  if (told !== null) {
    // An actor tells nothing while it is not there.
    return told.actor in snapshot.children ? offersOf(descriptor, defaultsOf(told)) : [];
  }
  // Timers fire by themselves, and a state is done when it is.
  if (descriptor === '') return [];
  return isOwnEvent(descriptor) && !samples.types.includes(descriptor) ? [] : offersOf(descriptor);
};

const defaultsOf = ({ kind, actor }: NonNullable<ReturnType<typeof actorEventOf>>): object => {
  switch (kind) {
    case 'done':
      return { output: undefined, actorId: actor };
    case 'error':
      return { error: new Error(`${actor} has failed`), actorId: actor };
    case 'snapshot':
      return { snapshot: { status: 'active', value: {}, context: {} }, actorId: actor };
  }
};
