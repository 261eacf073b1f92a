import { beforeEach, describe, expect, it } from 'vitest';
import { earlyHeartbeatFor } from '../../../src/raft/early-heartbeat.ts';
import type { AppendEntries, AppendEntriesResponse } from '../../../src/raft/messages.ts';
import { AppendRoundTrips } from '../../../src/store/metrics/append-round-trips.ts';

const append = (prevLogIndex: number, count: number, more: Partial<AppendEntries> = {}): AppendEntries => ({
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 3,
  prevLogIndex,
  prevLogTerm: 3,
  entries: Array.from({ length: count }, () => ({ term: 3, kind: 'command', payload: new Uint8Array(10) })),
  leaderCommit: 0,
  round: 1,
  ...more,
});

const answerTo = (
  request: AppendEntries,
  more: Partial<AppendEntriesResponse> = {},
): AppendEntriesResponse => ({
  type: 'AppendEntriesResponse',
  from: request.to,
  to: request.from,
  term: request.term,
  success: true,
  prevLogIndex: request.prevLogIndex,
  matchIndex: request.prevLogIndex + request.entries.length,
  conflictTerm: 0,
  conflictIndex: 0,
  round: request.round,
  ...more,
});

describe('the round trips of AppendEntries to one follower', () => {
  let took: number[];
  let trips: AppendRoundTrips;
  beforeEach(() => {
    took = [];
    trips = new AppendRoundTrips((ms) => took.push(ms));
  });
  const send = (request: AppendEntries, nowMs: number): AppendEntries => {
    trips.sent(request, 10 * request.entries.length, nowMs);
    return request;
  };

  it('last from when a message left until its own answer came, also where several are under way', () => {
    const first = send(append(0, 2), 100);
    const second = send(append(2, 1), 110);
    expect(trips.bytesUnderWay).toBe(30);
    trips.answered(answerTo(first), 125);
    expect(trips.bytesUnderWay).toBe(10);
    trips.answered(answerTo(second), 150);
    expect(took).toEqual([25, 40]);
    expect(trips.bytesUnderWay).toBe(0);
  });

  it('are not cut short by a heartbeat that left later and names the same end of the log', () => {
    const entries = send(append(0, 5), 0);
    const heartbeat = send(append(5, 0), 50);
    trips.answered(answerTo(entries), 80);
    trips.answered(answerTo(heartbeat), 90);
    expect(took).toEqual([80, 40]);
  });

  it('of heartbeats that look alike are told apart by their order', () => {
    const heartbeat = send(append(5, 0), 0);
    send(heartbeat, 50);
    trips.answered(answerTo(heartbeat), 70);
    trips.answered(answerTo(heartbeat), 110);
    expect(took).toEqual([70, 60]);
  });

  it('of messages that begin at one index are told apart by where they end', () => {
    send(append(5, 0), 0);
    const entries = send(append(5, 2), 30);
    trips.answered(answerTo(entries), 40);
    expect(took).toEqual([10]);
  });

  it('count once, however often an answer comes', () => {
    const request = send(append(0, 1), 0);
    trips.answered(answerTo(request), 10);
    trips.answered(answerTo(request), 20);
    expect(took).toEqual([10]);
  });

  it('do not wait for an answer that was lost', () => {
    send(append(0, 1), 0);
    const second = send(append(1, 1), 10);
    trips.answered(answerTo(second), 30);
    expect(took).toEqual([20]);
    expect(trips.bytesUnderWay).toBe(0);
  });

  it('of a heartbeat whose answer was lost pass for a longer one within its round only', () => {
    send(append(5, 0, { round: 1 }), 0);
    const next = send(append(5, 0, { round: 2 }), 50);
    trips.answered(answerTo(next), 60);
    expect(took).toEqual([10]);
  });

  it('end without a figure when the follower rejects, since the leader goes back and sends again', () => {
    const request = send(append(5, 1), 0);
    send(append(6, 1), 5);
    trips.answered(answerTo(request, { success: false, matchIndex: 0, conflictIndex: 3 }), 10);
    expect(trips.bytesUnderWay).toBe(0);
    const again = send(append(2, 4), 20);
    trips.answered(answerTo(again), 35);
    expect(took).toEqual([15]);
  });

  it('go on when an early heartbeat is refused, which says nothing of the log', () => {
    const request = send(append(5, 1), 0);
    const refusal = { success: false, matchIndex: 0, conflictIndex: 3 };
    trips.answered(answerTo(earlyHeartbeatFor(append(6, 0)), refusal), 10);
    expect(trips.bytesUnderWay).toBe(10);
    trips.answered(answerTo(request), 35);
    expect(took).toEqual([35]);
  });

  it('of another term mean nothing: neither what is under way nor what is answered late', () => {
    const before = send(append(0, 1), 0);
    const after = send(append(0, 1, { term: 5 }), 1000);
    trips.answered(answerTo(before), 1001);
    trips.answered(answerTo(after, { term: 9 }), 1002);
    expect(took).toEqual([]);
    trips.answered(answerTo(after), 1010);
    expect(took).toEqual([10]);
  });

  it('do not count what never left', () => {
    const first = send(append(0, 1), 0);
    send(append(1, 1), 1);
    trips.lost();
    expect(trips.bytesUnderWay).toBe(10);
    trips.answered(answerTo(first), 5);
    expect(took).toEqual([5]);
  });

  it('to a follower that never answers take bounded memory', () => {
    for (let at = 0; at < 10_000; at++) send(append(at, 1), at);
    expect(trips.bytesUnderWay).toBe(10 * 4096);
    trips.answered(answerTo(append(9_999, 1)), 10_000);
    expect(took).toEqual([1]);
  });
});
