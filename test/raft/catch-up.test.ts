import { describe, expect, it } from 'vitest';
import type { Entry, Term } from '../../src/raft/types.ts';
import { ChartNode } from '../machines/raft/chart-node.ts';
import { command, noop } from './contexts.ts';
import { TinyCluster } from './tiny-cluster.ts';

const stretch = (count: number, term: Term): readonly Entry[] =>
  Array.from({ length: count }, () => command(term));

const hardState = { currentTerm: 5, votedFor: null };

/** A leader of term 6 and one follower of three; the third node is away after the election. */
const pair = (leaderEntries: readonly Entry[], followerEntries: readonly Entry[]) => {
  const voters = [1, 2, 3];
  const leader = new ChartNode({ id: 1, voters }, { hardState, entries: leaderEntries });
  const follower = new ChartNode({ id: 2, voters }, { hardState, entries: followerEntries });
  const cluster = new TinyCluster([leader, follower]);
  cluster.connect((_, to) => to !== 3);
  cluster.run(
    leader,
    leader.elect([1, 3]).filter(({ type }) => type === 'replicate'),
  );
  cluster.run(leader, leader.answerWrites());
  return { cluster, leader, follower };
};

describe('follower 10,000 entries behind in 3 wrong terms', () => {
  const shared = stretch(100, 1);
  const wrong = [...shared, ...stretch(3333, 2), ...stretch(3333, 3), ...stretch(3334, 4)];

  it('catches up in a handful of round trips (paper §5.3, last part)', () => {
    const right = [...shared, ...stretch(10_000, 5)];
    const { cluster, leader, follower } = pair(right, wrong);
    const roundTrips = cluster.settle() / 2;
    expect(roundTrips).toBeLessThanOrEqual(6);
    expect(follower.disk.entries).toEqual([...right, noop(6)]);
    expect(leader.context.commitIndex).toBe(10_101);
    const refused = cluster.delivered.filter(
      (message) => message.type === 'AppendEntriesResponse' && !message.success,
    );
    expect(refused).toHaveLength(3);
  });

  it('catches up in a handful of round trips when the leader holds a part of each term (paper §5.3)', () => {
    const right = [...shared, ...stretch(10, 2), ...stretch(10, 3), ...stretch(10, 4), ...stretch(10_000, 5)];
    const { cluster, follower } = pair(right, wrong);
    expect(cluster.settle() / 2).toBeLessThanOrEqual(6);
    expect(follower.disk.entries).toEqual([...right, noop(6)]);
  });

  it('and with an empty log catches up in two refusals and a pipeline (thesis §10.2.2)', () => {
    const right = stretch(10_000, 5);
    const { cluster, follower } = pair(right, []);
    expect(cluster.settle() / 2).toBeLessThanOrEqual(4);
    expect(follower.disk.entries).toEqual([...right, noop(6)]);
  });
});

describe('follower whose disk was wiped after it had matched', () => {
  it('is not flooded: what it refuses is repeated by heartbeats only (paper §5.3)', () => {
    const { cluster, leader } = pair(stretch(5, 5), stretch(5, 5));
    cluster.settle();
    expect(leader.context.progress[2]!.matchIndex).toBe(6);
    const wiped = new ChartNode({ id: 2, voters: [1, 2, 3] }, { hardState: leader.disk.hardState });
    const after = new TinyCluster([leader, wiped]);
    after.connect((_, to) => to !== 3);
    after.run(leader, leader.propose(1));
    after.settle();
    after.run(leader, leader.fire('heartbeatInterval'));
    after.settle();
    expect(after.delivered.length).toBeLessThan(12);
    expect(leader.role).toBe('leader');
    expect(leader.context.progress[2]!.matchIndex).toBe(6);
    expect(wiped.context.commitIndex).toBe(0);
  });
});
