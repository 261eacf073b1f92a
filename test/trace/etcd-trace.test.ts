import { describe, expect, it } from 'vitest';
import { earlyHeartbeatFor } from '../../src/raft/early-heartbeat.ts';
import { emptyLog } from '../../src/raft/log-shape.ts';
import type { AppendEntries, Message } from '../../src/raft/messages.ts';
import { EtcdTrace, NotExpressible } from '../../src/trace/etcd-trace.ts';
import type { StateSummary, TimedEvent } from '../../src/trace/events.ts';
import { RecentMap } from '../../src/trace/recent-map.ts';

const follower: StateSummary = {
  state: 'follower.unleased',
  term: 0,
  votedFor: null,
  lastIndex: 0,
  lastTerm: 0,
  commitIndex: 0,
  lastApplied: 0,
};
const started = (node: number): TimedEvent => ({
  atMs: 0,
  type: 'started',
  node,
  state: follower,
  found: {
    id: node,
    hardState: { currentTerm: 0, votedFor: null },
    voters: [1, 2],
    log: emptyLog,
    configurations: [{ index: 0, voters: [1, 2], outgoing: [], learners: [], members: {} }],
  },
});
const asks = (lastLogIndex: number): Message => ({
  type: 'RequestVote',
  from: 1,
  to: 2,
  term: 1,
  lastLogIndex,
  lastLogTerm: 0,
  leadershipTransfer: false,
});
const sent = (message: Message): TimedEvent => ({ atMs: 0, type: 'sent', message });
type Chart = Extract<TimedEvent, { type: 'chart' }>;
const arrives: TimedEvent = {
  atMs: 0,
  type: 'chart',
  node: 2,
  input: { type: 'Received', message: asks(0) },
  before: follower,
  after: { ...follower, term: 1, votedFor: 1 },
  transitions: [],
  effects: [],
};

describe("a trace in etcd's format", () => {
  const afterLosing = (lost: number) => {
    const trace = new EtcdTrace('etcd-persist');
    for (const event of [started(1), started(2), sent(asks(0))]) trace.take(event);
    for (let at = 1; at <= lost; at++) trace.take(sent(asks(at)));
    return trace;
  };

  it('keeps the last messages in mind that may still arrive, however many were lost before', () => {
    const told = afterLosing(19_000).take(arrives);
    expect(told.map(({ event }) => event.name)).toContain('ReceiveRequestVoteRequest');
    expect(() => afterLosing(20_000).take(arrives)).toThrow(NotExpressible);
  });

  it('forgets one that has arrived: a copy that changes something is not expressible', () => {
    const trace = afterLosing(0);
    trace.take(arrives);
    expect(() => trace.take(arrives)).toThrow(/has arrived before, or 20000 messages ago/);
  });

  it.each([
    { is: 'a follower of an earlier term', before: follower, told: ['AdoptTerm'] },
    {
      is: 'a candidate of the term',
      before: { ...follower, term: 1, votedFor: 2, state: 'candidate' },
      told: ['BecomeFollower'],
    },
    { is: 'a follower of the term', before: { ...follower, term: 1 }, told: [] },
  ])('leaves out an early heartbeat and its answer, but not what it makes of $is', ({ before, told }) => {
    const heartbeat: AppendEntries = {
      type: 'AppendEntries',
      from: 1,
      to: 2,
      term: 1,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommit: 0,
      round: 1,
    };
    const message = earlyHeartbeatFor(heartbeat);
    const answer: Message = {
      type: 'AppendEntriesResponse',
      from: 2,
      to: 1,
      term: 1,
      success: false,
      prevLogIndex: message.prevLogIndex,
      matchIndex: 0,
      conflictTerm: 0,
      conflictIndex: 1,
      round: 1,
    };
    const of = (
      node: number,
      received: Message,
      changes: Pick<Chart, 'before' | 'after' | 'effects'>,
    ): Chart => ({
      atMs: 0,
      type: 'chart',
      node,
      input: { type: 'Received', message: received },
      transitions: [],
      ...changes,
    });
    const trace = new EtcdTrace('etcd-persist');
    for (const event of [started(1), { ...started(2), state: before }]) trace.take(event);
    const after = { ...before, term: 1, state: 'follower.unleased' };
    const answers = { type: 'send', params: { message: answer } } as const;
    const leader = { ...follower, term: 1, state: 'leader' };
    const lines = [
      ...trace.take(of(2, message, { before, after, effects: [answers] })),
      ...trace.take(sent(answer)),
      ...trace.take(of(1, answer, { before: leader, after: leader, effects: [] })),
    ];
    expect(lines.map(({ event }) => event.name)).toEqual(told);
  });
});

describe('a map of what is recent', () => {
  it('holds the last that were set, and counts one that is set again as new', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect([map.size, map.get('a'), map.get('b'), map.get('c')]).toEqual([2, 3, undefined, 4]);
    map.delete('c');
    expect(map.size).toBe(1);
  });
});
