import * as v from 'valibot';
import type { ConfigurationStatus, MemberStatus } from '../../node/node.ts';
import {
  addressText,
  isClientUrl,
  isDiallable,
  maxAddressLength,
  parseAddress,
} from '../../ports/address.ts';
import { logIdPattern } from '../../ports/disk.ts';
import type { Member } from '../../raft/configuration.ts';
import type { MemberChange, Target } from '../../raft/members.ts';
import { targetAfter } from '../../raft/target.ts';
import type { NodeId } from '../../raft/types.ts';

/** The most members of a cluster. */
export const maxMembers = 9;
/** The most changes in one request. */
const maxChanges = 32;

const node = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(999));
const peer = v.pipe(
  v.string(),
  v.maxLength(maxAddressLength),
  v.check((text) => {
    const address = parseAddress(text);
    return address !== null && isDiallable(address);
  }),
  v.transform((text) => addressText(parseAddress(text)!)),
);
const client = v.nullable(
  v.pipe(
    v.string(),
    v.maxLength(maxAddressLength),
    v.check(isClientUrl),
    v.transform((text) => new URL(text).origin),
  ),
);
const change = v.variant('type', [
  v.strictObject({ type: v.literal('add'), node, peer, client: v.optional(client) }),
  v.strictObject({ type: v.picklist(['promote', 'demote', 'remove']), node }),
  v.strictObject({ type: v.literal('update'), node, peer: v.optional(peer), client: v.optional(client) }),
]);
const logId = v.pipe(v.string(), v.regex(logIdPattern));
const replacement = v.strictObject({ type: v.literal('replace'), node, logId: v.exactOptional(logId) });
const schema = v.strictObject({
  changes: v.pipe(
    v.array(v.variant('type', [...change.options, replacement])),
    v.minLength(1),
    v.maxLength(maxChanges),
  ),
});

/** What a client asks for. An address that it leaves out stays as it is. */
export type RequestedChange = v.InferOutput<typeof change>;

/** Another disk for a member: the one on which it has come, unless it is named. That takes several configurations, one after the other. */
export type RequestedReplacement = v.InferOutput<typeof replacement>;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads `{"changes":[{"type":"promote","node":4}]}`. Returns a sentence for the client if it is anything else. */
export const parseMembersRequest = (
  body: Uint8Array,
): readonly RequestedChange[] | RequestedReplacement | string => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(body));
  } catch {
    return 'the body is not JSON in UTF-8';
  }
  // valibot takes an array for an object.
  const { success, output, issues } = v.safeParse(schema, Array.isArray(parsed) ? null : parsed);
  if (success) {
    const [first] = output.changes;
    if (output.changes.length === 1 && first?.type === 'replace') return first;
    const changes = output.changes.filter((each) => each.type !== 'replace');
    if (changes.length === output.changes.length) return changes;
    return 'a replacement takes several configurations, so it stands alone in its request';
  }
  const [at, field] = (issues[0].path ?? []).slice(1).map(({ key }) => key);
  if (field === 'node') return `changes[${at}]: "node" must be a node's id, a number from 1 to 999`;
  if (field === 'peer')
    return `changes[${at}]: "peer" must be HOST:PORT where the others reach the node, such as 127.0.0.1:7004 or [::1]:7004`;
  if (field === 'client')
    return `changes[${at}]: "client" must be a URL such as http://127.0.0.1:8004, or null`;
  if (field === 'logId')
    return `changes[${at}]: "logId" must be the log id of a disk, 32 hexadecimal digits in lower case`;
  return (
    `the body must be {"changes":[…]} with 1 to ${maxChanges} of {"type":"add","node":ID,"peer":"HOST:PORT"}, ` +
    'promote, demote, remove, update and replace, and nothing else'
  );
};

/** The changes with everything that the client has left out; or a sentence for it: what it leaves out is not known. */
export const completeChanges = (
  changes: readonly RequestedChange[],
  { members }: ConfigurationStatus,
): readonly MemberChange[] | string => {
  const complete: MemberChange[] = [];
  // As they are after the changes before.
  const now: Record<NodeId, Pick<MemberStatus, 'peer' | 'client' | 'logId'>> = { ...members };
  for (const each of changes) {
    if (each.type !== 'add' && each.type !== 'update') {
      complete.push(each);
      if (each.type === 'remove') delete now[each.node];
      continue;
    }
    const { type, node: id } = each;
    const known = now[id];
    const address = each.peer ?? known?.peer ?? null;
    // Of a node that is not a member the chart says so.
    if (address === null && known !== undefined) {
      return `the configuration has no peer address of node${id} yet: name it as well`;
    }
    const member = {
      peer: address,
      client: each.client === undefined ? (known?.client ?? null) : each.client,
      logId: known?.logId ?? null,
    };
    complete.push({ type, node: id, member });
    if (type === 'add' || known !== undefined) now[id] = member;
  }
  return complete;
};

/** Members that a node which is being added could not reach, since no configuration says where they are. */
export const unreachableFor = (
  changes: readonly RequestedChange[],
  { members }: ConfigurationStatus,
): readonly NodeId[] => {
  const isNew = changes.some(({ type, node: id }) => type === 'add' && members[id] === undefined);
  if (!isNew) return [];
  const named = changes
    .filter(({ type }) => type !== 'promote' && type !== 'demote')
    .map((each) => each.node);
  return Object.keys(members)
    .map(Number)
    .filter((id) => members[id]!.peer === null && !named.includes(id));
};

/** The members after these changes, by the rule that the chart goes by; null: it says why there are none. */
export const targetIn = (
  changes: readonly MemberChange[],
  { voters, outgoing, learners, members }: ConfigurationStatus,
): Target | null => {
  const known = Object.entries(members).map(([id, { peer, client, logId }]): [string, Member] => [
    id,
    { peer, client, logId },
  ]);
  return targetAfter({ voters, outgoing, learners, members: Object.fromEntries(known) }, changes);
};

/** Two members that would have one peer address, which the first of them has not had before; null: there are none. */
export const sharedAddress = (
  target: Target,
  { members }: ConfigurationStatus,
): { readonly node: NodeId; readonly other: NodeId; readonly peer: string } | null => {
  const after = Object.entries(target.members).map(([id, { peer }]) => ({ id: Number(id), peer }));
  for (const { id, peer } of after) {
    if (peer === null || peer === members[id]?.peer) continue;
    const other = after.find((each) => each.id !== id && each.peer === peer);
    if (other !== undefined) return { node: id, other: other.id, peer };
  }
  return null;
};
