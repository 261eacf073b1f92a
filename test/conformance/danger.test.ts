import { expect, test } from 'vitest';
import { findingsIn } from '../../src/conformance/report.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import type { Path, PathEvent } from '../../src/verify/paths/path.ts';
import { type Answer, ChartAdapter } from './chart-adapter.ts';
import {
  appendEntries,
  deliver,
  electionTimeout,
  pathOf,
  preVoteGranted,
  requestVote,
  restart,
  setOf,
  voteGranted,
} from './paths-by-hand.ts';

const three = [1, 2, 3];
const campaigns = [electionTimeout, preVoteGranted(2, 1)];
const leads = [...campaigns, voteGranted(2, 1)];

/** Bends the answer to the last request alone. */
const atTheEnd = (path: Path, bend: (answer: Answer) => Answer) => {
  const last = path.steps.length;
  return new ChartAdapter((answer, request) => {
    if (request.do === 'init') asked = 0;
    else asked++;
    return asked === last ? bend(answer) : answer;
  });
};
let asked = 0;

const stateOf = (change: Partial<Answer['state']>) => (answer: Answer) => ({
  ...answer,
  state: { ...answer.state, ...change },
});
const sentOf = (change: object) => (answer: Answer) => ({
  ...answer,
  sent: answer.sent.map((each) => ({ ...each, ...change })) as Answer['sent'],
});
const adding = (message: object) => (answer: Answer) => ({
  ...answer,
  sent: [...answer.sent, message] as Answer['sent'],
});
const silent = (answer: Answer) => ({ ...answer, sent: [] });

const appended = appendEntries(2, 1, 0, 0, [1, 1]);
const committed = appendEntries(2, 1, 0, 0, [1, 1], 1);
/** Another leader has another second entry. */
const replaced = appendEntries(3, 2, 1, 1, [2]);
const beat = appendEntries(2, 1, 2, 1, [], 1);
const quorumCheck: PathEvent = { type: 'timeout', timer: 'quorumCheck' };
const appendOf = (change: object) => ({
  type: 'AppendEntries',
  from: 1,
  term: 1,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  ...change,
});
const answered = {
  type: 'AppendEntriesResponse',
  from: 2,
  to: 1,
  term: 1,
  success: true,
  conflictTerm: 0,
  conflictIndex: 0,
} as const;
const isAnswered = (prevLogIndex: number, round: number) =>
  deliver({ ...answered, prevLogIndex, matchIndex: 1, round });
const sendsSnapshot = pathOf('p', three, [...leads, isAnswered(0, 0), { type: 'snapshot' }]);
const readsForAnother = pathOf('p', three, [
  ...leads,
  isAnswered(0, 0),
  deliver({ type: 'ReadIndex', from: 3, to: 1, term: 1, readId: 1 }),
  isAnswered(1, 1),
]);
const snapshot = sendsSnapshot.steps.at(-1)!.expect.sent[0]!;
const vote = { type: 'RequestVoteResponse', from: 1, to: 3, term: 1, voteGranted: true };

