import { isDeepStrictEqual } from 'node:util';
import type { LogIndex } from '../raft/types.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import { toPathEntry } from '../verify/paths/path-message.ts';
import { appendFault } from '../verify/sound-append.ts';
import { describeMessage } from './describe.ts';
import type { Difference } from './difference.ts';
import type { ExpectedAppends, ExpectedMessages, LeaderView } from './expected.ts';
import type { AdapterMessage } from './protocol.ts';

type Append = Extract<AdapterMessage, { type: 'AppendEntries' }>;

export const compareMessages = (
  expected: ExpectedMessages,
  sent: readonly AdapterMessage[],
): readonly Difference[] => [
  ...sent
    .filter(({ from }) => from !== testedNode)
    .map((message) => differs('message', `from: expected ${testedNode}, got ${message.from}`)),
  ...compareReplies(
    expected,
    sent.filter((message) => message.type !== 'AppendEntries'),
  ),
  ...compareAppends(
    expected,
    sent.filter((message): message is Append => message.type === 'AppendEntries'),
  ),
];

const compareReplies = (
  expected: ExpectedMessages,
  sent: readonly AdapterMessage[],
): readonly Difference[] => {
  const left = [...sent];
  const missing: PathMessage[] = [];
  for (const message of expected.replies) {
    const at = left.findIndex((got) => isSameReply(message, got, expected));
    if (at < 0) missing.push(message);
    else left.splice(at, 1);
  }
  for (const message of expected.alsoAllowed) {
    const at = left.findIndex((got) => isSameReply(message, got, expected));
    if (at < 0) continue;
    left.splice(at, 1);
    const stoodFor = missing.findIndex(({ type, to }) => type === message.type && to === message.to);
    if (stoodFor >= 0) missing.splice(stoodFor, 1);
  }
  const differences: Difference[] = [];
  for (const message of missing) {
    const at = left.findIndex(({ type, to }) => type === message.type && to === message.to);
    const want = `to ${message.to} expected ${describeMessage(message)}`;
    if (at >= 0) {
      const [got] = left.splice(at, 1);
      differences.push(differs('message', `${want}, got ${describeFully(got!, message, expected)}`));
    } else if (!expected.isStaleAnswer && !(expected.mayBeSilent && isRefusedVote(message))) {
      differences.push(differs('missing', `${want}, got nothing`));
    }
  }
  const redundant = left.filter(({ type }) => type !== 'ReadIndexResponse' || !expected.mayAnswerReads);
  return [
    ...differences,
    ...redundant.map((got) =>
      differs('redundant', `to ${got.to} expected nothing, got ${describeMessage(got)}`),
    ),
  ];
};

const isAnswer = ({ type }: PathMessage): boolean => type.endsWith('Response');

export const isRefusedVote = (message: PathMessage): boolean =>
  'voteGranted' in message && !message.voteGranted;

const isSameReply = (want: PathMessage, got: AdapterMessage, expected: ExpectedMessages): boolean =>
  want.to === got.to && want.type === got.type && fieldsThatDiffer(want, got, expected).length === 0;

/** Names of the fields that differ, of two messages of one type. */
const fieldsThatDiffer = (
  want: PathMessage,
  got: AdapterMessage,
  expected: ExpectedMessages,
): readonly string[] =>
  Object.entries(want)
    .filter(([field, value]) => {
      const other = (got as unknown as Record<string, unknown>)[field];
      if (field === 'from' || (field === 'term' && !expected.hasTerms && isAnswer(want))) return false;
      if (field === 'leadershipTransfer') {
        return expected.hasTransfer && other !== undefined && other !== value;
      }
      switch (field) {
        case 'configuration':
        case 'sizeBytes':
        case 'checksum':
        case 'dataChecksum':
          return other !== undefined && !isDeepStrictEqual(other, value);
        case 'conflictTerm':
        case 'conflictIndex':
        case 'prevLogIndex':
          return expected.hasHints && other !== undefined && other !== value;
        case 'round':
          return expected.hasRounds && other !== undefined && other !== value;
        case 'matchIndex':
          if (want.type !== 'AppendEntriesResponse') return other !== value;
          // What is committed here is the same everywhere, so an answer may also speak for that.
          return (
            want.success &&
            typeof other === 'number' &&
            !isBetween(other, want.matchIndex, expected.commitIndex)
          );
        default:
          return other !== value;
      }
    })
    .map(([field]) => field);

