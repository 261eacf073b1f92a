import * as v from 'valibot';
import type { TimerName } from '../../node/step.ts';
import type { MemberChange } from '../../raft/members.ts';
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
  'transferTimeout',
  'catchUpRound',
  'catchUpTimeout',
]);

const idsSchema = v.array(nodeIdSchema);

const seenSchema = v.strictObject({ start: countSchema, run: v.string() });

const memberSchema = v.strictObject({
  peer: v.string(),
  client: v.nullable(v.string()),
  logId: v.nullable(v.string()),
  seen: v.exactOptional(seenSchema),
  wasVoter: v.exactOptional(v.literal(true)),
});

export const memberChangeSchema: v.GenericSchema<unknown, MemberChange> = v.variant('type', [
  v.strictObject({ type: v.picklist(['add', 'update']), node: nodeIdSchema, member: memberSchema }),
  v.strictObject({
    type: v.literal('name'),
    node: nodeIdSchema,
    logId: v.string(),
    seen: v.exactOptional(seenSchema),
  }),
  v.strictObject({
    type: v.literal('demote'),
    node: nodeIdSchema,
    isReplaced: v.exactOptional(v.literal(true)),
  }),
  v.strictObject({ type: v.picklist(['promote', 'remove']), node: nodeIdSchema }),
]);

export const configurationSchema = v.strictObject({
  index: countSchema,
  voters: idsSchema,
  outgoing: idsSchema,
  learners: idsSchema,
  members: v.record(v.string(), memberSchema),
});

/** The fields of a message of this type as `messageTable` has them, with the envelope. `entry` is one of its entries. */
export const messageFields = (
  type: MessageType,
  entry: v.GenericSchema,
): Readonly<Record<string, v.GenericSchema>> => {
  const schemas = {
    index: countSchema,
    term: countSchema,
    count: countSchema,
    boolean: v.boolean(),
    entries: v.array(entry),
    bytes: v.string(),
    configuration: configurationSchema,
  } as const satisfies Record<FieldKind, v.GenericSchema>;
  return {
    from: nodeIdSchema,
    to: nodeIdSchema,
    term: countSchema,
    ...Object.fromEntries(
      Object.entries(messageTable[type].fields).map(([name, kind]) => [name, schemas[kind as FieldKind]]),
    ),
  };
};

export const entryFields = {
  term: countSchema,
  kind: v.picklist(['command', 'noop', 'configuration']),
  payload: v.string(),
};

/** An entry as tests write it. */
export const pathEntrySchema = v.strictObject(entryFields);

const schemaOf = (type: MessageType) =>
  v.strictObject({ type: v.literal(type), ...messageFields(type, pathEntrySchema) });

/** A message as tests write it, well-formed; its content may still be nonsense. */
export const pathMessageSchema = v.variant(
  'type',
  messageTypes.map(schemaOf) as [ReturnType<typeof schemaOf>],
) as v.GenericSchema<unknown> as v.GenericSchema<unknown, PathMessage>;
