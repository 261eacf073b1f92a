import type { Evidence } from './grounds.ts';
import { pairId } from './universe.ts';

/** A bounded world of a machine: where it begins, what can happen in each state, and which states are distinct. */
export interface Space<State, Event> {
  /** Its bounds, in words. */
  readonly name: string;
  readonly beginning: State;
  /** What it does as it starts: there, and in whatever other states it may start. */
  readonly starts?: readonly SpaceStep<State>[];
  /** Everything that can happen to it within the bounds. */
  eventsOf(state: State): readonly SpaceEvent<Event>[];
  /** A chart that fails here proves nothing: what it throws ends the enumeration. */
  step(state: State, event: Event): SpaceStep<State>;
  /** States with the same key are one: it covers everything that a later step depends on. */
  keyOf(state: State): string;
  /** As the universe calls the views of its configuration. */
  placesOf(state: State): readonly string[];
}

export interface SpaceEvent<Event> {
  /** What a claim calls it: the type of the event, or of what it carries. */
  readonly trigger: string;
  readonly event: Event;
}

export interface SpaceStep<State> {
  /** What was taken, one after another, each with all items that it is; empty: nothing was enabled. */
  readonly taken: readonly (readonly string[])[];
  /** The items of events that were raised and that nothing took. */
  readonly unanswered: readonly string[];
  /** Null: it leaves the bounds. The step counts; what would follow does not. */
  readonly next: State | null;
}

/** More states than a space may have before its enumeration is given up. */
const defaultMaxStates = 20_000;

/** Visits every state of each space, breadth first, and gives each of them every event. */
export const enumerate = <State, Event>(
  spaces: readonly Space<State, Event>[],
  maxStates = defaultMaxStates,
): Evidence => {
  const takenIn: ReadonlySet<string>[] = [];
  const lasts = new Set<string>();
  const pairs = new Set<string>();
  const given = new Set<string>();
  const extents: string[] = [];
  let isComplete = true;

  const record = (step: SpaceStep<State>, taken: Set<string>): void => {
    let before: readonly string[] = [];
    for (const items of step.taken) {
      for (const item of items) {
        taken.add(item);
        for (const each of before) pairs.add(pairId(each, item));
      }
      before = items;
    }
    for (const item of before) lasts.add(item);
    for (const item of step.unanswered) taken.add(item);
  };

  for (const space of spaces) {
    const taken = new Set<string>();
    takenIn.push(taken);
    const states = [space.beginning];
    const seen = new Set([space.keyOf(space.beginning)]);
    const goOn = ({ next }: SpaceStep<State>): void => {
      if (next === null) return;
      const key = space.keyOf(next);
      if (seen.has(key)) return;
      seen.add(key);
      states.push(next);
    };
    for (const start of space.starts ?? []) {
      record(start, taken);
      goOn(start);
    }
    let mostEvents = 0;
    // The list grows while it is walked.
    for (const state of states) {
      const events = space.eventsOf(state);
      mostEvents = Math.max(mostEvents, events.length);
      const triggers = new Set(events.map(({ trigger }) => trigger));
      for (const place of space.placesOf(state)) {
        for (const trigger of triggers) given.add(placeOf(place, trigger));
      }
      for (const { event } of events) {
        const step = space.step(state, event);
        record(step, taken);
        if (step.next !== state) goOn(step);
      }
      if (states.length > maxStates) break;
    }
    if (states.length > maxStates) isComplete = false;
    extents.push(`${space.name}: ${states.length} states × ${mostEvents} events`);
  }
  const taken = new Set(takenIn.flatMap((items) => [...items]));
  return { extent: extents.join('; '), isComplete, taken, takenIn, lasts, pairs, given };
};

/** A state and what was given to it there, as claims and evidence name the two. */
export const placeOf = (state: string, trigger: string): string => `${state} · ${trigger}`;
