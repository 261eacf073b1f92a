import {
  type Configuration,
  configurationAt,
  currentConfiguration,
  isJoint,
  isVoter,
  type Member,
  membersOf,
  votersOf,
} from './configuration.ts';
import { encodeConfiguration } from './configuration-payload.ts';
import type { RaftContext } from './context.ts';
import { type Decision, type Effect, type RefusalReason, send } from './effects.ts';
import type { ConfigurationProposed, Raised } from './inputs.ts';
import { append } from './log-shape.ts';
import { nothingReached, type Reached, type Target } from './members.ts';
import { initialProgress, type Progress } from './progress.ts';
import { answered } from './reads.ts';
import { fillPipeline, heartbeats, peersOf } from './send-entries.ts';
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
  return target !== null && isSame(target, { voters, learners, members });
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

/** Whether a learner that shall vote lacks entries, or has not answered since the last quorum check. Thesis §4.2.1. */
export const needsCatchUp = (context: RaftContext, event: ConfigurationProposed): boolean => {
  const target = targetOf(context, event);
  return target !== null && !hasReached(context, target, context.log.lastIndex);
};

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

/** Sends the learners what they lack, before they vote: the first round goes up to the present end of the log. Thesis §4.2.1. */
export const startCatchUp = (context: RaftContext, event: ConfigurationProposed): Decision => {
  const target = targetOf(context, event)!;
  const roundEnd = context.log.lastIndex;
  const change = { id: event.id, target, roundEnd, rounds: 1 };
  return { patch: { change: { ...change, reached: reachedBy(context, target, roundEnd) } }, effects: [] };
};

/** Whether the learners have had as many rounds as they may have. */
export const isCatchUpExhausted = ({ change, settings }: RaftContext): boolean =>
  change !== null && change.rounds >= settings.maxCatchUpRounds;

/** The round took too long: the next one goes up to what has been appended meanwhile. */
export const startNextRound = (context: RaftContext): Decision => ({
  patch: {
    change: context.change && {
      ...context.change,
      roundEnd: context.log.lastIndex,
      rounds: context.change.rounds + 1,
    },
  },
  effects: [],
});

/** Whether the learners hold no more than when last looked at. */
export const isCatchUpStuck = (context: RaftContext): boolean => {
  const { change } = context;
  if (change === null) return false;
  const { entries, bytes } = reachedBy(context, change.target, change.roundEnd);
  return entries === change.reached.entries && bytes <= change.reached.bytes;
};

/** Notes how far the learners have come. */
export const noteCatchUp = (context: RaftContext): Decision => ({
  patch: {
    change: context.change && {
      ...context.change,
      reached: reachedBy(context, context.change.target, context.change.roundEnd),
    },
  },
  effects: [],
});

/** The learners do not catch up: they stay what they are, and no majority has changed. */
export const abandonChange = (context: RaftContext): Decision => ({
  patch: { change: null },
  effects: refused(context, 'notCaughtUp'),
});

/** Old and new voters decide together from now on. Thesis §4.3. */
export const appendJoint = (context: RaftContext, event: ConfigurationProposed): Decision => {
  const target = targetOf(context, event)!;
  const change = { id: event.id, target, roundEnd: 0, rounds: 0, reached: nothingReached };
  return enterJoint({ ...context, change });
};

/** The learners have caught up: old and new voters decide together from now on. Thesis §4.3. */
export const appendAwaitedJoint = (context: RaftContext): Decision => enterJoint(context);

/** The voters stay as they are: the new configuration is in force at once. */
export const appendConfiguration = (context: RaftContext, event: ConfigurationProposed): Decision => {
  const target = targetOf(context, event)!;
  const change = { id: event.id, target, roundEnd: 0, rounds: 0, reached: nothingReached };
  return appended({ ...context, change }, { ...target, outgoing: [] });
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

/** What a follower's answer sets off while learners catch up. */
export const caughtUpFor = (context: RaftContext, progress: RaftContext['progress']): readonly Raised[] => {
  const { change } = context;
  if (change === null || change.rounds === 0) return [];
  return hasReached({ ...context, progress }, change.target, change.roundEnd) ? [{ type: 'CaughtUp' }] : [];
};

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
  const { settings, currentTerm, votedFor, id } = context;
  const firstIndex = context.log.lastIndex + 1;
  const entry: Entry = {
    term: currentTerm,
    kind: 'configuration',
    payload: encodeConfiguration({ ...configuration, index: firstIndex }),
  };
  const log = append(context.log, [entry], settings.maxMessageBytes);
  const inForce = { ...configuration, index: firstIndex };
  const next = { ...context, log, configurations: [...context.configurations, inForce] };
  const progress: Record<NodeId, Progress> = { ...context.progress };
  const before = currentConfiguration(context.configurations);
  const isNew = (member: NodeId): boolean =>
    !isVoter(inForce, member) &&
    (progress[member]?.state === 'lost' ||
      (before.members[member]?.logId ?? null) !== (inForce.members[member]?.logId ?? null));
  const others = membersOf(inForce).filter((member) => member !== id);
  const renewed = others.filter((member) => progress[member] !== undefined && isNew(member));
  for (const member of others) {
    if (progress[member] === undefined || renewed.includes(member))
      progress[member] = initialProgress(context.log.lastIndex);
  }
  const effects: Effect[] = [
    {
      type: 'persist',
      params: { currentTerm, votedFor, firstIndex, entries: [entry], lastIndex: log.lastIndex },
    },
  ];
  for (const to of Object.keys(context.progress).map(Number)) {
    const more = fillPipeline({ ...next, progress }, to, progress[to]!);
    progress[to] = more.progress;
    effects.push(...more.effects);
  }
  const { change, configurations } = next;
  const heardFrom = context.heardFrom.filter((member) => !renewed.includes(member));
  // Those whose answers were waited for may decide no more.
  const heard = answered({ ...next, progress });
  return {
    patch: { log, configurations, progress, change, heardFrom, ...heard.patch },
    effects,
    raised: heard.raised,
  };
};

