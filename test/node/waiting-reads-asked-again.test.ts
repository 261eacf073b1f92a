import { beforeEach, describe, expect, it } from 'vitest';
import type { ReadOutcome } from '../../src/node/node.ts';
import { WaitingReads } from '../../src/node/waiting-reads.ts';
import type { Clock } from '../../src/ports/clock.ts';

describe('reads that wait to be confirmed', () => {
  let nowMs: number;
  let timers: (() => void)[];
  let deferred: (() => void)[];
  let asked: number[];
  let outcomes: ReadOutcome[];
  let reads: WaitingReads;

  const turn = () => {
    for (const run of deferred.splice(0)) run();
  };
  const submit = () => reads.submit((outcome) => outcomes.push(outcome));

  beforeEach(() => {
    nowMs = 0;
    [timers, deferred, asked, outcomes] = [[], [], [], []];
    const clock: Clock = {
      now: () => nowMs,
      setTimeout: (fn) => timers.push(fn),
      clearTimeout: () => {},
      defer: (fn) => deferred.push(fn),
    };
    reads = new WaitingReads(clock, { maxReads: 3, timeoutMs: 5000 }, 0, ({ id }) => asked.push(id));
  });

  it('those of one turn share a request, and are answered once as much is applied as was confirmed', () => {
    submit();
    submit();
    turn();
    expect(asked).toEqual([1]);
    reads.applied(6);
    reads.confirm(1, 7);
    expect(outcomes).toEqual([]);
    reads.applied(8);
    expect(outcomes).toEqual([
      { type: 'ready', index: 7 },
      { type: 'ready', index: 7 },
    ]);
  });

  it('what no leader has confirmed is asked of the next one, since the request may be lost with the last', () => {
    reads.leads(1, 1);
    submit();
    turn();
    submit();
    turn();
    reads.confirm(1, 7);
    reads.leads(1, 1);
    reads.leads(null, 2);
    turn();
    expect(asked).toEqual([1, 2]);
    reads.leads(2, 2);
    turn();
    expect(asked).toEqual([1, 2, 2]);
    reads.confirm(2, 7);
    reads.confirm(2, 9);
    reads.applied(7);
    expect(outcomes).toEqual([
      { type: 'ready', index: 7 },
      { type: 'ready', index: 7 },
    ]);
  });

  it('what a leader has not confirmed is asked of it again when it leads another term: it stopped leading in between', () => {
    reads.leads(1, 1);
    submit();
    turn();
    reads.leads(1, 3);
    turn();
    expect(asked).toEqual([1, 1]);
  });

  it('more than may wait are refused, and there is room again once some are answered', () => {
    for (let i = 0; i < 4; i++) submit();
    turn();
    expect(outcomes).toEqual([{ type: 'overloaded' }]);
    reads.reject(1, 2);
    submit();
    turn();
    expect(outcomes.slice(1)).toEqual(Array(3).fill({ type: 'notLeader', leader: 2 }));
    expect(asked).toEqual([1, 2]);
  });

  it('time out when nobody confirms them, also after they were asked again', () => {
    submit();
    turn();
    nowMs = 4000;
    reads.leads(2, 1);
    turn();
    nowMs = 5000;
    for (const fire of timers) fire();
    expect(outcomes).toEqual([{ type: 'timedOut' }]);
  });
});