test.each([
  ['a leader without a majority', 'safety', pathOf('p', three, campaigns), stateOf({ role: 'leader' })],
  [
    'a vote for another in the same term',
    'safety',
    pathOf('p', three, [requestVote(2, 1), beat]),
    stateOf({ votedFor: 3 }),
  ],
  [
    'a vote that is forgotten',
    'safety',
    pathOf('p', three, [requestVote(2, 1), beat]),
    stateOf({ votedFor: null }),
  ],
  [
    'a vote that says yes instead of no',
    'safety',
    pathOf('p', three, [requestVote(2, 1), requestVote(3, 1)]),
    sentOf({ voteGranted: true }),
  ],
  [
    'a commit index that is too high',
    'safety',
    pathOf('p', three, [committed, beat]),
    stateOf({ commitIndex: 2 }),
  ],
  [
    'a committed entry of another term',
    'safety',
    pathOf('p', three, [committed, beat]),
    stateOf({ log: [2, 1] }),
  ],
  ['a committed entry that is gone', 'safety', pathOf('p', three, [committed, beat]), stateOf({ log: [] })],
  ['an entry that nobody sent', 'safety', pathOf('p', three, [committed, beat]), stateOf({ log: [1, 1, 1] })],
  [
    'an entry that is kept instead of the leader’s, which is acknowledged',
    'safety',
    pathOf('p', three, [appended, replaced]),
    stateOf({ log: [1, 1] }),
  ],
  [
    'an entry that is kept, and the leader’s is not acknowledged',
    'liveness',
    pathOf('p', three, [appended, replaced]),
    (answer: Answer) => stateOf({ log: [1, 1] })(sentOf({ matchIndex: 1 })(answer)),
  ],
  ['a term that goes back', 'safety', pathOf('p', three, [appended, beat]), stateOf({ term: 0 })],
  [
    'an append that is accepted instead of rejected',
    'safety',
    pathOf('p', three, [appendEntries(2, 1, 3, 1, [])]),
    sentOf({ success: true, matchIndex: 3 }),
  ],
  ['a claim to have more than there is', 'safety', pathOf('p', three, [appended]), sentOf({ matchIndex: 3 })],
  ['an AppendEntries that claims a commit', 'safety', pathOf('p', three, leads), sentOf({ leaderCommit: 1 })],
  [
    'what a restart loses',
    'durability',
    pathOf('p', three, [requestVote(2, 1), restart]),
    stateOf({ term: 0, votedFor: null }),
  ],
  ['a log that a restart loses', 'durability', pathOf('p', three, [appended, restart]), stateOf({ log: [] })],
  [
    'an entry that was there and is gone',
    'durability',
    pathOf('p', three, [committed, beat]),
    stateOf({ log: [1] }),
  ],
  [
    'an entry that is acknowledged and not there',
    'durability',
    pathOf('p', three, [appended]),
    stateOf({ log: [1] }),
  ],
  [
    'a vote that is told before it is durable',
    'durability',
    pathOf('p', three, [requestVote(3, 1)], 'slow'),
    adding(vote),
  ],
  ['a reply that is missing', 'liveness', pathOf('p', three, [appended]), silent],
  [
    'a vote that says no instead of yes',
    'liveness',
    pathOf('p', three, [requestVote(2, 1)]),
    sentOf({ voteGranted: false }),
  ],
  [
    'a commit index that is too low',
    'liveness',
    pathOf('p', three, [committed, beat]),
    stateOf({ commitIndex: 0 }),
  ],
  ['a candidate that goes on waiting', 'liveness', pathOf('p', three, leads), stateOf({ role: 'candidate' })],
  ['a term that is not entered', 'liveness', pathOf('p', three, [appended]), stateOf({ term: 0 })],
  [
    'a pre-vote that says yes instead of no',
    'liveness',
    pathOf('p', three, [
      requestVote(2, 1),
      deliver({
        type: 'PreVote',
        from: 3,
        to: 1,
        term: 1,
        lastLogIndex: 0,
        lastLogTerm: 0,
        leadershipTransfer: false,
      } as never),
    ]),
    sentOf({ voteGranted: true }),
  ],
  [
    'a leader that leads in a newer term without an election',
    'safety',
    pathOf('p', three, [...leads, appendEntries(3, 2, 0, 0, [])]),
    stateOf({ role: 'leader' }),
  ],
  [
    'a leader that goes on leading in its own term',
    'liveness',
    pathOf('p', three, [...leads, appendEntries(3, 2, 0, 0, [])]),
    stateOf({ role: 'leader', term: 1, votedFor: 1 }),
  ],
  [
    'a leader that goes on although nobody has answered',
    'liveness',
    pathOf('p', three, [...leads, quorumCheck]),
    (answer: Answer) => adding(appendOf({ to: 2 }))(stateOf({ role: 'leader' })(answer)),
  ],
  [
    'an append of what it leads no more',
    'safety',
    pathOf('p', three, [...leads, appendEntries(3, 2, 0, 0, []), appendEntries(3, 2, 0, 0, [])]),
    adding(appendOf({ to: 2, entries: [{ term: 1, kind: 'command', payload: 'a' }] })),
  ],
  [
    'a heartbeat of a term that it has led, which carries nothing',
    'form',
    pathOf('p', three, [...leads, appendEntries(3, 2, 0, 0, []), appendEntries(3, 2, 0, 0, [])]),
    adding(appendOf({ to: 2 })),
  ],
  [
    'a heartbeat of a term that it has not led',
    'safety',
    pathOf('p', three, [...campaigns, appendEntries(3, 2, 0, 0, []), appendEntries(3, 2, 0, 0, [])]),
    adding(appendOf({ to: 2 })),
  ],
  [
    'a vote for whoever has shown that it leads the term',
    'form',
    pathOf('p', three, [appendEntries(2, 1, 0, 0, [])]),
    stateOf({ votedFor: 2 }),
  ],
  [
    'a vote for another than the leader of the term',
    'safety',
    pathOf('p', three, [appendEntries(2, 1, 0, 0, [])]),
    stateOf({ votedFor: 3 }),
  ],
  [
    'a vote that the lease alone forbids',
    'liveness',
    pathOf('p', three, [appendEntries(2, 1, 0, 0, []), requestVote(3, 2)]),
    (answer: Answer) => adding({ ...vote, term: 2 })(stateOf({ term: 2, votedFor: 3 })(answer)),
  ],
  [
    'a vote that the lease forbids and the log as well',
    'safety',
    pathOf('p', three, [appended, requestVote(3, 2)]),
    (answer: Answer) => adding({ ...vote, term: 2 })(stateOf({ term: 2, votedFor: 3 })(answer)),
  ],
  [
    'a vote for another, besides the refusal',
    'safety',
    pathOf('p', three, [requestVote(2, 1), requestVote(3, 1)]),
    adding(vote),
  ],
  ['a vote that goes to another as well', 'safety', pathOf('p', three, [requestVote(2, 1)]), adding(vote)],
  [
    'a claim to have more, besides the right one',
    'safety',
    pathOf('p', three, [appended]),
    (answer: Answer) => ({
      ...answer,
      sent: [...answer.sent, ...sentOf({ matchIndex: 3 })(answer).sent],
    }),
  ],
  [
    'a claim to have less, besides the right one',
    'form',
    pathOf('p', three, [appended]),
    (answer: Answer) => ({
      ...answer,
      sent: [...answer.sent, ...sentOf({ matchIndex: 1 })(answer).sent],
    }),
  ],
  [
    'a candidate that claims a newer log than it has',
    'safety',
    pathOf('p', three, [appended, electionTimeout, preVoteGranted(2, 2)]),
    sentOf({ lastLogIndex: 3 }),
  ],
  [
    'a candidate that claims an older log than it has',
    'liveness',
    pathOf('p', three, [appended, electionTimeout, preVoteGranted(2, 2)]),
    sentOf({ lastLogIndex: 1 }),
  ],
  ['a snapshot of one that does not lead', 'safety', pathOf('p', three, [appended]), adding(snapshot)],
  ['a snapshot of another last entry', 'safety', sendsSnapshot, sentOf({ lastIncludedTerm: 2 })],
  ['a snapshot that holds something else', 'safety', sendsSnapshot, sentOf({ data: 'else' })],
  ['a read that need not wait long enough', 'safety', readsForAnother, sentOf({ readIndex: 0 })],
  ['a read that waits for too much', 'liveness', readsForAnother, sentOf({ readIndex: 9 })],
  [
    'a hint that is wrong',
    'form',
    pathOf('p', three, [appendEntries(2, 1, 3, 1, [])]),
    sentOf({ conflictIndex: 3 }),
  ],
  [
    'a reply that comes twice',
    'form',
    pathOf('p', three, [appended]),
    (answer: Answer) => ({ ...answer, sent: [...answer.sent, ...answer.sent] }),
  ],
] as const)('%s breaks %s', async (_, danger, path, bend) => {
  const report = await runConformance(atTheEnd(path, bend), setOf(path));
  const [finding] = findingsIn(report);
  expect({ breaks: finding?.breaks, texts: finding?.differences }).toMatchObject({ breaks: danger });
});
