import { describe, expect, it } from 'vitest';
import { firstConfiguration } from '../../src/raft/configuration.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import type { Decision } from '../../src/raft/effects.ts';
import { startElection, startPreVote } from '../../src/raft/election.ts';
import type { Progress } from '../../src/raft/progress.ts';
import { recordMatch, rejectProposals } from '../../src/raft/replication.ts';
import { isDisruptiveVote } from '../../src/raft/term.ts';
import {
  abandonTransfer,
  isTransferTargetReady,
  isTransferTargetSelf,
  isTransferTargetUnknown,
  markTransfer,
  redirectTransfer,
  rejectSecondTransfer,
  rejectTransferToSelf,
  rejectUnknownTarget,
  sendTimeoutNow,
  startTransfer,
  targetReadyBy,
} from '../../src/raft/transfer.ts';
import {
  appendEntries,
  appendResponse,
  contextOf,
  logOf,
  paramsOf,
  requestVote,
  sendsOf,
} from './contexts.ts';

const matching = (matchIndex: number, patch: Partial<Progress> = {}): Progress =>
  ({
    state: 'replicate',
    nextIndex: matchIndex + 1,
    matchIndex,
    matchRound: 0,
    round: 0,
    inflight: [],
    ...patch,
  }) as Progress;

/** Leader 1 of term 5 with two entries: node 2 has one of them, node 3 both. */
const leader = (patch: Partial<RaftContext> = {}): RaftContext =>
  contextOf({
    currentTerm: 5,
    leaderId: 1,
    log: logOf(5, 5),
    progress: { 2: matching(1), 3: matching(2) },
    ...patch,
  });

const to = (target: number | null, id = 9) => ({ type: 'TransferRequested', id, target }) as const;
const answerOf = ({ effects }: Decision) => paramsOf(effects, 'rejectRequest');

