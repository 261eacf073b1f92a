import { assert } from '../../src/raft/assert.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';
import { isMessage } from '../../src/raft/message-table.ts';
import type { Message } from '../../src/raft/messages.ts';

type EventOf<Type extends RaftEvent['type']> = Extract<RaftEvent, { readonly type: Type }>;

/**
 * A rule bound to the events that it is written for. XState types a guard or an action for every event of the chart; that the chart
 * asks this one about these events alone is asserted each time.
 */
export const on =
  <Type extends RaftEvent['type'], Result>(
    types: readonly Type[],
    rule: (context: RaftContext, event: EventOf<Type>) => Result,
  ) =>
  (context: RaftContext, event: RaftEvent): Result => {
    assert(
      (types as readonly string[]).includes(event.type),
      'a rule sees its own events',
      event.type,
      types,
    );
    return rule(context, event as EventOf<Type>);
  };

/** A rule about a message that the term gate inspects before delivering it. */
export const onReceived =
  <Result>(rule: (context: RaftContext, message: Message) => Result) =>
  (context: RaftContext, event: RaftEvent): Result =>
    rule(context, messageIn(event));

/** The message that has arrived. */
export const messageIn = (event: RaftEvent): Message => {
  assert(event.type === 'Received', 'the term gate delivers what was received', event.type);
  return event.message;
};

/** The message that the state just left was handling. */
export const delivered = (event: RaftEvent): Message => {
  assert(isMessage(event), 'a message is redelivered', event.type);
  return event;
};
