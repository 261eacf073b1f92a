import { currentConfiguration } from './configuration.ts';
import type { RaftContext } from './context.ts';
import { type Decision, type RefusalReason, send } from './effects.ts';
import type { Raised, TransferRequested } from './inputs.ts';
import type { Progress } from './progress.ts';
import type { NodeId } from './types.ts';

/** Whether the node that shall lead leads already. */
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
export const sendTimeoutNow = (context: RaftContext): Decision => ({
  patch: { hasHandedOver: true },
  effects:
    context.transferTarget === null
      ? []
      : [
          send({
            type: 'TimeoutNow',
            from: context.id,
            to: context.transferTarget,
            term: context.currentTerm,
          }),
        ],
});

/** The target did not take over in time: takes commands again at once. Thesis §3.10, last part. */
export const abandonTransfer = (context: RaftContext): Decision => ({
  patch: { transferTarget: null, transferId: 0 },
  effects: [
    {
      type: 'rejectRequest',
      params: { id: context.transferId, leaderId: context.id, reason: 'transferTimedOut' },
    },
  ],
});

/** Refuses the request, and says why. */
export const rejectTransfer = (context: RaftContext, event: TransferRequested): Decision => {
  const reason = refusalOf(context, event);
  const leaderId = reason === 'transferring' ? context.transferTarget : context.leaderId;
  return { patch: {}, effects: [{ type: 'rejectRequest', params: { id: event.id, leaderId, reason } }] };
};

/** The next campaign tells the voters that the leader asked for it. Thesis §4.2.3. */
export const markTransfer = (): Decision => ({ patch: { isTransferCampaign: true }, effects: [] });

/** What a follower's progress sets off while the leader hands over to it. */
export const matchedFor = (context: RaftContext, from: NodeId, progress: Progress): readonly Raised[] =>
  context.transferTarget === from && holdsAll(context, progress) ? [{ type: 'TargetReady' }] : [];

/** Who shall lead: the voter that was named, or else the follower that has most of the log. Null: there is none. */
const targetOf = (context: RaftContext, { target }: TransferRequested): NodeId | null => {
  const { configurations, progress, id } = context;
  const candidates = currentConfiguration(configurations).voters.filter(
    (voter) => voter !== id && progress[voter] !== undefined && progress[voter].state !== 'lost',
  );
  if (target !== null) return candidates.includes(target) ? target : null;
  const best = candidates.toSorted((a, b) => progress[b]!.matchIndex - progress[a]!.matchIndex || a - b);
  return best[0] ?? null;
};

const holdsAll = ({ log }: RaftContext, progress: Progress | undefined): boolean =>
  progress !== undefined && progress.state !== 'lost' && progress.matchIndex === log.lastIndex;

const refusalOf = (context: RaftContext, { target }: TransferRequested): RefusalReason => {
  if (context.leaderId !== context.id) return 'notLeader';
  if (target === context.id) return 'targetLeads';
  return context.transferTarget === null ? 'targetUnknown' : 'transferring';
};
