import * as v from 'valibot';
import { type AdapterRequest, adapterProtocolVersion } from '../../conformance/protocol.ts';
import {
  countSchema,
  memberChangeSchema,
  nodeIdSchema,
  pathMessageSchema,
  timerNameSchema,
} from '../../verify/paths/path-schema.ts';

const atLeastOne = v.pipe(countSchema, v.minValue(1));

const requestSchema: v.GenericSchema<unknown, AdapterRequest> = v.variant('do', [
  v.strictObject({
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
  }),
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

/** One line of the kit. Throws an `Error` of one line that says what is wrong with it. */
export const parseRequest = (line: string): AdapterRequest => {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    throw new Error('the line is not JSON');
  }
  const parsed = v.safeParse(requestSchema, found);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'the request'}: ${issue.message}`);
};
