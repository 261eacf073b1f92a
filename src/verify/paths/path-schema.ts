import * as v from 'valibot';
import type { TimerName } from '../../node/step.ts';
import type { PathMessage } from './path.ts';

/** A count, a term or an index. */
export const countSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const nodeIdSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const timerNameSchema: v.GenericSchema<unknown, TimerName> = v.picklist([
  'electionTimeout',
  'leaderLease',
  'heartbeatInterval',
  'quorumCheck',
]);

const envelope = { from: nodeIdSchema, to: nodeIdSchema, term: countSchema };
const asked = { lastLogIndex: countSchema, lastLogTerm: countSchema };
const entry = v.strictObject({
  term: countSchema,
  kind: v.picklist(['command', 'noop']),
  payload: v.string(),
});

/** A message as tests write it, of the right form; what it says may still be nonsense. */
export const pathMessageSchema: v.GenericSchema<unknown, PathMessage> = v.variant('type', [
  v.strictObject({ type: v.literal('RequestVote'), ...envelope, ...asked }),
  v.strictObject({ type: v.literal('PreVote'), ...envelope, ...asked }),
  v.strictObject({ type: v.literal('RequestVoteResponse'), ...envelope, voteGranted: v.boolean() }),
  v.strictObject({ type: v.literal('PreVoteResponse'), ...envelope, voteGranted: v.boolean() }),
  v.strictObject({
    type: v.literal('AppendEntries'),
    ...envelope,
    prevLogIndex: countSchema,
    prevLogTerm: countSchema,
    leaderCommit: countSchema,
    entries: v.array(entry),
  }),
  v.strictObject({
    type: v.literal('AppendEntriesResponse'),
    ...envelope,
    success: v.boolean(),
    prevLogIndex: countSchema,
    matchIndex: countSchema,
    conflictTerm: countSchema,
    conflictIndex: countSchema,
  }),
]);
