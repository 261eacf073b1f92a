import * as v from 'valibot';
import type { Term } from '../../raft/types.ts';
import { countSchema, nodeIdSchema } from '../paths/path-schema.ts';
import { issueText, UnreadableLine } from './etcd-lines.ts';
import { type ObservedEvent, observedKinds, observedMessageTypes, observedRoles } from './observed-event.ts';

const stateSchema = v.strictObject({
  role: v.exactOptional(v.picklist(observedRoles)),
  term: v.exactOptional(countSchema),
  votedFor: v.exactOptional(v.nullable(nodeIdSchema)),
  commitIndex: v.exactOptional(countSchema),
  lastIndex: v.exactOptional(countSchema),
  lastTerm: v.exactOptional(countSchema),
  log: v.exactOptional(v.array(countSchema)),
});

const entriesSchema = v.union(
  [countSchema, v.array(countSchema), v.array(v.object({ term: countSchema }))],
  'Invalid entries: expected their number, a list of their terms, or a list of objects with a term',
);

const messageSchema = v.strictObject({
  type: v.picklist(observedMessageTypes),
  from: nodeIdSchema,
  to: nodeIdSchema,
  term: countSchema,
  lastLogIndex: v.exactOptional(countSchema),
  lastLogTerm: v.exactOptional(countSchema),
  voteGranted: v.exactOptional(v.boolean()),
  prevLogIndex: v.exactOptional(countSchema),
  prevLogTerm: v.exactOptional(countSchema),
  entries: v.exactOptional(entriesSchema),
  leaderCommit: v.exactOptional(countSchema),
  success: v.exactOptional(v.boolean()),
  matchIndex: v.exactOptional(countSchema),
  conflictTerm: v.exactOptional(countSchema),
  conflictIndex: v.exactOptional(countSchema),
  lastIncludedIndex: v.exactOptional(countSchema),
  lastIncludedTerm: v.exactOptional(countSchema),
  isHeartbeat: v.exactOptional(v.boolean()),
});

const lineSchema = v.strictObject({
  node: nodeIdSchema,
  what: v.picklist(observedKinds),
  message: v.exactOptional(messageSchema),
  state: v.exactOptional(stateSchema),
  when: v.exactOptional(v.picklist(['before', 'during', 'after'])),
  voters: v.exactOptional(v.array(nodeIdSchema)),
  outgoing: v.exactOptional(v.array(nodeIdSchema)),
  timer: v.exactOptional(v.picklist(['electionTimeout', 'quorumCheck'])),
  commands: v.exactOptional(v.pipe(countSchema, v.minValue(1), v.maxValue(100_000))),
  atMs: v.exactOptional(v.number()),
});

/** Whether an object looks like a line of the format for any implementation. */
export const isObservedLine = (line: unknown): boolean =>
  typeof line === 'object' && line !== null && 'node' in line && 'what' in line;

/** A line of the format for any implementation. Throws `UnreadableLine`. docs/traces-of-others.md */
export const observedLine = (line: unknown): ObservedEvent => {
  const parsed = v.safeParse(lineSchema, line);
  if (!parsed.success) throw new UnreadableLine(issueText(parsed.issues[0], ''));
  const { message, when = 'after', voters, outgoing, ...rest } = parsed.output;
  const { node, what } = rest;
  const members = {
    ...(voters === undefined ? {} : { voters: ascending(voters) }),
    ...(outgoing === undefined ? {} : { outgoing: ascending(outgoing) }),
  };
  if (what !== 'sent' && what !== 'received') {
    if (message !== undefined)
      throw new UnreadableLine(`message: Invalid line: nothing is sent or received in "${what}"`);
    return { ...rest, ...members, when };
  }
  if (message === undefined) throw new UnreadableLine(`message: Invalid line: "${what}" needs a message`);
  const end = what === 'sent' ? 'from' : 'to';
  if (message[end] !== node)
    throw new UnreadableLine(`message.${end}: Invalid node: expected ${node}, got ${message[end]}`);
  const { entries, ...fields } = message;
  const terms = typeof entries === 'object' ? entries.map(termOf) : entries;
  return {
    ...rest,
    ...members,
    when,
    message: { ...fields, ...(terms === undefined ? {} : { entries: terms }) },
  };
};

const termOf = (entry: Term | { readonly term: Term }): Term =>
  typeof entry === 'number' ? entry : entry.term;

const ascending = (ids: readonly number[]): readonly number[] => [...new Set(ids)].sort((a, b) => a - b);
