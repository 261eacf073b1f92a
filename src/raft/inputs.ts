import type { Message } from './messages.ts';
import type { LogIndex, Term } from './types.ts';

/** A message has arrived. The only way in for messages from outside: the term gate stands here. */
export interface Received {
  readonly type: 'Received';
  readonly message: Message;
}

/** A `persist` is durable: `term` and `lastIndex` are those of when it was issued. */
export interface Persisted {
  readonly type: 'Persisted';
  readonly term: Term;
  readonly lastIndex: LogIndex;
}

/** The state machine has applied everything up to `index`. */
export interface Applied {
  readonly type: 'Applied';
  readonly index: LogIndex;
}

/** A client's command. `id` comes back in `accept` or `reject`. */
export interface Proposal {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Clients want these commands replicated, in this order. */
export interface Proposed {
  readonly type: 'Proposed';
  readonly proposals: readonly Proposal[];
}

/** Everything that a node's chart is sent from outside; timers come from the chart's own `after`. */
export type Input = Received | Persisted | Applied | Proposed;

/** What the roles see: inputs, and messages as the term gate delivers them. */
export type RaftEvent = Input | Message;
