import type { StoredLog } from '../../node/stored-log.ts';
import type { Queued, Write } from '../../node/write-order.ts';
import type { Configuration } from '../../raft/configuration.ts';
import { decodeConfiguration, encodeConfiguration } from '../../raft/configuration-payload.ts';
import type { RaftContext } from '../../raft/context.ts';
import type { MemberChange, Target } from '../../raft/members.ts';
import type { Message } from '../../raft/messages.ts';
import type { Progress } from '../../raft/progress.ts';
import type { Snapshot } from '../../raft/snapshot.ts';
import type { Entry, HardState, NodeId } from '../../raft/types.ts';
import type { History } from '../properties/history.ts';
import type { LocalNode } from './local-node.ts';

/** The new id of each node, by its old id. */
export type Renaming = (id: NodeId) => NodeId;

/** How each part of a context is renamed. A new part of the context does not compile until it says which ids it holds. */
const contextParts: {
  readonly [Part in keyof RaftContext]: (part: RaftContext[Part], to: Renaming) => RaftContext[Part];
} = {
  id: (id, to) => to(id),
  votedFor: (id, to) => optional(id, to),
  leaderId: (id, to) => optional(id, to),
  votesGranted: (ids, to) => members(ids, to),
  heardFrom: (ids, to) => members(ids, to),
  configurations: (all, to) => all.map((each) => renamedConfiguration(each, to)),
  snapshot: (snapshot, to) => renamedSnapshot(snapshot, to),
  incoming: (incoming, to) => incoming && renamedSnapshot(incoming, to),
  progress: (progress, to) => byMember(progress, to, (each) => renamedProgress(each, to)),
  settings: (settings) => settings,
  currentTerm: (term) => term,
  log: (log) => log,
  commitIndex: (index) => index,
  lastApplied: (index) => index,
  durableIndex: (index) => index,
  checkedIndex: (index) => index,
  checkedRound: (round) => round,
  round: (round) => round,
  reads: (reads, to) => reads.map((read) => ({ ...read, from: to(read.from) })),
  openRounds: (rounds) => rounds,
  leaseStartMs: (ms) => ms,
  nowMs: (ms) => ms,
  change: (change, to) => change && { ...change, target: renamedMembers(change.target, to) },
  transferTarget: (id, to) => optional(id, to),
  transferId: (id) => id,
  hasHandedOver: (has) => has,
  isTransferCampaign: (is) => is,
  electionTimeoutMs: (ms) => ms,
  randomState: (state) => state,
};

/** The same node under other names. */
export const renamedNode = (node: LocalNode, to: Renaming): LocalNode => ({
  ...node,
  context: renamedContext(node.context, to),
  log: renamedLog(node.log, to),
  checked: node.checked && renamedSnapshot(node.checked, to),
  disk: {
    ...node.disk,
    hardState: renamedVote(node.disk.hardState, to),
    snapshot: node.disk.snapshot && renamedSnapshot(node.disk.snapshot, to),
    log: renamedLog(node.disk.log, to),
  },
  queue: node.queue.map(
    (each): Queued =>
      each.type === 'write'
        ? { ...each, write: renamedWrite(each.write, to) }
        : { ...each, message: renamedMessage(each.message, to) },
  ),
});

const renamedContext = (context: RaftContext, to: Renaming): RaftContext => {
  const renamed: Record<string, unknown> = {};
  for (const [part, value] of Object.entries(context)) {
    renamed[part] = contextParts[part as keyof RaftContext](value as never, to);
  }
  return renamed as unknown as RaftContext;
};

export const renamedMessage = (message: Message, to: Renaming): Message => {
  const ends = { from: to(message.from), to: to(message.to) };
  switch (message.type) {
    case 'InstallSnapshot':
      return { ...message, ...ends, configuration: renamedConfiguration(message.configuration, to) };
    case 'AppendEntries':
      return { ...message, ...ends, entries: renamedEntries(message.entries, to) };
    default:
      return { ...message, ...ends };
  }
};

/** In the order of their nodes, of which there is one each: what the changes amount to does not depend on it. */
export const renamedChanges = (changes: readonly MemberChange[], to: Renaming): readonly MemberChange[] =>
  changes.map((change) => ({ ...change, node: to(change.node) })).sort((a, b) => a.node - b.node);

export const renamedHistory = (history: History, to: Renaming): History => ({
  leaders: history.leaders.map((each) => ({ ...each, node: to(each.node) })),
  committed: history.committed.map((each) => ({ ...each, committedBy: to(each.committedBy) })),
  lastCommitted: history.lastCommitted,
  reads: history.reads.map((each) => ({ ...each, node: to(each.node) })),
});

const renamedConfiguration = (configuration: Configuration, to: Renaming): Configuration => ({
  index: configuration.index,
  outgoing: members(configuration.outgoing, to),
  ...renamedMembers(configuration, to),
});

const renamedLog = (log: StoredLog, to: Renaming): StoredLog => ({
  ...log,
  entries: renamedEntries(log.entries, to),
});

const renamedEntries = (entries: readonly Entry[], to: Renaming): readonly Entry[] =>
  entries.some(({ kind }) => kind === 'configuration')
    ? entries.map((entry) => renamedEntry(entry, to))
    : entries;

const renamedEntry = (entry: Entry, to: Renaming): Entry => {
  const configuration = entry.kind === 'configuration' ? decodeConfiguration(entry.payload) : null;
  if (configuration === null) return entry;
  return { ...entry, payload: encodeConfiguration(renamedConfiguration(configuration, to)) };
};

const renamedMembers = (held: Target, to: Renaming): Target => ({
  voters: members(held.voters, to),
  learners: members(held.learners, to),
  members: byMember(held.members, to, (member) => member),
});

const renamedSnapshot = <Held extends Snapshot>(held: Held, to: Renaming): Held => ({
  ...held,
  configuration: renamedConfiguration(held.configuration, to),
});

const renamedProgress = (progress: Progress, to: Renaming): Progress =>
  progress.state === 'snapshot'
    ? { ...progress, snapshot: renamedSnapshot(progress.snapshot, to) }
    : progress;

const renamedWrite = (write: Write, to: Renaming): Write =>
  'snapshot' in write
    ? { ...renamedVote(write, to), snapshot: renamedSnapshot(write.snapshot, to) }
    : { ...renamedVote(write, to), entries: renamedEntries(write.entries, to) };

const renamedVote = <Held extends HardState>(held: Held, to: Renaming): Held => ({
  ...held,
  votedFor: optional(held.votedFor, to),
});

const optional = (id: NodeId | null, to: Renaming): NodeId | null => (id === null ? null : to(id));

/** Keys that are integers are always in ascending order, however they came in. */
const byMember = <Held>(
  all: Readonly<Record<NodeId, Held>>,
  to: Renaming,
  renamed: (held: Held) => Held,
): Readonly<Record<NodeId, Held>> =>
  Object.fromEntries(Object.entries(all).map(([id, each]) => [to(Number(id)), renamed(each)]));

const members = (ids: readonly NodeId[], to: Renaming): readonly NodeId[] =>
  ids.map(to).sort((a, b) => a - b);
