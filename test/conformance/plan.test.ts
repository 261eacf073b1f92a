import { describe, expect, test } from 'vitest';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import { plan } from '../../src/conformance/plan.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import { failedSubject } from '../../src/conformance/subject.ts';
import type { Path, PathEvent } from '../../src/verify/paths/path.ts';
import {
  accepted,
  appendEntries,
  deliver,
  electionTimeout,
  pathOf,
  preVoteGranted,
  requestVote,
  restart,
  voteGranted,
} from './paths-by-hand.ts';

const three = [1, 2, 3];
const durable = { type: 'durable' } as const;

const planned = (path: Path, without: keyof Capabilities) =>
  plan(path, { ...chartCapabilities, [without]: false }).steps.map(({ plan: each }) => each);

const whatIsDone = (path: Path, without: keyof Capabilities) => planned(path, without).map((each) => each.do);

describe('a path', () => {
  test('is of the chart that the implementation is, and of no other', () => {
    const whole = pathOf('p', three, [electionTimeout]);
    expect(planned(whole, 'preVote')).toEqual([
      { do: 'end', reason: 'the path was generated for an implementation with preVote' },
    ]);
    const without = pathOf('p', three, [electionTimeout], 'prompt', ['preVote']);
    const [step] = plan(without, chartCapabilities).steps;
    expect(step?.plan).toEqual({
      do: 'end',
      reason: 'the path was generated for an implementation without preVote',
    });
    expect(planned(without, 'preVote')).toMatchObject([
      { do: 'ask', expected: { role: 'candidate', term: 1, votedFor: 1 } },
    ]);
  });

  test('for a leader without a no-op compares its log and its commits (Figure 2, Leaders)', () => {
    const leads = [electionTimeout, preVoteGranted(2, 1), voteGranted(2, 1)];
    const path = pathOf(
      'p',
      three,
      [...leads, { type: 'propose', commands: ['a'] }, accepted(2, 1, 0, 1)],
      'prompt',
      ['noop'],
    );
    const steps = planned(path, 'noop');
    expect(steps[2]).toMatchObject({ expected: { role: 'leader', log: { terms: [] } } });
    expect(steps[3]).toMatchObject({ expected: { log: { terms: [1] }, commitIndex: { min: 0, max: 0 } } });
    expect(steps[4]).toMatchObject({ expected: { commitIndex: { min: 1, max: 1 } } });
  });

  test('ends with one more command for its leader, unless that is busy', () => {
    const leads = [electionTimeout, preVoteGranted(2, 1), voteGranted(2, 1)];
    const last = (inputs: readonly PathEvent[], disk: Path['disk'] = 'prompt') =>
      plan(pathOf('p', three, inputs, disk), chartCapabilities).last?.plan;
    expect(last(leads)).toMatchObject({ request: { do: 'propose' }, expected: { log: { terms: [1, 1] } } });
    expect(last([electionTimeout])).toBeUndefined();
    expect(last([...leads, { type: 'transfer', target: 2 }])).toBeUndefined();
    expect(last([...leads, { type: 'read', id: 1 }])).toBeUndefined();
  });

  test('in which a peer refuses a vote goes on without it where refusals are silent, and ends at one of a newer term', () => {
    const refused = (term: number) =>
      deliver({ type: 'RequestVoteResponse', from: 2, to: 1, term, voteGranted: false });
    const path = pathOf('p', three, [electionTimeout, preVoteGranted(2, 1), refused(1), refused(5)]);
    const done = plan(path, { ...chartCapabilities, silentRefusals: true }).steps.map(
      ({ plan: each }) => each.do,
    );
    expect(done).toEqual(['ask', 'ask', 'skip', 'end']);
  });

  test('in which a peer answers with a newer term ends where answers carry none', () => {
    const refused = deliver({ type: 'RequestVoteResponse', from: 2, to: 1, term: 5, voteGranted: false });
    const path = pathOf('p', three, [electionTimeout, refused]);
    const done = plan(path, { ...chartCapabilities, termlessAnswers: true }).steps.map(
      ({ plan: each }) => each.do,
    );
    expect(done).toEqual(['ask', 'end']);
  });
});

