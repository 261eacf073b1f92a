import {
  type Configuration,
  configurationAt,
  currentConfiguration,
  isJoint,
  isVoter,
  membersOf,
  sameIds,
  votersOf,
} from './configuration.ts';
import { encodeConfiguration } from './configuration-payload.ts';
import type { RaftContext } from './context.ts';
import { type Decision, type Effect, type RefusalReason, rejectedRequest, send } from './effects.ts';
import type { ConfigurationProposed, Raised } from './inputs.ts';
import { type Change, nothingReached } from './members.ts';
import { initialProgress, type Progress } from './progress.ts';
import { answered } from './reads.ts';
import { appendAndReplicate, heartbeats, peersOf } from './send-entries.ts';
import { isSameTarget, targetOf } from './target.ts';
import { successorOf } from './transfer.ts';
import type { Entry, LogIndex, NodeId } from './types.ts';

/** Whether the leadership is being handed over: the next leader takes changes again. */
export const isTransferring = ({ transferTarget }: RaftContext): boolean => transferTarget !== null;

/** Whether the members are already as asked for. */
export const isConfigurationUnchanged = (context: RaftContext, event: ConfigurationProposed): boolean => {
  const { voters, learners, members } = currentConfiguration(context.configurations);
  // That more is known by now of what is there is no reason for a change.
  const asked = event.changes.filter(({ type }) => type !== 'name');
  const target = targetOf(context, { ...event, changes: asked });
  return target !== null && isSameTarget(target, { voters, learners, members });
};

/** Whether nobody would vote any more. */
export const hasNoVoter = (context: RaftContext, event: ConfigurationProposed): boolean =>
  targetOf(context, event)?.voters.length === 0;

/**
 * Whether a voter, of now or of then, would be on another disk: what the one has promised and acknowledged must never count together with what
 * the other does, so a disk is exchanged only while its node is a learner, and promises nothing. Naming the disk that it has
 * exchanges nothing. Raft paper §5.2, §5.4; thesis §4.2.1.
 */
export const putsVoterOnOtherDisk = (context: RaftContext, event: ConfigurationProposed): boolean => {
  const current = currentConfiguration(context.configurations);
  const target = targetOf(context, event);
  if (target === null) return false;
  const kept = [...target.voters, ...target.learners];
  return [...votersOf(current), ...target.voters].some((id) => {
    const before = current.members[id]?.logId ?? null;
    const after = target.members[id]?.logId ?? null;
    if (before === after || !kept.includes(id)) return false;
    const isNamed = event.changes.some(
      (each) => each.type === 'name' && each.node === id && each.logId === after,
    );
    return before !== null || !isNamed;
  });
};

/** Whether a change names a node that is not a member, or not in the part that it has. */
export const namesUnknownMember = (context: RaftContext, event: ConfigurationProposed): boolean =>
  targetOf(context, event) === null;

/** Whether the voters stay as they are: then no majority changes, and one entry is enough. Thesis §4.2.1. */
export const keepsVoters = (context: RaftContext, event: ConfigurationProposed): boolean =>
  sameIds(targetOf(context, event)?.voters ?? [], currentConfiguration(context.configurations).voters);

/** Not the leader: the client is told who is, if that is known. */
export const redirectChange = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.leaderId, 'notLeader');

/** The leadership is being handed over: the client is told who is to lead. */
export const rejectWhileTransferring = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.transferTarget, 'transferring');

/** No entry of this term is committed yet. */
export const rejectUntilReady = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.id, 'notReady');

/** Another change is under way. */
export const rejectSecondChange = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.id, 'changing');

/** There is no such member, or not in that part. */
export const rejectUnknownMember = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.id, 'memberUnknown');

/** There is nothing to change. */
export const rejectUnchanged = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.id, 'unchanged');

/** Nobody would be left to vote. */
export const rejectWithoutVoter = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.id, 'noVoter');

/** A voter would be on another disk. */
export const rejectDiskOfVoter = (context: RaftContext, event: ConfigurationProposed): Decision =>
  rejected(event, context.id, 'voterOnOtherDisk');

/** Old and new voters decide together from now on. Thesis §4.3. */
export const appendJoint = (context: RaftContext, event: ConfigurationProposed): Decision => {
  const change = changeAtOnce(context, event);
  return enterJoint({ ...context, change });
};

/** The learners have caught up: old and new voters decide together from now on. Thesis §4.3. */
export const appendAwaitedJoint = (context: RaftContext): Decision => enterJoint(context);

/** The voters stay as they are: the new configuration is in force at once. */
export const appendConfiguration = (context: RaftContext, event: ConfigurationProposed): Decision => {
  const change = changeAtOnce(context, event);
  return appended({ ...context, change }, { ...change.target, outgoing: [] });
};

/** Both majorities have committed the joint configuration: the new voters decide alone from now on. Thesis §4.3. */
export const appendFinal = (context: RaftContext): Decision => {
  const { voters, learners, members } = currentConfiguration(context.configurations);
  const kept = [...voters, ...learners];
  return appended(context, {
    voters,
    outgoing: [],
    learners,
    members: Object.fromEntries(Object.entries(members).filter(([id]) => kept.includes(Number(id)))),
  });
};

