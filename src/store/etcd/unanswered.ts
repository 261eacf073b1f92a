import { type Deadline, status } from '@grpc/grpc-js';

/** A client that gives up at its deadline may be heard a little before that has come here. */
const earlyMs = 50;

/** What became of a call that has ended without an answer of this node: its deadline has passed, or else, mostly, the client has left. */
export const codeUnanswered = (call: { getDeadline(): Deadline }): status =>
  Number(call.getDeadline()) - earlyMs <= Date.now() ? status.DEADLINE_EXCEEDED : status.CANCELLED;
