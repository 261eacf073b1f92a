import { timerNameOf } from '../../node/step.ts';
import type { Message } from '../../raft/messages.ts';
import { toPathMessage } from '../paths/path-message.ts';
import type { ClusterEvent, ScheduledEvent } from './cluster-event.ts';
import type { Outcome, OwnEvent } from './local-steps.ts';
import { type Renaming, renamedChanges, renamedMessage } from './rename.ts';
import type { Happening } from './successors.ts';

/**
 * An event as a schedule writes it; `to` undoes the renaming of nodes that the search has done along the way. `crash` is how the node crashes under
 * its name in the schedule, where its messages leave in a different order.
 */
export const scheduledEvent = (
  now: Happening,
  messageOf: (id: number) => Message,
  to: Renaming,
  crash: Outcome['crash'],
): ScheduledEvent => {
  const dropped: Message[] = [];
  for (let at = 0; at < now.freshCount; at++) {
    if ((now.kept & (1 << at)) === 0) dropped.push(messageOf(now.fresh[at]! - 1));
  }
  return {
    event: clusterEvent(now, messageOf, to, crash),
    dropped: [...(crash?.lost ?? []), ...dropped.map((message) => renamedMessage(message, to))].map(
      toPathMessage,
    ),
  };
};

const clusterEvent = (
  { message, again, node, step }: Happening,
  messageOf: (id: number) => Message,
  to: Renaming,
  crash: Outcome['crash'],
): ClusterEvent => {
  if (step === null) {
    return { type: 'lose', message: toPathMessage(renamedMessage(messageOf(message), to)) };
  }
  const id = to(node + 1);
  if (step.event.type === 'crash') return { type: 'crash', node: id, writes: crash?.writes ?? 0 };
  const event = withoutCrash(step.event, id, again, to);
  if (crash === null) return event;
  return { type: 'crash', node: id, writes: crash.writes, during: event, effects: crash.effects };
};

const withoutCrash = (
  event: Exclude<OwnEvent, { type: 'crash' }>,
  node: number,
  again: boolean,
  to: Renaming,
): ClusterEvent => {
  switch (event.type) {
    case 'deliver': {
      const message = toPathMessage(renamedMessage(event.message, to));
      return again ? { type: 'deliver', message, again } : { type: 'deliver', message };
    }
    case 'timeout':
      return { type: 'timeout', node, timer: timerNameOf(event.timer) };
    case 'transfer':
      return { type: 'transfer', node, target: to(event.target) };
    case 'read':
      return { type: 'read', node, id: event.id };
    case 'change':
      return { type: 'change', node, changes: renamedChanges(event.changes, to) };
    default:
      return { type: event.type, node };
  }
};
