import * as v from 'valibot';
import { messageTypes } from '../raft/message-table.ts';
import type { MessageType } from '../raft/messages.ts';
import {
  countSchema,
  entryFields,
  messageFields,
  nodeIdSchema,
  timerNameSchema,
} from '../verify/paths/path-schema.ts';
import { AdapterUnusable } from './adapter.ts';
import { capabilityNames } from './capabilities.ts';
import type { AdapterRequest, AdapterResponse } from './protocol.ts';

/** What an adapter may leave out, by type of message. */
const optionalFields: Readonly<Partial<Record<MessageType, readonly string[]>>> = {
  RequestVote: ['leadershipTransfer'],
  AppendEntries: ['round'],
  AppendEntriesResponse: ['prevLogIndex', 'matchIndex', 'conflictTerm', 'conflictIndex', 'round'],
};

/** Fields that nobody asked for are ignored. */
const schemaOf = (type: MessageType) => {
  const fields = messageFields(type, v.object(entryFields));
  const mayBeMissing = (name: string) => optionalFields[type]?.includes(name) ?? false;
  return v.object({
    type: v.literal(type),
    ...Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        mayBeMissing(name) ? v.exactOptional(field) : field,
      ]),
    ),
  });
};

const message = v.variant('type', messageTypes.map(schemaOf) as [ReturnType<typeof schemaOf>]);

const state = v.object({
  role: v.picklist(['follower', 'preCandidate', 'candidate', 'leader']),
  term: countSchema,
  votedFor: v.nullable(nodeIdSchema),
  commitIndex: countSchema,
  logBegin: v.exactOptional(v.strictObject({ index: countSchema, term: countSchema })),
  log: v.exactOptional(v.array(countSchema)),
});

const capabilities = v.partial(
  v.strictObject(
    Object.fromEntries(capabilityNames.map((name) => [name, v.boolean()])),
    ({ expected, message }) =>
      expected === 'never' ? `no such capability; there are ${capabilityNames.join(', ')}` : message,
  ),
);

const response = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    state,
    sent: v.array(message),
    timers: v.exactOptional(v.array(timerNameSchema)),
    implementation: v.exactOptional(v.object({ name: v.string(), version: v.string() })),
    capabilities: v.exactOptional(capabilities),
  }),
  v.object({ ok: v.literal(false), error: v.string() }),
]);

/**
 * Reads a line with which an adapter answers a request. Throws `AdapterUnusable`, in one line that says what was asked, what came and
 * what is wrong with it.
 */
export const parseAdapterLine = (line: string, request: AdapterRequest): AdapterResponse => {
  const unusable = (what: string) => new AdapterUnusable(`${what}; it was asked ${JSON.stringify(request)}`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw unusable(
      `the adapter answered what is not JSON, one object on one line (all else goes to standard error): ${shortened(line)}`,
    );
  }
  const result = v.safeParse(response, value);
  if (result.success) return result.output as AdapterResponse;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'the line';
  // What is around the place, or where it should be.
  const around = JSON.stringify(issue.path?.at(-1)?.input) ?? line;
  throw unusable(
    `the adapter's answer is not of the protocol: ${where}: ${issue.message}, in ${shortened(around)}`,
  );
};

const shortened = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 197)}…`);
