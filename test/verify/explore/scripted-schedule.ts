import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { TimerName } from '../../../src/node/step.ts';
import type { MemberChange } from '../../../src/raft/members.ts';
import type { Message } from '../../../src/raft/messages.ts';
import type { ClusterEvent, ScheduledEvent } from '../../../src/verify/explore/cluster-event.ts';
import type { LocalOptions } from '../../../src/verify/explore/local-nodes.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import { toPathMessage } from '../../../src/verify/paths/path-message.ts';

/** A step as a test writes it: messages by type and way, since their contents follow from the steps before. */
export type ScriptedStep =
  | readonly ['deliver' | 'deliverAgain' | 'lose', Message['type'], number, number]
  | readonly ['timeout', number, TimerName]
  | readonly ['propose' | 'durable', number]
  | readonly ['crash' | 'transfer' | 'read', number, number]
  | readonly ['change', number, readonly MemberChange[]];

/** The schedule that `steps` stand for: of several messages that fit, the first that was sent. */
export const scheduleOf = (
  options: LocalOptions,
  steps: readonly ScriptedStep[],
  machine?: typeof raftMachine,
): readonly ScheduledEvent[] => {
  const schedule: ScheduledEvent[] = [];
  for (const step of steps) {
    const underWay: Message[] = [];
    for (const event of playSchedule(options, schedule, machine)) {
      if (event.type === 'sent') underWay.push(event.message);
      if (event.type === 'lost') underWay.splice(underWay.indexOf(event.message), 1);
    }
    schedule.push({ event: eventOf(step, underWay), dropped: [] });
  }
  return schedule;
};

const eventOf = (step: ScriptedStep, underWay: readonly Message[]): ClusterEvent => {
  switch (step[0]) {
    case 'timeout':
      return { type: 'timeout', node: step[1], timer: step[2] };
    case 'propose':
    case 'durable':
      return { type: step[0], node: step[1] };
    case 'transfer':
      return { type: 'transfer', node: step[1], target: step[2] };
    case 'change':
      return { type: 'change', node: step[1], changes: step[2] };
    case 'read':
      return { type: 'read', node: step[1], id: step[2] };
    case 'crash':
      return { type: 'crash', node: step[1], writes: step[2] };
    default: {
      const [what, type, from, to] = step;
      const found = underWay.findLast((each) => each.type === type && each.from === from && each.to === to);
      if (found === undefined) throw new Error(`no ${type} from ${from} to ${to} was sent`);
      const message = toPathMessage(found);
      if (what === 'lose') return { type: 'lose', message };
      return what === 'deliver' ? { type: 'deliver', message } : { type: 'deliver', message, again: true };
    }
  }
};
