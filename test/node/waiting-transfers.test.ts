import { describe, expect, it } from 'vitest';
import type { TransferOutcome } from '../../src/node/node.ts';
import { WaitingTransfers } from '../../src/node/waiting-transfers.ts';
import type { TransferRequested } from '../../src/raft/inputs.ts';
import { ManualClock } from '../machines/raft/manual-clock.ts';

const setUp = () => {
  const clock = new ManualClock();
  const requests: TransferRequested[] = [];
  let nextId = 1;
  const transfers = new WaitingTransfers(
    clock,
    1,
    5000,
    () => nextId++,
    (event) => requests.push(event),
  );
  const outcomes: TransferOutcome[] = [];
  const ask = (target: number | null) => transfers.submit(target, (outcome) => outcomes.push(outcome));
  return { clock, requests, transfers, outcomes, ask };
};

describe('requests to hand over', () => {
  it('reach the chart after the call, each with a name of its own', () => {
    const { clock, requests, ask } = setUp();
    ask(2);
    ask(null);
    expect(requests).toEqual([]);
    clock.runDeferred();
    expect(requests.map(({ target }) => target)).toEqual([2, null]);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(2);
  });

  it('are answered when another node leads', () => {
    const { clock, transfers, outcomes, ask } = setUp();
    ask(2);
    clock.runDeferred();
    transfers.leads(1);
    transfers.leads(null);
    expect(outcomes).toEqual([]);
    transfers.leads(2);
    expect(outcomes).toEqual([{ type: 'moved', leader: 2 }]);
  });

  it('are not answered by a leader of before the chart was asked', () => {
    const { clock, requests, transfers, outcomes, ask } = setUp();
    ask(3);
    transfers.leads(2);
    expect(outcomes).toEqual([]);
    clock.runDeferred();
    transfers.reject(requests[0]!.id, 2, 'notLeader');
    expect(outcomes).toEqual([{ type: 'refused', reason: 'notLeader', leader: 2 }]);
  });

  it('are answered once', () => {
    const { clock, requests, transfers, outcomes, ask } = setUp();
    ask(2);
    clock.runDeferred();
    transfers.reject(requests[0]!.id, 1, 'transferTimedOut');
    transfers.leads(2);
    transfers.reject(requests[0]!.id, 1, 'transferTimedOut');
    clock.advance(6000);
    expect(outcomes).toEqual([{ type: 'refused', reason: 'transferTimedOut', leader: 1 }]);
  });

  it('give up after their time, and end with the node', () => {
    const { clock, requests, transfers, outcomes, ask } = setUp();
    ask(2);
    clock.runDeferred();
    clock.advance(5000);
    expect(outcomes).toEqual([{ type: 'timedOut' }]);
    ask(2);
    transfers.close();
    ask(3);
    clock.runDeferred();
    expect(outcomes).toEqual([{ type: 'timedOut' }, { type: 'timedOut' }, { type: 'timedOut' }]);
    expect(requests).toHaveLength(1);
  });
});
