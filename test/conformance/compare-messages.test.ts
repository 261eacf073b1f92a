import { expect, test } from 'vitest';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import { compareMessages } from '../../src/conformance/compare-messages.ts';
import type { ExpectedMessages } from '../../src/conformance/expected.ts';
import { plan } from '../../src/conformance/plan.ts';
import type { AdapterMessage, Capabilities } from '../../src/conformance/protocol.ts';
import type { Path, PathEvent } from '../../src/verify/paths/path.ts';
import {
  appendEntries,
  deliver,
  electionTimeout,
  pathOf,
  preVoteGranted,
  restart,
  voteGranted,
} from './paths-by-hand.ts';

const three = [1, 2, 3];
const campaign = [electionTimeout, preVoteGranted(2, 1), voteGranted(2, 1)];
const heartbeat: PathEvent = { type: 'timeout', timer: 'heartbeatInterval' };

/** What the last step of the path must send, and what the chart sends. */
const lastOf = (path: Path, without: Partial<Capabilities> = {}) => {
  const { plan: last, step } = plan(path, { ...chartCapabilities, ...without }).steps.at(-1)!;
  if (last.do !== 'ask') throw new Error(last.reason);
  return { expected: last.expected.messages as ExpectedMessages, sent: step.expect.sent };
};

const kindsOf = (expected: ExpectedMessages, sent: readonly AdapterMessage[]) =>
  compareMessages(expected, sent).map(({ kind }) => kind);

const leads = lastOf(pathOf('p', three, campaign));
const [toSecond, toThird] = leads.sent as readonly [
  Extract<AdapterMessage, { type: 'AppendEntries' }>,
  AdapterMessage,
];

test('a leader may send more than it must, as long as it is sound', () => {
  const empty = { ...toSecond, entries: [] };
  expect(kindsOf(leads.expected, [empty, toSecond, toThird, empty])).toEqual([]);
  expect(kindsOf(leads.expected, [toSecond])).toEqual(['missing']);
});

test.each([
  ['its term is not 1', { term: 2 }],
  ['only 0 entries are committed', { leaderCommit: 1, round: 0 }],
  ['it has no entry there', { prevLogIndex: 4, prevLogTerm: 1 }],
  ['entry 1 is not the one in its log', { entries: [{ term: 1, kind: 'command', payload: 'x' }] }],
] as const)('an AppendEntries is unsound if %s', (text, change) => {
  const [difference] = compareMessages(leads.expected, [{ ...toSecond, ...change }, toThird]);
  expect(difference).toMatchObject({ kind: 'unsound' });
  expect(difference!.text).toContain(text);
});

test('a heartbeat of its own kind is compared by term and commit alone', () => {
  const path = pathOf('p', three, [...campaign, heartbeat]);
  const other = (message: AdapterMessage) => ({ ...message, prevLogIndex: 0, prevLogTerm: 0 });
  const strict = lastOf(path);
  expect(kindsOf(strict.expected, strict.sent)).toEqual([]);
  const separate = lastOf(path, { separateHeartbeats: true });
  expect(kindsOf(separate.expected, separate.sent.map(other))).toEqual([]);
  expect(kindsOf(separate.expected, [])).toEqual(['missing', 'missing']);
});

test('a leader that waits for answers goes back as far as it likes, but back (paper §5.3)', () => {
  const rejected = deliver({
    type: 'AppendEntriesResponse',
    from: 2,
    to: 1,
    term: 2,
    success: false,
    prevLogIndex: 2,
    matchIndex: 0,
    conflictTerm: 0,
    conflictIndex: 1,
    round: 0,
  });
  const path = pathOf('p', three, [
    appendEntries(3, 1, 0, 0, [1, 1]),
    electionTimeout,
    preVoteGranted(2, 2),
    voteGranted(2, 2),
    rejected,
  ]);
  const strict = lastOf(path);
  const from = (prevLogIndex: number): AdapterMessage => ({
    type: 'AppendEntries',
    from: 1,
    to: 2,
    term: 2,
    prevLogIndex,
    prevLogTerm: prevLogIndex === 0 ? 0 : 1,
    entries: [],
    leaderCommit: 0,
    round: 0,
  });
  expect(kindsOf(strict.expected, [from(1)])).toEqual(['missing']);
  const lenient = lastOf(path, { pipeline: false });
  expect(kindsOf(lenient.expected, [from(1)])).toEqual([]);
  expect(kindsOf(lenient.expected, [from(2)])).toEqual(['message']);
  expect(kindsOf(lenient.expected, [])).toEqual(['missing']);
  const later = lastOf(path, { pipeline: false, retriesAtHeartbeat: true });
  expect(kindsOf(later.expected, [])).toEqual([]);
});

test('an answer is compared in what it says, and hints only where they are declared', () => {
  const path = pathOf('p', three, [appendEntries(2, 1, 3, 1, [])]);
  const { expected, sent } = lastOf(path);
  const [answer] = sent;
  const { conflictIndex: _, ...silent } = answer as Extract<
    AdapterMessage,
    { type: 'AppendEntriesResponse' }
  >;
  expect(kindsOf(expected, [silent])).toEqual([]);
  expect(compareMessages(expected, [{ ...silent, conflictIndex: 3, round: 0 }])[0]!.text).toContain(
    'got it with conflictIndex 3 instead of 1',
  );
  expect(
    kindsOf(lastOf(path, { hints: false }).expected, [{ ...silent, conflictIndex: 3, round: 0 }]),
  ).toEqual([]);
  expect(kindsOf(expected, [{ ...silent, success: true }])).toEqual(['message']);
});

test('a stale request may go unanswered by whom it does not declare (paper §5.1)', () => {
  const path = pathOf('p', three, [appendEntries(2, 2, 0, 0, []), appendEntries(3, 1, 0, 0, [])]);
  const { expected, sent } = lastOf(path, { answersStale: false });
  expect(kindsOf(expected, [])).toEqual([]);
  expect(kindsOf(expected, sent)).toEqual([]);
  expect(
    kindsOf(
      expected,
      sent.map((each) => ({ ...each, term: 1 })),
    ),
  ).toEqual(['message']);
  expect(kindsOf(lastOf(path).expected, [])).toEqual(['missing']);
});

test('an answer speaks for what is committed and still there: not for what a restart has lost (Figure 2, persistent state)', () => {
  const takes = appendEntries(2, 1, 0, 0, [1, 1], 2);
  const heard = appendEntries(2, 1, 0, 0, []);
  const durable: PathEvent = { type: 'durable' };
  const upTo = (sent: readonly AdapterMessage[], matchIndex: number): readonly AdapterMessage[] =>
    sent.map((message) => ({ ...message, matchIndex }) as AdapterMessage);
  const lost = lastOf(pathOf('p', three, [heard, durable, takes, restart, heard], 'slow'));
  expect(kindsOf(lost.expected, upTo(lost.sent, 0))).toEqual([]);
  expect(kindsOf(lost.expected, upTo(lost.sent, 2))).toEqual(['message']);
  const kept = lastOf(pathOf('p', three, [heard, durable, takes, durable, restart, heard], 'slow'));
  expect(kindsOf(kept.expected, upTo(kept.sent, 2))).toEqual([]);
  expect(kindsOf(kept.expected, upTo(kept.sent, 3))).toEqual(['message']);
});
