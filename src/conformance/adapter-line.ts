import * as v from 'valibot';
import { countSchema, nodeIdSchema, timerNameSchema } from '../verify/paths/path-schema.ts';
import { AdapterUnusable } from './adapter.ts';
import { capabilityNames } from './capabilities.ts';
import type { AdapterRequest, AdapterResponse } from './protocol.ts';

const envelope = { from: nodeIdSchema, to: nodeIdSchema, term: countSchema };
const request = { ...envelope, lastLogIndex: countSchema, lastLogTerm: countSchema };
const vote = { ...envelope, voteGranted: v.boolean() };

const entry = v.object({ term: countSchema, kind: v.picklist(['command', 'noop']), payload: v.string() });

const message = v.variant('type', [
  v.object({ type: v.literal('RequestVote'), ...request }),
  v.object({ type: v.literal('PreVote'), ...request }),
  v.object({ type: v.literal('RequestVoteResponse'), ...vote }),
  v.object({ type: v.literal('PreVoteResponse'), ...vote }),
  v.object({
    type: v.literal('AppendEntries'),
    ...envelope,
    prevLogIndex: countSchema,
    prevLogTerm: countSchema,
    entries: v.array(entry),
    leaderCommit: countSchema,
  }),
  v.object({
    type: v.literal('AppendEntriesResponse'),
    ...envelope,
    success: v.boolean(),
    prevLogIndex: v.exactOptional(countSchema),
    matchIndex: v.exactOptional(countSchema),
    conflictTerm: v.exactOptional(countSchema),
    conflictIndex: v.exactOptional(countSchema),
  }),
]);

const state = v.object({
  role: v.picklist(['follower', 'preCandidate', 'candidate', 'leader']),
  term: countSchema,
  votedFor: v.nullable(nodeIdSchema),
  commitIndex: countSchema,
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
