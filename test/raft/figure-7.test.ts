import { describe, expect, it } from 'vitest';
import { isLogMismatch, rejectAppend } from '../../src/raft/append-entries.ts';
import { isLogBehind } from '../../src/raft/election.ts';
import { lastTerm } from '../../src/raft/log-shape.ts';
import type { Term } from '../../src/raft/types.ts';
import { ChartNode } from '../machines/raft/chart-node.ts';
import {
  appendEntries,
  contextOf,
  entriesOf,
  logOf,
  noop,
  paramsOf,
  requestVote,
  sendsOf,
} from './contexts.ts';
import { TinyCluster } from './tiny-cluster.ts';

/** Raft paper, Figure 7: the log of the leader of term 8, and what its followers may hold when it comes to power. */
const leaderTerms: readonly Term[] = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
const figure: Readonly<Record<string, readonly Term[]>> = {
  a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  b: [1, 1, 1, 4],
  c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  e: [1, 1, 1, 4, 4, 4, 4],
  f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
};
const all: Readonly<Record<string, readonly Term[]>> = { leader: leaderTerms, ...figure };

const electorate = (candidate: readonly Term[]): readonly string[] => {
  const log = logOf(...candidate);
  const request = requestVote({ lastLogIndex: log.lastIndex, lastLogTerm: lastTerm(log) });
  return Object.entries(all)
    .filter(([, terms]) => !isLogBehind(contextOf({ log: logOf(...terms) }), request))
    .map(([name]) => name);
};

describe('Figure 7', () => {
  it.each([
    ['leader', ['leader', 'a', 'b', 'e', 'f']],
    ['a', ['a', 'b', 'e', 'f']],
    ['b', ['b', 'f']],
    ['c', ['leader', 'a', 'b', 'c', 'e', 'f']],
    ['d', ['leader', 'a', 'b', 'c', 'd', 'e', 'f']],
    ['e', ['b', 'e', 'f']],
    ['f', ['f']],
  ])('%s could get the votes of %j (paper §5.4.1)', (name, expected) => {
    expect(electorate(all[name]!)).toEqual(expected);
  });

  it.each([
    // follower, does it refuse prev (10, 6), the hint: [conflictTerm, conflictIndex]
    ['a', true, [0, 10]],
    ['b', true, [0, 5]],
    ['c', false, null],
    ['d', false, null],
    ['e', true, [0, 8]],
    ['f', true, [3, 7]],
  ] as const)('%s refuses the first AppendEntries: %s, with hint %j (paper §5.3)', (name, refuses, hint) => {
    const context = contextOf({ currentTerm: 8, log: logOf(...figure[name]!) });
    const request = appendEntries({ term: 8, prevLogIndex: 10, prevLogTerm: 6, entries: entriesOf(8) });
    expect(isLogMismatch(context, request)).toBe(refuses);
    if (hint === null) return;
    const [conflictTerm, conflictIndex] = hint;
    expect(sendsOf(rejectAppend(context, request).effects)).toMatchObject([{ conflictTerm, conflictIndex }]);
  });

  it.each([
    // One probe answered with success, after so many refusals.
    ['a', 1],
    ['b', 1],
    ['c', 0],
    ['d', 0],
    ['e', 2],
    ['f', 2],
  ])('leader of term 8 makes %s equal to itself after %i refusals (paper §5.3)', (name, refusals) => {
    const hardState = { currentTerm: 7, votedFor: null };
    const leader = new ChartNode(
      { id: 1, voters: [1, 2, 3] },
      { hardState, entries: entriesOf(...leaderTerms) },
    );
    const follower = new ChartNode(
      { id: 2, voters: [1, 2, 3] },
      { hardState, entries: entriesOf(...figure[name]!) },
    );
    const cluster = new TinyCluster([leader, follower]);
    cluster.connect((_, to) => to !== 3);
    const effects = leader.elect([1, 3]);
    expect(leader.context.currentTerm).toBe(8);
    cluster.run(
      leader,
      effects.filter(({ type }) => type === 'replicate'),
    );
    cluster.run(leader, leader.answerWrites());
    cluster.settle();
    expect(follower.disk.entries).toEqual([...entriesOf(...leaderTerms), noop(8)]);
    expect(follower.context.log.runs).toEqual(leader.context.log.runs);
    expect(leader.context.commitIndex).toBe(11);
    const refused = cluster.delivered.filter(
      (message) => message.type === 'AppendEntriesResponse' && !message.success,
    );
    expect(refused).toHaveLength(refusals);
    expect(paramsOf(leader.fire('heartbeatInterval'), 'replicate').map(({ to }) => to)).toEqual([2, 3]);
  });
});