describe('the target of a transfer', () => {
  it('is another voter (thesis §3.10)', () => {
    expect(isTransferTargetSelf(leader(), to(1))).toBe(true);
    expect(isTransferTargetSelf(leader(), to(2))).toBe(false);
    expect([2, 3, 1, 9].map((target) => isTransferTargetUnknown(leader(), to(target)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('is, if none is named, the follower that has most of the log; of two, one that has answered; of these, the lower id', () => {
    expect(startTransfer(leader(), to(null)).patch).toEqual({ transferTarget: 3, transferId: 9 });
    const equal = leader({ progress: { 2: matching(2), 3: matching(2) } });
    expect(startTransfer(equal, to(null)).patch.transferTarget).toBe(2);
    expect(startTransfer({ ...equal, heardFrom: [3] }, to(null)).patch.transferTarget).toBe(3);
    expect(startTransfer(leader({ heardFrom: [2] }), to(null)).patch.transferTarget).toBe(3);
  });

  it('is none that has lost entries, and there may be none at all', () => {
    const lost = leader({ progress: { 2: matching(1), 3: matching(2, { state: 'lost' }) } });
    expect(startTransfer(lost, to(null)).patch.transferTarget).toBe(2);
    expect(isTransferTargetUnknown(lost, to(3))).toBe(true);
    expect(isTransferTargetReady(lost, to(3))).toBe(false);
    const alone = contextOf({ currentTerm: 5, leaderId: 1 }, { voters: [1] });
    expect(isTransferTargetUnknown(alone, to(null))).toBe(true);
  });

  it('is ready once it holds the whole log (thesis §3.10, step 2)', () => {
    expect(isTransferTargetReady(leader(), to(3))).toBe(true);
    expect(isTransferTargetReady(leader(), to(2))).toBe(false);
    expect(isTransferTargetReady(leader(), to(null))).toBe(true);
  });

  it('is noticed to be ready by its own answer, and by no other (thesis §3.10, step 2)', () => {
    const context = leader({ transferTarget: 2 });
    const raised = (from: number, matchIndex: number, patch: Partial<RaftContext> = {}) =>
      recordMatch({ ...context, ...patch }, appendResponse({ from, matchIndex })).raised;
    expect(raised(2, 2)).toEqual([{ type: 'TargetReady' }]);
    expect(raised(2, 1)).toEqual([]);
    expect(raised(3, 2)).toEqual([]);
    expect(raised(2, 2, { transferTarget: null })).toEqual([]);
    expect(targetReadyBy(context, 2, matching(2, { state: 'lost' }))).toEqual([]);
  });
});

describe('a transfer', () => {
  it('tells the target to campaign, and is remembered in that term (thesis §3.10, step 3)', () => {
    const { patch, effects } = sendTimeoutNow(leader({ transferTarget: 3 }));
    expect(patch).toEqual({ hasHandedOver: true });
    expect(sendsOf(effects)).toEqual([{ type: 'TimeoutNow', from: 1, to: 3, term: 5 }]);
  });

  it('refuses commands meanwhile, and names who is to lead (thesis §3.10, step 1)', () => {
    const proposals = [{ id: 4, payload: Uint8Array.of(1) }];
    const answer = rejectProposals(leader({ transferTarget: 3 }), { type: 'Proposed', proposals });
    expect(paramsOf(answer.effects, 'reject')).toEqual([{ ids: [4], leaderId: 3 }]);
  });

  it('that is given up leaves nothing behind but that a message may still arrive (thesis §3.10)', () => {
    const { patch, effects } = abandonTransfer(
      leader({ transferTarget: 3, transferId: 9, hasHandedOver: true }),
    );
    expect(patch).toEqual({ transferTarget: null, transferId: 0 });
    expect(effects).toEqual([
      { type: 'rejectRequest', params: { id: 9, leaderId: 1, reason: 'transferTimedOut' } },
    ]);
  });

  it('that is given up lets a joint configuration be left that was committed meanwhile (thesis §4.3)', () => {
    const joint = { ...firstConfiguration([1, 2, 4]), outgoing: [1, 2, 3], index: 2 };
    const context = leader({ transferTarget: 3, configurations: [joint] });
    const { lastIndex } = context.log;
    const raised = [{ type: 'JointCommitted' }];
    expect(abandonTransfer({ ...context, commitIndex: lastIndex }).raised).toEqual(raised);
    expect(abandonTransfer({ ...context, commitIndex: 1 }).raised).toEqual([]);
    const settled = [{ ...joint, outgoing: [] }];
    expect(abandonTransfer({ ...context, configurations: settled, commitIndex: lastIndex }).raised).toEqual(
      [],
    );
  });

  it('is refused with a reason, and who leads or is to lead', () => {
    const request = to(2);
    const following = contextOf({ currentTerm: 5, leaderId: 3 });
    expect(answerOf(redirectTransfer(following, request))).toEqual([
      { id: 9, leaderId: 3, reason: 'notLeader' },
    ]);
    expect(answerOf(redirectTransfer({ ...following, leaderId: null }, request))).toEqual([
      { id: 9, leaderId: null, reason: 'notLeader' },
    ]);
    expect(answerOf(rejectTransferToSelf(leader(), request))).toEqual([
      { id: 9, leaderId: 1, reason: 'targetLeads' },
    ]);
    expect(answerOf(rejectUnknownTarget(leader(), request))).toEqual([
      { id: 9, leaderId: 1, reason: 'targetUnknown' },
    ]);
    expect(answerOf(rejectSecondTransfer(leader({ transferTarget: 3 }), request))).toEqual([
      { id: 9, leaderId: 3, reason: 'transferring' },
    ]);
  });

  it('of a node that nobody is to succeed is our own bug, and stops it', () => {
    expect(() => sendTimeoutNow(leader())).toThrow('somebody is to succeed the leader');
  });
});

describe('the campaign of a transfer', () => {
  it('says so once, so that leases let it pass, and the next does not (thesis §4.2.3)', () => {
    const marked = { ...contextOf({ currentTerm: 5 }), ...markTransfer().patch };
    const first = startElection(marked);
    expect(sendsOf(first.effects)).toMatchObject([
      { leadershipTransfer: true },
      { leadershipTransfer: true },
    ]);
    const again = startElection({ ...marked, ...first.patch });
    expect(sendsOf(again.effects)).toMatchObject([
      { leadershipTransfer: false },
      { leadershipTransfer: false },
    ]);
    expect(sendsOf(startPreVote(marked).effects)[0]).not.toHaveProperty('leadershipTransfer');
  });

  it('disrupts nobody; any other request for a vote does (thesis §4.2.3)', () => {
    expect(isDisruptiveVote(requestVote())).toBe(true);
    expect(isDisruptiveVote(requestVote({ leadershipTransfer: true }))).toBe(false);
    const { leadershipTransfer: _, ...vote } = requestVote();
    expect(isDisruptiveVote({ ...vote, type: 'PreVote' })).toBe(true);
    expect(isDisruptiveVote(appendEntries())).toBe(false);
  });
});
