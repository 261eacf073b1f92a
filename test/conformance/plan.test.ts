import { describe, expect, test } from 'vitest';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import { plan } from '../../src/conformance/plan.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import { failedSubject } from '../../src/conformance/subject.ts';
import type { Path } from '../../src/verify/paths/path.ts';
import {
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

describe('without pre-vote', () => {
  test('an election timeout is given when the chart campaigns (thesis §9.6)', () => {
    const steps = planned(
      pathOf(
        'p',
        [1, 2, 3, 4, 5],
        [electionTimeout, preVoteGranted(2, 1), preVoteGranted(3, 1), voteGranted(2, 1)],
      ),
      'preVote',
    );
    expect(steps.map((each) => each.do)).toEqual(['skip', 'skip', 'ask', 'ask']);
    expect(steps[2]).toMatchObject({
      request: { do: 'timeout', timer: 'electionTimeout' },
      expected: { role: 'candidate', term: 1, votedFor: 1 },
    });
  });

  test('a sole voter gets it at once', () => {
    const [step] = planned(pathOf('p', [1], [electionTimeout]), 'preVote');
    expect(step).toMatchObject({ do: 'ask', request: { do: 'timeout' }, expected: { role: 'leader' } });
  });

  test('what comes while it is held back finds a follower', () => {
    const steps = planned(pathOf('p', three, [electionTimeout, requestVote(2, 1)]), 'preVote');
    expect(steps[1]).toMatchObject({ do: 'ask', expected: { role: 'follower', votedFor: 2 } });
  });

  test('a candidate stays one while its next timeout is held back, and a late vote is not applicable', () => {
    const campaign = [electionTimeout, preVoteGranted(2, 1), electionTimeout];
    const refused = deliver({ type: 'RequestVoteResponse', from: 3, to: 1, term: 1, voteGranted: false });
    const steps = planned(
      pathOf('p', three, [...campaign, refused, voteGranted(2, 1), requestVote(2, 2)]),
      'preVote',
    );
    expect(steps.map((each) => each.do)).toEqual(['skip', 'ask', 'skip', 'ask', 'end', 'end']);
    expect(steps[3]).toMatchObject({ expected: { role: 'candidate', term: 1 } });
  });

  test('neither are its messages expected nor those of others delivered', () => {
    const asked = deliver({ type: 'PreVote', from: 2, to: 1, term: 1, lastLogIndex: 0, lastLogTerm: 0 });
    expect(whatIsDone(pathOf('p', three, [asked]), 'preVote')).toEqual(['skip']);
  });

  test('a term that only a refused pre-vote tells is not applicable', () => {
    const refused = deliver({ type: 'PreVoteResponse', from: 2, to: 1, term: 3, voteGranted: false });
    expect(whatIsDone(pathOf('p', three, [electionTimeout, refused]), 'preVote')).toEqual(['skip', 'end']);
  });
});

describe('other capabilities', () => {
  const heard = appendEntries(2, 1, 0, 0, []);

  test('without a lease, a vote that the chart ignores ends the path (thesis §4.2.3)', () => {
    const path = pathOf('p', three, [heard, requestVote(3, 2), heard]);
    expect(whatIsDone(path, 'leaderLease')).toEqual(['ask', 'end', 'end']);
  });

  test('without a quorum check its timer does not come (thesis §6.2)', () => {
    const check = { type: 'timeout', timer: 'quorumCheck' } as const;
    const path = pathOf('p', three, [electionTimeout, preVoteGranted(2, 1), voteGranted(2, 1), check]);
    expect(whatIsDone(path, 'quorumCheck')[3]).toBe('end');
    expect(whatIsDone(pathOf('p', [1], [electionTimeout, check]), 'quorumCheck')).toEqual(['ask', 'skip']);
  });

  test('without batches entries come one by one', () => {
    const [step] = planned(pathOf('p', three, [appendEntries(2, 2, 0, 0, [1, 2])]), 'batches');
    expect(step).toMatchObject({
      before: [
        {
          request: { message: { prevLogIndex: 0, entries: [{ term: 1 }] } },
          expected: { log: { terms: [1] }, messages: { replies: [{ to: 2, term: 2, matchIndex: 1 }] } },
        },
      ],
      request: { message: { prevLogIndex: 1, prevLogTerm: 1, entries: [{ term: 2 }] } },
      expected: { log: { terms: [1, 2] } },
    });
  });

  test('without batches only the first entry of a rejected message comes', () => {
    const [step] = planned(pathOf('p', three, [appendEntries(2, 2, 1, 1, [1, 2])]), 'batches');
    expect(step).toMatchObject({ before: [], request: { message: { entries: [{ term: 1 }] } } });
  });

  test('without batches a path ends where entries one by one lead elsewhere: to more writes on a slow disk', () => {
    const path = pathOf('p', three, [appendEntries(2, 1, 0, 0, [1, 1]), durable], 'slow');
    expect(whatIsDone(path, 'batches')).toEqual(['end', 'end']);
    const single = pathOf('p', three, [appendEntries(2, 1, 0, 0, [1]), durable], 'slow');
    expect(whatIsDone(single, 'batches')).toEqual(['ask', 'ask']);
  });

  test('without a no-op a leader’s log is not compared, nor anything once it leads no more (paper §8)', () => {
    const path = pathOf('p', three, [
      electionTimeout,
      preVoteGranted(2, 1),
      voteGranted(2, 1),
      appendEntries(3, 2, 0, 0, []),
      requestVote(2, 3, 1, 1),
    ]);
    const steps = planned(path, 'noop');
    expect(steps[2]).toMatchObject({ do: 'ask', expected: { role: 'leader', log: null, commitIndex: null } });
    expect(steps[3]).toMatchObject({ do: 'ask', expected: { role: 'follower', messages: null } });
    expect(steps[4]!.do).toBe('end');
  });

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
