import { describe, expect, it } from 'vitest';
import type { ReadOutcome } from '../../src/node/node.ts';
import { WaitingReads } from '../../src/node/waiting-reads.ts';
import type { ReadRequested } from '../../src/raft/inputs.ts';
import { ManualClock } from '../machines/raft/manual-clock.ts';

const limits = { maxReads: 3, timeoutMs: 5000 };

type Name = 'a' | 'b' | 'c' | 'd' | 'e';

const setUp = (random = 7) => {
  const clock = new ManualClock();
  const requests: ReadRequested[] = [];
  const reads = new WaitingReads(clock, limits, random, (event) => requests.push(event));
  const outcomes: Partial<Record<Name, ReadOutcome[]>> = {};
  const ask = (name: Name): void => {
    outcomes[name] = [];
    reads.submit((outcome) => outcomes[name]!.push(outcome));
  };
  return { clock, requests, reads, outcomes, ask };
};

describe('reads that wait', () => {
  it('of one turn share a request, and those of the next have their own', () => {
    const { clock, requests, ask } = setUp();
    ask('a');
    ask('b');
    expect(requests).toEqual([]);
    clock.runDeferred();
    ask('c');
    clock.runDeferred();
    expect(requests.map(({ id }) => id - requests[0]!.id)).toEqual([0, 1]);
  });

  it('are answered once confirmed and applied, whichever comes last', () => {
    const { clock, requests, reads, outcomes, ask } = setUp();
    ask('a');
    ask('b');
    clock.runDeferred();
    reads.applied(4);
    reads.confirm(requests[0]!.id, 5);
    expect(outcomes).toEqual({ a: [], b: [] });
    reads.applied(6);
    const ready = [{ type: 'ready', index: 5 }];
    expect(outcomes).toEqual({ a: ready, b: ready });
    ask('c');
    clock.runDeferred();
    reads.confirm(requests[1]!.id, 6);
    expect(outcomes.c).toEqual([{ type: 'ready', index: 6 }]);
  });

  it('are answered once: what is confirmed or refused again is known no more', () => {
    const { clock, requests, reads, outcomes, ask } = setUp();
    ask('a');
    clock.runDeferred();
    reads.reject(requests[0]!.id, 2);
    reads.reject(requests[0]!.id, 3);
    reads.confirm(requests[0]!.id, 0);
    expect(outcomes.a).toEqual([{ type: 'notLeader', leader: 2 }]);
  });

  it('give up after their time, each of its own, confirmed or not', () => {
    const { clock, requests, reads, outcomes, ask } = setUp();
    ask('a');
    clock.runDeferred();
    reads.confirm(requests[0]!.id, 9);
    clock.advance(3000);
    ask('b');
    clock.runDeferred();
    clock.advance(2000);
    expect(outcomes).toEqual({ a: [{ type: 'timedOut' }], b: [] });
    clock.advance(3000);
    expect(outcomes.b).toEqual([{ type: 'timedOut' }]);
  });

  it('are refused above the limit, not within the call, and taken again when others are answered', () => {
    const { clock, requests, reads, outcomes, ask } = setUp();
    for (const name of ['a', 'b', 'c', 'd'] as const) ask(name);
    expect(outcomes.d).toEqual([]);
    clock.runDeferred();
    expect(outcomes.d).toEqual([{ type: 'overloaded' }]);
    reads.reject(requests[0]!.id, 2);
    const notLeader = [{ type: 'notLeader', leader: 2 }];
    expect(outcomes).toMatchObject({ a: notLeader, b: notLeader, c: notLeader });
    ask('e');
    clock.runDeferred();
    expect(requests).toHaveLength(2);
  });

  it('name their requests differently in each run: an answer to an earlier one confirms nothing', () => {
    const before = setUp(7);
    const after = setUp(8);
    for (const { ask, clock } of [before, after]) {
      ask('a');
      clock.runDeferred();
    }
    after.reads.confirm(before.requests[0]!.id, 0);
    expect(after.outcomes.a).toEqual([]);
    const last = setUp(2 ** 32 - 1);
    last.ask('a');
    last.clock.runDeferred();
    expect(Number.isSafeInteger(last.requests[0]!.id + 2 ** 20)).toBe(true);
  });

  it('that no leader has confirmed are asked of the next one, since the request may be lost with the last', () => {
    const { clock, requests, reads, outcomes, ask } = setUp();
    reads.leads(1, 1);
    for (const name of ['a', 'b'] as const) {
      ask(name);
      clock.runDeferred();
    }
    const [first, second] = requests.map(({ id }) => id) as [number, number];
    reads.confirm(first, 7);
    reads.leads(1, 1);
    reads.leads(null, 2);
    clock.runDeferred();
    expect(requests).toHaveLength(2);
    reads.leads(2, 2);
    clock.runDeferred();
    expect(requests.map(({ id }) => id)).toEqual([first, second, second]);
    reads.confirm(second, 7);
    reads.confirm(second, 9);
    reads.applied(7);
    const ready = [{ type: 'ready', index: 7 }];
    expect(outcomes).toEqual({ a: ready, b: ready });
  });

  it('that a leader has not confirmed are asked of it again when it leads another term: it stopped leading in between', () => {
    const { clock, requests, reads, ask } = setUp();
    reads.leads(1, 1);
    ask('a');
    clock.runDeferred();
    reads.leads(1, 3);
    clock.runDeferred();
    expect(requests.map(({ id }) => id - requests[0]!.id)).toEqual([0, 0]);
  });

  it('time out when nobody confirms them, also after they were asked again', () => {
    const { clock, reads, outcomes, ask } = setUp();
    ask('a');
    clock.runDeferred();
    clock.advance(4000);
    reads.leads(2, 1);
    clock.runDeferred();
    expect(outcomes.a).toEqual([]);
    clock.advance(1000);
    expect(outcomes.a).toEqual([{ type: 'timedOut' }]);
  });

  it('say when they were asked, by the clock of the node', () => {
    const { clock, requests, ask } = setUp();
    clock.advance(1234);
    ask('a');
    clock.runDeferred();
    expect(requests[0]!.nowMs).toBe(clock.now());
  });

  it('end with the node', () => {
    const { clock, requests, reads, outcomes, ask } = setUp();
    ask('a');
    clock.runDeferred();
    ask('b');
    reads.close();
    clock.runDeferred();
    expect(outcomes).toEqual({ a: [{ type: 'timedOut' }], b: [{ type: 'notLeader', leader: null }] });
    ask('c');
    clock.runDeferred();
    expect(outcomes.c).toEqual([{ type: 'notLeader', leader: null }]);
    expect(requests).toHaveLength(1);
  });
});
