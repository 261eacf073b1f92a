import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Log } from '../ports/log.ts';
import { topOfValue } from '../statechart/read/state-name.ts';
import { transitionsOfMicrostep } from '../statechart/read/xstate-internals.ts';
import type { Role } from './node.ts';
import type { RaftSnapshot } from './step.ts';

/** The name of the role: the top of the chart's state value. For people only: nothing is decided by it. */
export const roleOf = (value: unknown): Role => topOfValue(value) as Role;

/** Logs each change of role of the chart with the rule of the transition that caused it. An `inspect` callback; `actor` is the id of the chart's actor. */
export const roleLogger = (actor: string, log: Log): ((event: InspectionEvent) => void) => {
  let role: Role = 'follower';
  return (event) => {
    if (event.type !== '@xstate.microstep' || (event.actorRef as AnyActorRef).id !== actor) return;
    const snapshot = event.snapshot as RaftSnapshot;
    const next = roleOf(snapshot.value);
    if (next === role) return;
    const [cause] = transitionsOfMicrostep(event);
    log.info(
      {
        role: next,
        from: role,
        term: snapshot.context.currentTerm,
        index: snapshot.context.log.lastIndex,
        rule: cause?.meta?.rule,
        cause: cause?.description,
      },
      `${role} becomes ${next}`,
    );
    role = next;
  };
};