/** The members as the proposal wants them; null: it names one that is not there, or not in that part. */
const targetOf = (context: RaftContext, { changes }: ConfigurationProposed): Target | null => {
  const current = currentConfiguration(context.configurations);
  let voters = new Set(current.voters);
  const learners = new Set(current.learners);
  const members: Record<NodeId, Member> = { ...current.members };
  for (const change of changes) {
    const { node } = change;
    const isMember = voters.has(node) || learners.has(node);
    switch (change.type) {
      case 'add':
        if (!isMember) learners.add(node);
        members[node] = updated(members[node], change.member);
        break;
      case 'promote':
        // One that is only being added has to catch up first, as a learner.
        if (!isMember || !membersOf(current).includes(node)) return null;
        learners.delete(node);
        voters.add(node);
        if (members[node] !== undefined) {
          const { wasVoter: _, ...member } = members[node];
          members[node] = member;
        }
        break;
      case 'demote':
        if (!isMember) return null;
        if (change.isReplaced && voters.has(node) && members[node] !== undefined) {
          members[node] = { ...members[node], wasVoter: true };
        }
        voters.delete(node);
        learners.add(node);
        break;
      case 'remove':
        voters.delete(node);
        learners.delete(node);
        delete members[node];
        break;
      case 'update':
        if (!isMember) return null;
        members[node] = updated(members[node], change.member);
        break;
      case 'name':
        if (members[node]?.logId === null) members[node] = { ...members[node], logId: change.logId };
    }
  }
  voters = new Set([...voters].sort((a, b) => a - b));
  return { voters: [...voters], learners: [...learners].sort((a, b) => a - b), members };
};

/** A member that stays on its disk unless another is named. */
const updated = (before: Member | undefined, after: Member): Member => ({
  ...after,
  logId: after.logId ?? before?.logId ?? null,
  ...(before?.wasVoter ? { wasVoter: true } : {}),
});

const rejected = (
  { id }: ConfigurationProposed,
  leaderId: NodeId | null,
  reason: RefusalReason,
): Decision => ({
  patch: {},
  effects: [{ type: 'rejectRequest', params: { id, leaderId, reason } }],
});

const refused = ({ change, id }: RaftContext, reason: RefusalReason): readonly Effect[] =>
  change === null ? [] : [{ type: 'rejectRequest', params: { id: change.id, leaderId: id, reason } }];

/** The change that this leader was asked for will be completed, or not, by another. */
export const refusedChange = (context: RaftContext): readonly Effect[] =>
  context.change === null
    ? []
    : [
        {
          type: 'rejectRequest',
          params: { id: context.change.id, leaderId: null, reason: 'leadershipLost' },
        },
      ];

/**
 * Whether every voter to be that does not vote yet holds the log up to `index`, and has answered since the last quorum check: one that is gone
 * may have held it all, and with its vote the new majority could be out of reach.
 */
const hasReached = (
  { configurations, progress, heardFrom, id }: RaftContext,
  target: Target,
  index: LogIndex,
): boolean =>
  newVoters(configurations, target).every(
    (node) => node === id || (heardFrom.includes(node) && (progress[node]?.matchIndex ?? 0) >= index),
  );

const reachedBy = (
  { configurations, progress }: RaftContext,
  target: Target,
  roundEnd: LogIndex,
): Reached => {
  let [entries, bytes] = [0, 0];
  for (const node of newVoters(configurations, target)) {
    const known = progress[node];
    if (known === undefined) continue;
    entries += Math.min(known.matchIndex, roundEnd);
    bytes += known.state === 'snapshot' ? known.offset : 0;
  }
  return { entries, bytes };
};

const newVoters = (configurations: RaftContext['configurations'], { voters }: Target): readonly NodeId[] =>
  voters.filter((node) => !currentConfiguration(configurations).voters.includes(node));

const sameIds = (some: readonly NodeId[], others: readonly NodeId[]): boolean =>
  some.length === others.length && some.every((id, at) => id === others[at]);

const isSame = (a: Target, b: Target): boolean =>
  sameIds(a.voters, b.voters) &&
  sameIds(a.learners, b.learners) &&
  JSON.stringify(sorted(a.members)) === JSON.stringify(sorted(b.members));

const sorted = (members: Configuration['members']) =>
  Object.entries(members)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, { peer, client, logId, wasVoter = false }]) => [id, peer, client, logId, wasVoter]);
