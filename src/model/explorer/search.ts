import type { ScheduledEvent } from './cluster-event.ts';
import type { LocalSteps } from './local-steps.ts';
import type { StateFields } from './packing.ts';
import { scheduledEvent } from './schedule-of.ts';
import type { States } from './states.ts';
import type { Successors } from './successors.ts';
import { composed, inverse, type Permutation, renamingOf } from './symmetry.ts';

/** A search, to be looked at again. */
export interface Search {
  readonly permutations: readonly Permutation[];
  readonly steps: LocalSteps;
  readonly successors: Successors;
  readonly states: States;
  /** Room for one state. */
  readonly state: StateFields;
}

/** How state `number` was first reached, and where its nodes stand in that schedule: by position, the schedule's position. */
export const wayTo = (
  { permutations, steps, successors, states, state }: Search,
  number: number,
): { readonly schedule: readonly ScheduledEvent[]; readonly names: Permutation } => {
  const { dropped } = successors;
  const chain = [number];
  while (chain[0] !== 0) chain.unshift(states.parentOf(chain[0]!));
  const schedule: ScheduledEvent[] = [];
  let names: Permutation = permutations[0]!;
  for (let at = 1; at < chain.length; at++) {
    let found = false;
    states.read(chain[at - 1]!, state);
    successors.of(state, (next) => {
      if (found) return;
      if (states.add(next, 0) !== chain[at]) return;
      found = true;
      schedule.push(scheduledEvent(successors.now, (id) => steps.messages.get(id), renamingOf(names)));
      names = composed(inverse(permutations[states.permutation]!), names);
    });
  }
  successors.dropped = dropped;
  return { schedule, names };
};

/**
 * The first state from which neither a leader nor a bound can be reached; −1: there is none. A state is marked once one is known to be
 * reached from it. The search marks nearly all; what is left is looked at again, the last states first, until nothing changes.
 */
export const firstStuck = ({ successors, states, state }: Search): number => {
  const { dropped } = successors;
  let isGood = false;
  const visit = (next: StateFields): void => {
    if (!isGood) isGood = states.isMarked(states.add(next, 0));
  };
  let first = -1;
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    first = -1;
    for (let number = states.count - 1; number >= 0; number--) {
      if (states.isMarked(number)) continue;
      isGood = false;
      states.read(number, state);
      successors.of(state, visit);
      if (isGood) {
        hasChanged = true;
        states.markUp(number);
      } else {
        first = number;
      }
    }
  }
  successors.dropped = dropped;
  return first;
};
