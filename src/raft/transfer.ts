import { assert } from './assert.ts';
import { currentConfiguration, isJoint } from './configuration.ts';
import type { RaftContext } from './context.ts';
import { type Decision, type RefusalReason, rejectedRequest, send } from './effects.ts';
import type { Raised, TransferRequested } from './inputs.ts';
import { termAt } from './log-shape.ts';
import type { Progress } from './progress.ts';
import type { NodeId } from './types.ts';

/** Whether the node that is to lead leads already. */
export const isTransferTargetSelf = (context: RaftContext, { target }: TransferRequested): boolean =>
  target === context.id;

/** Whether there is no such voter to hand over to. */
export const isTransferTargetUnknown = (context: RaftContext, event: TransferRequested): boolean =>
  targetOf(context, event) === null;

/** Whether the target holds the whole log, so that it can win. */
export const isTransferTargetReady = (context: RaftContext, event: TransferRequested): boolean => {
  const target = targetOf(context, event);
  return target !== null && holdsAll(context, context.progress[target]);
};

/** Takes no more commands, so that the target can catch up. Thesis §3.10, step 1. */
export const startTransfer = (context: RaftContext, event: TransferRequested): Decision => ({
  patch: { transferTarget: targetOf(context, event), transferId: event.id },
  effects: [],
});

/** Tells the target to campaign at once. Thesis §3.10, step 3. */
export const sendTimeoutNow = ({ id, currentTerm, transferTarget }: RaftContext): Decision => {
  assert(transferTarget !== null, 'somebody is to succeed the leader', transferTarget);
  return {
    patch: { hasHandedOver: true },
    effects: [send({ type: 'TimeoutNow', from: id, to: transferTarget, term: currentTerm })],
  };
};

/** The target did not take over in time: takes commands again at once, and leaves a joint configuration that waited. Thesis §3.10, last part. */
export const abandonTransfer = (context: RaftContext): Decision => ({
  patch: { transferTarget: null, transferId: 0 },
  raised: isJointCommitted(context) ? [{ type: 'JointCommitted' }] : [],
  effects: [rejectedRequest({ id: context.transferId }, context.id, 'transferTimedOut')],
});

/** Not the leader: the client is told who is, if that is known. */
export const redirectTransfer = (context: RaftContext, event: TransferRequested): Decision =>
  rejected(event, context.leaderId, 'notLeader');

/** The target leads: there is nothing to hand over. */
export const rejectTransferToSelf = (context: RaftContext, event: TransferRequested): Decision =>
  rejected(event, context.id, 'targetLeads');

/** There is no such voter. */
export const rejectUnknownTarget = (context: RaftContext, event: TransferRequested): Decision =>
  rejected(event, context.id, 'targetUnknown');

/** Another transfer is under way: the client is told who is to lead. */
export const rejectSecondTransfer = (context: RaftContext, event: TransferRequested): Decision =>
  rejected(event, context.transferTarget, 'transferring');

/** The next campaign tells the voters that the leader asked for it. Thesis §4.2.3. */
export const markTransfer = (): Decision => ({ patch: { isTransferCampaign: true }, effects: [] });

/** What is noticed when a follower's match has risen: it may be the one that is to lead. */
export const targetReadyBy = (context: RaftContext, from: NodeId, progress: Progress): readonly Raised[] =>
  context.transferTarget === from && holdsAll(context, progress) ? [{ type: 'TargetReady' }] : [];

/** Who is to succeed a leader that goes: whoever has been told already, since two would split the vote; else the best follower. Null: there is none. */
export const successorOf = (context: RaftContext): NodeId | null => {
  const { transferTarget: told, progress } = context;
  const mayLead = told !== null && candidatesOf(context).includes(told) && holdsAll(context, progress[told]);
  return mayLead ? told : bestFollower(context);
};

/** The follower that may lead and has most of the log, if possible one that has answered in this period; null: there is none. */
const bestFollower = (context: RaftContext): NodeId | null => {
  const { progress, heardFrom } = context;
  const heard = (id: NodeId) => (heardFrom.includes(id) ? 1 : 0);
  return (
    candidatesOf(context).toSorted(
      (a, b) => progress[b]!.matchIndex - progress[a]!.matchIndex || heard(b) - heard(a) || a - b,
    )[0] ?? null
  );
};

/** Who is to lead: the voter that was named, or else the follower that has most of the log. Null: there is none. */
const targetOf = (context: RaftContext, { target }: TransferRequested): NodeId | null => {
  if (target === null) return bestFollower(context);
  return candidatesOf(context).includes(target) ? target : null;
};

const candidatesOf = ({ configurations, progress, id }: RaftContext): readonly NodeId[] =>
  currentConfiguration(configurations).voters.filter(
    (voter) => voter !== id && progress[voter] !== undefined && progress[voter].state !== 'lost',
  );

const isJointCommitted = ({ configurations, commitIndex, log, currentTerm }: RaftContext): boolean => {
  const configuration = currentConfiguration(configurations);
  const isCommitted = configuration.index <= commitIndex && termAt(log, commitIndex) === currentTerm;
  return isJoint(configuration) && isCommitted;
};

const holdsAll = ({ log }: RaftContext, progress: Progress | undefined): boolean =>
  progress !== undefined && progress.state !== 'lost' && progress.matchIndex === log.lastIndex;

const rejected = (event: TransferRequested, leaderId: NodeId | null, reason: RefusalReason): Decision => ({
  patch: {},
  effects: [rejectedRequest(event, leaderId, reason)],
});
