import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../raft/assert.ts';
import type { ScheduledEvent } from './cluster-event.ts';
import type { LocalStep, LocalSteps, Outcome, OwnEvent } from './local-steps.ts';
import type { StateFields } from './packing.ts';
import { type Renaming, renamedChanges } from './rename.ts';
import { scheduledEvent } from './schedule-of.ts';
import type { States } from './states.ts';
import type { Happening, Successors } from './successors.ts';
import { composed, inverse, type Permutation, renamingOf } from './symmetry.ts';

/** What is read of a search afterwards. */
export interface Search {
  readonly permutations: readonly Permutation[];
  readonly steps: LocalSteps;
  readonly successors: Successors;
  readonly states: States;
  /** Room for one state. */
  readonly state: StateFields;
}

/** How state `number` was first reached, and what its nodes are called in that schedule: for each position, the schedule's position. */
export const wayTo = (
  search: Search,
  number: number,
): { readonly schedule: readonly ScheduledEvent[]; readonly names: Permutation } => {
  const { permutations, steps, successors, states, state } = search;
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
      const crash = crashUnder(names, search, successors.now);
      schedule.push(scheduledEvent(successors.now, (id) => steps.messages.get(id), renamingOf(names), crash));
      names = composed(inverse(permutations[states.permutation]!), names);
    });
  }
  successors.dropped = dropped;
  return { schedule, names };
};

/** How the node that crashes in this event does so under the names of the schedule; null: it does not crash. */
export const crashUnder = (
  names: Permutation,
  { permutations, steps, state }: Pick<Search, 'permutations' | 'steps' | 'state'>,
  { node, message, step, outcome }: Happening,
): Outcome['crash'] => {
  if (step === null || outcome === null || outcome.crash === null) return null;
  const to = permutations.findIndex((each) => each.every((place, at) => place === names[at]));
  const image = steps.nodes.imageOf(state[node]!, to);
  const named =
    message < 0
      ? ownStepUnder(steps.own(image), step, renamingOf(permutations[to]!))
      : steps.deliver(image, steps.messages.imageOf(message, to));
  const next = steps.nodes.imageOf(outcome.next, to);
  const sent = [...outcome.sent].map((each) => steps.messages.imageOf(each, to));
  const life = lifeOf(steps, outcome);
  const same = named.outcomes.find(
    (each) =>
      each.crash !== null &&
      each.next === next &&
      lifeOf(steps, each) === life &&
      each.sent.length === sent.length &&
      sent.every((id) => each.sent.includes(id)),
  );
  assert(same !== undefined, 'nodes that differ only in name crash alike', outcome.crash, named.event);
  return same.crash;
};

/** The step that is `step` under other names. */
const ownStepUnder = (steps: readonly LocalStep[], { event }: LocalStep, to: Renaming): LocalStep => {
  const renamed = renamedEvent(event, to);
  const same = steps.find((each) => isDeepStrictEqual(each.event, renamed));
  assert(same !== undefined, 'nodes that differ only in name can do the same', renamed, steps);
  return same;
};

const renamedEvent = (event: OwnEvent, to: Renaming): OwnEvent => {
  switch (event.type) {
    case 'transfer':
      return { ...event, target: to(event.target) };
    case 'change':
      return { ...event, changes: renamedChanges(event.changes, to) };
    default:
      return event;
  }
};

/** What a node has gone through in one event, except for what it sent, without names. */
const lifeOf = ({ plans, views }: LocalSteps, { plan }: Outcome): string =>
  JSON.stringify(
    plans.get(plan).flatMap(({ step, view }) => {
      if (step.type === 'sent') return [];
      const { role, currentTerm, commitIndex, lastApplied, log, durable, isUp } = views.get(view);
      return [step.type, role, currentTerm, commitIndex, lastApplied, log, durable.currentTerm, isUp];
    }),
  );

/**
 * The first state from which neither a leader nor a bound can be reached; −1: there is none. A state is marked once either is known to be
 * reachable from it. The search marks nearly all; the rest are looked at again, the last states first, until nothing changes.
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
