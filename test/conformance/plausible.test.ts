import { expect, test } from 'vitest';
import { isPlausible } from '../../src/conformance/plausible.ts';
import type { PathEvent } from '../../src/verify/paths/path.ts';
import { accepted, deliver, electionTimeout, pathOf, preVoteGranted, voteGranted } from './paths-by-hand.ts';

const leads = [electionTimeout, preVoteGranted(2, 1), voteGranted(2, 1), accepted(2, 1, 0, 1)];
const heartbeat: PathEvent = { type: 'timeout', timer: 'heartbeatInterval' };
const propose = (command: string): PathEvent => ({ type: 'propose', commands: [command] });
/** Its log ends at entry 1. */
const rejected = (round: number): PathEvent =>
  deliver({
    type: 'AppendEntriesResponse',
    from: 2,
    to: 1,
    term: 1,
    success: false,
    prevLogIndex: 3,
    matchIndex: 0,
    conflictTerm: 0,
    conflictIndex: 2,
    round,
  });

test('a peer rejects late what it was sent before the leader went back, and nothing that it was sent since', () => {
  const goesBack = [...leads, propose('a'), propose('b'), heartbeat, rejected(0), accepted(2, 1, 1, 3)];
  const asksAgain: readonly PathEvent[] = [...goesBack, { type: 'read', id: 1, nowMs: 0 }];
  const isSaid = (event: PathEvent) => isPlausible(pathOf('late', [1, 2, 3], [...asksAgain, event]));
  expect([isSaid(rejected(0)), isSaid(rejected(1))]).toEqual([true, false]);
});
