import { expect, it } from 'vitest';
import type { NodeStatus, Role } from '../../src/node/node.ts';
import type { LiveNode } from '../../src/page/data/live-node.ts';
import { eventsSince, type KnownNodes, learn } from '../../src/page/state/cluster-events.ts';

interface Given {
  readonly role?: Role;
  readonly term?: number;
  readonly voters?: readonly number[];
  readonly outgoing?: readonly number[];
  readonly learners?: readonly number[];
  readonly index?: number;
  readonly isCommitted?: boolean;
}

const up = (id: number, given: Given = {}): LiveNode => {
  const { role = 'follower', term = 1, voters = [1, 2, 3], outgoing = [], learners = [] } = given;
  const { index = 0, isCommitted = true } = given;
  const configuration = { index, isCommitted, voters, outgoing, learners, members: {} };
  // No more than what is looked at.
  const status = { id, role, term, configuration } as unknown as NodeStatus;
  return { endpoint: `http://127.0.0.1:900${id}`, isReachable: true, status, charts: [] };
};
const down = (id: number): LiveNode => ({
  endpoint: `http://127.0.0.1:900${id}`,
  isReachable: false,
  reason: 'connection refused',
});

/** What each report tells. */
const told = (...reports: readonly (readonly LiveNode[])[]): readonly (readonly string[])[] => {
  let known: KnownNodes = new Map();
  return reports.map((report) => {
    const texts = eventsSince(known, report).map(({ text }) => text);
    known = learn(known, report);
    return texts;
  });
};

const three = [up(1, { role: 'leader' }), up(2), up(3)];

it('a first report tells nothing, and neither does the same once more', () => {
  expect(told(three, three)).toEqual([[], []]);
});

it('a leader that dies is told of with its term, and then who follows it', () => {
  expect(
    told(
      three,
      [down(1), up(2), up(3)],
      [down(1), up(2, { role: 'candidate', term: 2 }), up(3)],
      [down(1), up(2, { role: 'leader', term: 2 }), up(3, { term: 2 })],
      [up(1, { term: 2 }), up(2, { role: 'leader', term: 2 }), up(3, { term: 2 })],
    ),
  ).toEqual([
    [],
    ['node1, which led term 1, does not answer any more: connection refused'],
    ['node2 campaigns for term 2'],
    ['node2 leads term 2'],
    ['node1 answers again: it follows in term 2'],
  ]);
});

it('a leader that is replaced, or leads a later term, is told of', () => {
  expect(
    told(
      three,
      [up(1, { term: 2 }), up(2, { role: 'leader', term: 2 }), up(3, { term: 2 })],
      [up(1, { term: 3 }), up(2, { role: 'leader', term: 4 }), up(3, { term: 4 })],
    ),
  ).toEqual([
    [],
    ['node1 no longer leads term 1, and follows in term 2', 'node2 leads term 2'],
    ['node2 no longer leads term 2, and leads term 4'],
  ]);
});

it('a node that is lost is told of before what others do, and a node that asks for votes with the next term', () => {
  expect(told(three, [up(1, { role: 'leader' }), up(2, { role: 'preCandidate' }), down(3)])).toEqual([
    [],
    ['node3 does not answer any more: connection refused', 'node2 asks who would vote for it in term 2'],
  ]);
});

it('a node that never answered is told of when it does', () => {
  expect(told([up(1), down(2)], [up(1), down(2)], [up(1), up(2)])).toEqual([
    [],
    [],
    ['node2 answers: it follows in term 1'],
  ]);
});

it('members are told of once they are committed, by whichever node knows the latest', () => {
  const joint = { voters: [1, 2, 4], outgoing: [1, 2, 3], index: 5 };
  expect(
    told(
      three,
      [up(1, { role: 'leader', ...joint, isCommitted: false }), up(2), up(3)],
      [up(1, { role: 'leader', ...joint }), up(2), up(3)],
      [up(1, { role: 'leader', voters: [1, 2, 4], learners: [3], index: 6 }), up(2, joint), up(3)],
      [down(1), up(2, joint), up(3)],
    ),
  ).toEqual([
    [],
    [],
    ['the old voters 1, 2, 3 and the new voters 1, 2, 4 decide together'],
    ['the voters are 1, 2, 4; learners: 3'],
    ['node1, which led term 1, does not answer any more: connection refused'],
  ]);
});