/** The change is complete: says so, tells those who are members no longer, and forgets them. */
export const completeChange = (context: RaftContext): Decision => {
  const { change, configurations } = context;
  const configuration = currentConfiguration(configurations);
  const members = membersOf(configuration);
  const progress = Object.fromEntries(
    Object.entries(context.progress).filter(([id]) => members.includes(Number(id))),
  );
  // A last heartbeat with the commit index tells the removed that they are.
  const gone = peersOf(context).filter((id) => !members.includes(id));
  const farewell = heartbeats({
    ...context,
    progress: Object.fromEntries(gone.map((id) => [id, context.progress[id]!])),
  });
  const answer: readonly Effect[] =
    change === null ? [] : [{ type: 'acceptRequest', params: { id: change.id, index: configuration.index } }];
  return {
    patch: { change: null, progress, heardFrom: context.heardFrom.filter((id) => members.includes(id)) },
    effects: [...answer, ...farewell],
  };
};

/** Whether the leader is no voter any more: it has led until this was committed. Thesis §4.2.2. */
export const isSelfRemoved = (context: RaftContext): boolean =>
  !isVoter(currentConfiguration(context.configurations), context.id);

/** Lets the best follower campaign at once, rather than have everybody wait for an election timeout. Thesis §4.2.2, §3.10. */
export const handOver = (context: RaftContext): Decision => {
  const to = successorOf(context);
  return {
    patch: { leaderId: null },
    effects:
      to === null ? [] : [send({ type: 'TimeoutNow', from: context.id, to, term: context.currentTerm })],
  };
};

/** Whether the configuration in force is joint: whoever leads has to leave it. */
export const isJointInForce = (context: RaftContext): boolean =>
  isJoint(currentConfiguration(context.configurations));

/** Whether the configuration in force is not committed, as far as this leader knows. */
export const isConfigurationUncommitted = ({ configurations, commitIndex }: RaftContext): boolean =>
  currentConfiguration(configurations).index > commitIndex;

/**
 * Whether this node votes by none of its configurations that may count: only campaigning asks that. One that the latest leaves out may be
 * needed until that is committed: nobody else may have it. Thesis §4.2.2.
 */
export const isNotVoter = ({ configurations, commitIndex, id }: RaftContext): boolean => {
  const committed = configurationAt(configurations, commitIndex).index;
  return !configurations.some((each) => each.index >= committed && isVoter(each, id));
};

/** What a commit sets off: a configuration that has just been committed leads to the next step of its change. */
export const committedConfiguration = (before: RaftContext, commitIndex: LogIndex): readonly Raised[] => {
  const configuration = currentConfiguration(before.configurations);
  if (commitIndex === before.commitIndex || configuration.index > commitIndex) return [];
  // A joint configuration may have been committed long ago: its leader was lost, and this one leaves it with its first commit.
  if (isJoint(configuration)) return [{ type: 'JointCommitted' }];
  return configuration.index > before.commitIndex ? [{ type: 'FinalCommitted' }] : [];
};

/** A change for which nobody has to catch up. */
const changeAtOnce = (context: RaftContext, event: ConfigurationProposed): Change => ({
  id: event.id,
  target: targetOf(context, event)!,
  roundEnd: 0,
  rounds: 0,
  reached: nothingReached,
});

const enterJoint = (context: RaftContext): Decision => {
  const { target } = context.change!;
  const { voters: outgoing, members } = currentConfiguration(context.configurations);
  return appended(
    { ...context, change: { ...context.change!, rounds: 0 } },
    {
      voters: target.voters,
      outgoing,
      learners: target.learners,
      members: { ...members, ...target.members },
    },
  );
};

/**
 * Appends the configuration, which is in force from now on, and sends it to the members so far. Whoever is new has yet to be reached: the next
 * heartbeat finds what it holds. Thesis §4.1. Nothing is known of a learner that is on another disk now, nor held against one that had lost entries:
 * it counts for nothing before it has caught up.
 */
const appended = (context: RaftContext, configuration: Omit<Configuration, 'index'>): Decision => {
  const { change, currentTerm, id } = context;
  const index = context.log.lastIndex + 1;
  const inForce = { ...configuration, index };
  const configurations = [...context.configurations, inForce];
  const before = currentConfiguration(context.configurations);
  const fresh = initialProgress(context.log.lastIndex);
  const others = membersOf(inForce).filter((member) => member !== id);
  const added = others.filter((member) => context.progress[member] === undefined);
  const isRenewed = (member: NodeId): boolean =>
    !isVoter(inForce, member) &&
    (context.progress[member]!.state === 'lost' ||
      (before.members[member]?.logId ?? null) !== (inForce.members[member]?.logId ?? null));
  const renewed = others.filter((member) => !added.includes(member) && isRenewed(member));
  const entry: Entry = { term: currentTerm, kind: 'configuration', payload: encodeConfiguration(inForce) };
  const { patch, effects } = appendAndReplicate(
    { ...context, progress: { ...context.progress, ...progressOf(renewed, fresh) } },
    [entry],
  );
  const progress = { ...patch.progress, ...progressOf(added, fresh) };
  // Those whose answers were waited for may decide no more.
  const heard = answered({ ...context, configurations, progress });
  const heardFrom = context.heardFrom.filter((member) => !renewed.includes(member));
  return {
    patch: { ...patch, configurations, progress, change, heardFrom, ...heard.patch },
    effects,
    raised: heard.raised,
  };
};

const progressOf = (nodes: readonly NodeId[], progress: Progress): Readonly<Record<NodeId, Progress>> =>
  Object.fromEntries(nodes.map((node) => [node, progress]));

/** The change that this leader was asked for will be completed, or not, by another. */
export const refusedChange = ({ change }: RaftContext): readonly Effect[] =>
  change === null ? [] : [rejectedRequest(change, null, 'leadershipLost')];

const rejected = (
  event: ConfigurationProposed,
  leaderId: NodeId | null,
  reason: RefusalReason,
): Decision => ({
  patch: {},
  effects: [rejectedRequest(event, leaderId, reason)],
});
