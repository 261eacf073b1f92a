import * as v from 'valibot';
import type { TimerName } from '../../node/step.ts';
import { type FieldKind, messageTable, messageTypes } from '../../raft/message-table.ts';
import type { MessageType } from '../../raft/messages.ts';
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
const entry = v.strictObject({
  term: countSchema,
  kind: v.picklist(['command', 'noop']),
  payload: v.string(),
});

const fieldSchemas = {
  index: countSchema,
  term: countSchema,
  boolean: v.boolean(),
  entries: v.array(entry),
} as const satisfies Record<FieldKind, v.GenericSchema>;

const schemaOf = (type: MessageType) =>
  v.strictObject({
    type: v.literal(type),
    ...envelope,
    ...Object.fromEntries(
      Object.entries(messageTable[type].fields).map(([name, kind]) => [
        name,
        fieldSchemas[kind as FieldKind],
      ]),
    ),
  });

/** A message as tests write it, well-formed; its content may still be nonsense. */
export const pathMessageSchema = v.variant(
  'type',
  messageTypes.map(schemaOf) as [ReturnType<typeof schemaOf>],
) as v.GenericSchema<unknown> as v.GenericSchema<unknown, PathMessage>;