/** With the fields in question, where the words do not show them. */
const describeFully = (got: AdapterMessage, want: PathMessage, expected: ExpectedMessages): string => {
  const words = describeMessage(got);
  if (words !== describeMessage(want)) return words;
  const fields = fieldsThatDiffer(want, got, expected).map((field) => {
    const [a, b] = [want, got].map((each) => (each as unknown as Record<string, unknown>)[field]);
    return `${field} ${b} instead of ${a}`;
  });
  return `it with ${fields.join(', ')}`;
};

const compareAppends = (expected: ExpectedMessages, sent: readonly Append[]): readonly Difference[] => {
  const { leader, appends } = expected;
  if (leader === null) {
    return sent.map((got) =>
      differs('redundant', `to ${got.to} expected nothing, got ${describeMessage(got)}`),
    );
  }
  const strangers = sent.filter(({ to }) => !appends.some((each) => each.to === to));
  return [
    ...strangers.map((got) => differs('redundant', `AppendEntries to ${got.to}, which is not a member`)),
    ...appends.flatMap((each) =>
      compareAppendsTo(
        each,
        sent.filter(({ to }) => to === each.to),
        leader,
        expected,
      ),
    ),
  ];
};

const compareAppendsTo = (
  { to, how, messages, isRequired, below }: ExpectedAppends,
  sent: readonly Append[],
  leader: LeaderView,
  expected: ExpectedMessages,
): readonly Difference[] => {
  const faults = sent.flatMap((got) => {
    const fault = appendFaultText(got, leader, expected);
    return fault === null ? [] : [differs('unsound', `${describeMessage(got)} to ${to}: ${fault}`)];
  });
  if (faults.length > 0) return faults;
  if (how === 'exact') {
    const left = [...sent];
    return messages.flatMap((want) => {
      const at = left.findIndex((got) => isSameAppend(want, got, expected));
      // What comes before it is more than is needed, and sound.
      if (at >= 0) left.splice(0, at + 1);
      return at >= 0
        ? []
        : [
            differs(
              'missing',
              `to ${to} expected ${describeMessage(want)}, got ${sent.map(describeMessage).join(' and ') || 'nothing'}`,
            ),
          ];
    });
  }
  if (isRequired && sent.length === 0) {
    return [differs('missing', `to ${to} expected an AppendEntries, got nothing`)];
  }
  if (below !== null && !sent.some(({ prevLogIndex }) => prevLogIndex < below)) {
    return [differs('message', `to ${to} expected an AppendEntries from before ${below}`)];
  }
  return [];
};

const isSameAppend = (
  want: Extract<PathMessage, { type: 'AppendEntries' }>,
  got: Append,
  { hasSeparateHeartbeats, hasRounds }: ExpectedMessages,
): boolean =>
  want.entries.length === got.entries.length &&
  (!hasRounds || got.round === undefined || want.round === got.round) &&
  ((hasSeparateHeartbeats && want.entries.length === 0) ||
    (want.prevLogIndex === got.prevLogIndex && want.leaderCommit <= got.leaderCommit));

/** In words, what is wrong with an AppendEntries of this leader; null: it is sound. */
const appendFaultText = (
  got: Append,
  { term, begin, entries }: LeaderView,
  { commitIndex, hasSeparateHeartbeats }: ExpectedMessages,
): string | null => {
  const termAt = (index: LogIndex) =>
    index === begin.index ? begin.term : entries[index - begin.index - 1]?.term;
  const fault = appendFault(
    { term, commitIndex, termAt },
    { ...got, terms: got.entries.map((entry) => entry.term) },
  );
  if (fault?.field === 'term') return `its term is not ${term}`;
  if (fault?.field === 'leaderCommit') return `only ${commitIndex} entries are committed`;
  if (hasSeparateHeartbeats && got.entries.length === 0) return null;
  if (fault?.field === 'prevLogTerm') {
    return fault.held === undefined
      ? 'it has no entry there'
      : `its entry there is of term ${fault.held}, not ${got.prevLogTerm}`;
  }
  // Of the same term, it must be the same entry.
  const wrong = got.entries.findIndex((entry, nth) => {
    const own = entries[got.prevLogIndex - begin.index + nth];
    if (own === undefined) return true;
    const { term: ownTerm, kind, payload } = toPathEntry(own);
    return entry.term !== ownTerm || entry.kind !== kind || entry.payload !== payload;
  });
  return wrong < 0 ? null : `entry ${got.prevLogIndex + wrong + 1} is not the one in its log`;
};

const isBetween = (value: number, least: number, commitIndex: number): boolean =>
  value >= least && value <= Math.max(least, commitIndex);

const differs = (kind: Difference['kind'], text: string): Difference => ({ kind, text });