describe('other capabilities', () => {
  const heard = appendEntries(2, 1, 0, 0, []);

  test('without a slow disk such a path is not applicable from its start', () => {
    const path = pathOf('p', three, [requestVote(2, 1), { type: 'durable' }], 'slow');
    expect(whatIsDone(path, 'slowDisk')).toEqual(['end', 'end']);
  });

  test('without a defence, what the chart ignores is left out', () => {
    const vote = { event: voteGranted(2, 0), isDuplicate: false, isHostile: true };
    expect(whatIsDone(pathOf('p', three, [vote, heard]), 'hostilePeers')).toEqual(['skip', 'ask']);
  });

  test('a commit index may outlive a restart (Figure 2, volatile state)', () => {
    const path = pathOf('p', three, [appendEntries(2, 1, 0, 0, [1], 1), restart]);
    expect(planned(path, 'showsTimers')[1]).toMatchObject({ expected: { commitIndex: { min: 0, max: 1 } } });
  });

  test('of a commit index before a restart no more may be remembered than the disk has kept (Figure 2, persistent state)', () => {
    const takes = [appendEntries(2, 1, 0, 0, []), durable, appendEntries(2, 1, 0, 0, [1, 1], 2)];
    const loses = [...takes, restart, appendEntries(2, 1, 0, 0, [])];
    const lost = planned(pathOf('p', three, loses, 'slow'), 'showsTimers');
    expect(lost[3]).toMatchObject({ expected: { log: { terms: [] }, commitIndex: { min: 0, max: 0 } } });
    expect(lost[4]).toMatchObject({ expected: { commitIndex: { max: 0 }, messages: { commitIndex: 0 } } });
    const kept = planned(pathOf('p', three, [...takes, durable, restart], 'slow'), 'showsTimers');
    expect(kept[4]).toMatchObject({ expected: { log: { terms: [1, 1] }, commitIndex: { min: 0, max: 2 } } });
  });

  test('a commit index that is remembered never lies beyond the log', () => {
    const path = pathOf('p', three, [
      appendEntries(2, 1, 0, 0, [1, 1], 2),
      restart,
      appendEntries(3, 2, 0, 0, [2]),
    ]);
    expect(planned(path, 'showsTimers')[2]).toMatchObject({
      expected: { log: { terms: [2] }, commitIndex: { max: 1 }, messages: { commitIndex: 1 } },
    });
  });
});

describe('changes of the members (thesis §4)', () => {
  const member = { peer: 'host:7004', client: null, logId: null };
  const add = { type: 'change', changes: [{ type: 'add', node: 4, member }] } as const;
  const heartbeat = { type: 'timeout', timer: 'heartbeatInterval' } as const;
  const remove = { type: 'change', changes: [{ type: 'remove', node: 4 }] } as const;

  test('one that the chart refuses is left out without members, any other ends the path', () => {
    expect(whatIsDone(pathOf('p', [1], [add, electionTimeout, add, heartbeat]), 'members')).toEqual([
      'skip',
      'ask',
      'end',
      'end',
    ]);
  });

  test('what ends the path is not the reason for a step that the implementation lacks something else for', () => {
    const read = { type: 'read', id: 1 } as const;
    const path = pathOf('p', [1], [electionTimeout, add, read, heartbeat]);
    const { steps } = plan(path, { ...chartCapabilities, members: false, readIndex: false });
    expect(steps.slice(1).map(({ plan: each }) => each)).toEqual([
      { do: 'end', reason: 'its members stay as they are' },
      { do: 'end', reason: 'it confirms no reads' },
      { do: 'end', reason: 'its members stay as they are' },
    ]);
  });

  test('learners are followers of their leader, and so is whoever it removes, in that step', () => {
    const path = pathOf('p', [1], [electionTimeout, add, heartbeat, remove, heartbeat]);
    const followers = planned(path, 'separateHeartbeats').map(
      (each) => each.do === 'ask' && each.expected.messages?.appends.map(({ to }) => to),
    );
    expect(followers).toEqual([[], [4], [4], [4], []]);
  });

  test('an election is about the votes, not about the members that the new leader finds', () => {
    const { steps } = plan(pathOf('p', [1], [electionTimeout]), chartCapabilities);
    const { description } = failedSubject(steps[0]!.step, []);
    expect(description).toMatch(/^It is the only voter, and its vote is durable/);
  });
});
