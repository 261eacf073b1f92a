/**
 * What the lines between the kit and an adapter look like: the kit reads answers with it, this repository's own adapter reads requests with
 * it, and docs/conformance-protocol.schema.json is written from it.
 */
import * as v from 'valibot';
import { messageTypes } from '../raft/message-table.ts';
import type { MessageType } from '../raft/messages.ts';
import {
  countSchema,
  entryFields,
  memberChangeSchema,
  messageFields,
  nodeIdSchema,
  pathMessageSchema,
  timerNameSchema,
} from '../verify/paths/path-schema.ts';
import { capabilityNames } from './capabilities.ts';
import {
  type AdapterRequest,
  type AdapterResponse,
  adapterProtocolVersion,
  optionalFields,
} from './protocol.ts';

const atLeastOne = v.pipe(countSchema, v.minValue(1));

const initSchema = v.strictObject({
  do: v.literal('init'),
  version: v.literal(adapterProtocolVersion),
  id: nodeIdSchema,
  voters: v.array(nodeIdSchema),
  disk: v.picklist(['prompt', 'slow']),
  settings: v.strictObject({
    maxEntriesPerMessage: atLeastOne,
    maxMessageBytes: atLeastOne,
    maxMessagesInFlight: atLeastOne,
    leaseReads: v.boolean(),
    trailingEntries: countSchema,
    maxCatchUpRounds: atLeastOne,
  }),
});

/** A line from the kit. */
export const requestSchema: v.GenericSchema<unknown, AdapterRequest> = v.variant('do', [
  initSchema,
  v.strictObject({
    do: v.literal('deliver'),
    message: pathMessageSchema,
    nowMs: v.exactOptional(countSchema),
  }),
  v.strictObject({ do: v.literal('timeout'), timer: timerNameSchema }),
  v.strictObject({ do: v.literal('propose'), commands: v.pipe(v.array(v.string()), v.minLength(1)) }),
  v.strictObject({ do: v.literal('transfer'), target: v.nullable(nodeIdSchema) }),
  v.strictObject({ do: v.literal('change'), changes: v.array(memberChangeSchema) }),
  v.strictObject({ do: v.literal('read'), id: countSchema, nowMs: v.exactOptional(countSchema) }),
  v.strictObject({ do: v.literal('restart') }),
  v.strictObject({ do: v.literal('durable'), writes: v.exactOptional(v.literal(1)) }),
  v.strictObject({ do: v.literal('applied') }),
  v.strictObject({ do: v.literal('snapshot') }),
  v.strictObject({ do: v.literal('checked'), isSound: v.boolean() }),
  v.strictObject({ do: v.literal('state') }),
]);

/** An entry in a message from an adapter: here and below, fields that nobody asked for are ignored. */
export const sentEntrySchema = v.object(entryFields);

const optional: Readonly<Partial<Record<MessageType, readonly string[]>>> = optionalFields;

const sentSchemaOf = (type: MessageType) => {
  const mayBeMissing = (name: string) => optional[type]?.includes(name) ?? false;
  return v.object({
    type: v.literal(type),
    ...Object.fromEntries(
      Object.entries(messageFields(type, sentEntrySchema)).map(([name, field]) => [
        name,
        mayBeMissing(name) ? v.exactOptional(field) : field,
      ]),
    ),
  });
};

/** A message that has left the node. */
export const sentMessageSchema = v.variant(
  'type',
  messageTypes.map(sentSchemaOf) as [ReturnType<typeof sentSchemaOf>],
);

export const stateSchema = v.object({
  role: v.picklist(['follower', 'preCandidate', 'candidate', 'leader']),
  term: countSchema,
  votedFor: v.nullable(nodeIdSchema),
  commitIndex: countSchema,
  logBegin: v.exactOptional(v.strictObject({ index: countSchema, term: countSchema })),
  log: v.exactOptional(v.array(countSchema)),
});

/** Which of them an implementation has; a name that the kit does not know is a mistake. */
export const capabilitiesSchema = v.pipe(
  v.unknown(),
  // To valibot, a list is an object as well.
  v.check((value) => !Array.isArray(value), 'expected an object such as {"showsLog":true}, not a list'),
  v.partial(
    v.strictObject(
      Object.fromEntries(capabilityNames.map((name) => [name, v.boolean()])),
      ({ expected, message }) =>
        expected === 'never' ? `no such capability; there are ${capabilityNames.join(', ')}` : message,
    ),
  ),
);

/** A line from an adapter. */
export const responseSchema = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    state: stateSchema,
    sent: v.array(sentMessageSchema),
    timers: v.exactOptional(v.array(timerNameSchema)),
    implementation: v.exactOptional(v.object({ name: v.string(), version: v.string() })),
    capabilities: v.exactOptional(capabilitiesSchema),
  }),
  v.object({ ok: v.literal(false), error: v.string() }),
]) as v.GenericSchema<unknown> as v.GenericSchema<unknown, AdapterResponse>;
