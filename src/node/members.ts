import { isTellable, maxAddressLength } from '../ports/address.ts';
import type { MemberChange } from '../raft/members.ts';
import { type NodeId, nodeName } from '../raft/types.ts';

/** `1,2,3`: the form in which people give lists of nodes. */
export const idList = (ids: readonly NodeId[]): string => ids.toSorted((a, b) => a - b).join(',');

/**
 * What is wrong with members that were named when a node was started again, in one line; null if nothing is. They may be those
 * of its first start, so that a unit file can keep its flags for ever, or those of a `current` configuration.
 */
export const namedMembersFault = (
  named: readonly NodeId[],
  first: readonly NodeId[],
  current: readonly NodeId[],
): string | null => {
  if ([first, current].some((members) => idList(members) === idList(named))) return null;
  const known =
    idList(first) === idList(current)
      ? `the cluster of its data directory has ${idList(first)}`
      : `the cluster of its data directory began with ${idList(first)} and has ${idList(current)} now`;
  return `with --id and --peers this node is started as one of ${idList(named)}, but ${known}: leave out --peers to go on with those`;
};

/** Why `peer`, which began in another cluster than `self`, cannot be one of its members; null if both began in one. */
export const foundersFault = (
  peer: { readonly id: NodeId; readonly firstMembers: readonly NodeId[] },
  self: { readonly id: NodeId; readonly firstMembers: readonly NodeId[] },
): string | null => {
  const [theirs, ours] = [idList(peer.firstMembers), idList(self.firstMembers)];
  if (theirs === ours) return null;
  return (
    `${nodeName(peer.id)} was first started as one of ${theirs}, ${nodeName(self.id)} as one of ${ours}, so they are not of one cluster: ` +
    `the one that is wrong must start on an empty data directory, with the --peers of the other or with --join`
  );
};

/** Says that `node` has been a member, and no longer is. */
export const removedWords = (node: NodeId): string => `${nodeName(node)} was removed from the cluster`;

/** Says what makes `node`, which is reached by its peers at `address`, a member. */
export const notAddedWords = (node: NodeId, address: string | null): string =>
  `${nodeName(node)} is waiting to be added: raft-client member add ${node} --peer ${address ?? 'HOST:PORT'}`;

/** What to do about `node`, which has come with another disk than its own. */
export const replacementWords = (node: NodeId): string =>
  `bring its data directory back, or let this disk take its place: raft-client member replace ${node}`;

/** What to do about `node`, whose disk has lost what it held. */
export const lostDiskWords = (node: NodeId): string =>
  `bring its data directory back, or start it on an empty one and let that take its place: raft-client member replace ${node}`;

/** Throws a `RangeError` for an address that cannot be told: it would stop every node that has to tell it. */
export const refuseUntellable = (changes: readonly MemberChange[]): void => {
  for (const { node, ...change } of changes) {
    if (!('member' in change)) continue;
    const { peer, client } = change.member;
    if (isTellable(peer) && isTellable(client)) continue;
    throw new RangeError(
      `an address is one line of 1 to ${maxAddressLength} characters: those of ${nodeName(node)} are ${JSON.stringify({ peer, client })}`,
    );
  }
};
