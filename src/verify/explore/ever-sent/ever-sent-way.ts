import { assert } from '../../../raft/assert.ts';
import { toPathMessage } from '../../paths/path-message.ts';
import type { ClusterEvent, ScheduledEvent } from '../cluster-event.ts';
import type { Cluster } from '../exploration.ts';
import { renamedMessage } from '../rename.ts';
import { scheduledEvent } from '../schedule-of.ts';
import { crashUnder } from '../search.ts';
import type { Happening } from '../successors.ts';
import { composed, inverse, type Permutation, renamingOf } from '../symmetry.ts';
import { Bits } from './bits.ts';
import type { EverSentSearch } from './ever-sent-search.ts';

/** An event on the path to a state. */
export interface ToldEvent {
  readonly told: ScheduledEvent;
  /** For an event that changes no node: the messages it sends that were not yet under way. Null: it changes a node. */
  readonly sent: readonly string[] | null;
}

/** How state `number` was first reached, and what its nodes are called in that schedule: for each position, the schedule's position. */
export const everSentWayTo = (
  cluster: Cluster,
  search: EverSentSearch,
  number: number,
): { readonly way: readonly ToldEvent[]; readonly names: Permutation } => {
  const { permutations, steps } = cluster;
  const { states, successors, state, bag } = search;
  const chain = [number];
  while (chain[0] !== 0) chain.unshift(states.parentOf(chain[0]!));
  const way: ToldEvent[] = [];
  let names: Permutation = permutations[0]!;
  const tell = (now: Happening): ScheduledEvent => {
    const crash = crashUnder(names, { permutations, steps, state }, now);
    return scheduledEvent(now, (id) => steps.messages.get(id), renamingOf(names), crash);
  };
  const onQuiet = (now: Happening, sent: readonly number[]): void => {
    const texts = sent.map((id) =>
      JSON.stringify(toPathMessage(renamedMessage(steps.messages.get(id), renamingOf(names)))),
    );
    way.push({ told: tell(now), sent: texts });
  };
  search.saturate(search.origin, new Bits(), undefined, onQuiet);
  for (let at = 1; at < chain.length; at++) {
    let found = false;
    states.read(chain[at - 1]!, state, bag);
    successors.of(state, bag, (next, sent) => {
      if (found) return;
      const unsaturated = sent.copy();
      const before = { bag, node: successors.now.node };
      search.saturate(next, sent, before);
      if (!states.is(chain[at]!, next, sent)) return;
      found = true;
      const { permutation } = states;
      way.push({ told: tell(successors.now), sent: null });
      search.saturate(next, unsaturated, before, onQuiet);
      names = composed(inverse(permutations[permutation]!), names);
    });
    assert(found, 'each state comes from its parent', chain[at], chain[at - 1]);
  }
  return { way, names };
};

/**
 * The path without the events that led nowhere: those that changed no node, and sent only messages that were never delivered. A message
 * that is not delivered a second time does not stay under way.
 */
export const withoutIdle = (way: readonly ToldEvent[]): readonly ScheduledEvent[] => {
  const needed = new Set<string>();
  const kept: ScheduledEvent[] = [];
  for (const { told, sent } of way.toReversed()) {
    if (sent !== null && !sent.some((message) => needed.has(message))) continue;
    const message = deliveredBy(told.event);
    kept.unshift(message !== null && needed.has(message) ? told : { ...told, event: once(told.event) });
    if (message !== null) needed.add(message);
  }
  return kept;
};

const deliveredBy = (event: ClusterEvent): string | null => {
  if (event.type === 'crash' && event.during !== undefined) return deliveredBy(event.during);
  return event.type === 'deliver' ? JSON.stringify(event.message) : null;
};

const once = (event: ClusterEvent): ClusterEvent => {
  if (event.type === 'crash' && event.during !== undefined) return { ...event, during: once(event.during) };
  return event.type === 'deliver' ? { type: 'deliver', message: event.message } : event;
};
