import { isLogBehind } from '../raft/election.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { Path } from '../verify/paths/path.ts';
import { describeMessage } from './describe.ts';
import type { Difference } from './difference.ts';
import type { ModelledStep } from './modelled-step.ts';

/**
 * What a failure breaks, the worst first. `safety`: two leaders, two votes, a wrong or a lost commit. `durability`: what was promised does
 * not survive. `liveness`: the cluster may get no further. `form`: what is said is wrong, and nothing comes of it.
 */
export const dangers = ['safety', 'durability', 'liveness', 'form'] as const;
export type Danger = (typeof dangers)[number];

/** 0: the worst. */
export const dangerRank = (danger: Danger): number => dangers.indexOf(danger);

/** What failed in a path, and where. */
export interface FailingStep {
  readonly path: Pick<Path, 'disk' | 'settings'>;
  /** All of the path. */
  readonly steps: readonly ModelledStep[];
  /** Position of the failing step; −1: the start; one behind the last: what came after the path. */
  readonly at: number;
  readonly differences: readonly Difference[];
}

/** A failing step, and the circumstances. */
interface Failing extends FailingStep {
  /** null: none of the path. */
  readonly step: ModelledStep | null;
}

/** What the worst of the differences breaks. docs/conformance.md has this as a table. */
export const dangerOf = (failing: FailingStep): Danger =>
  failing.differences
    .map((difference) => dangerOfOne(difference, { ...failing, step: failing.steps[failing.at] ?? null }))
    .reduce((a, b) => (dangerRank(b) < dangerRank(a) ? b : a), 'form');

const dangerOfOne = ({ kind, text }: Difference, failing: Failing): Danger => {
  const [, want = '', got = ''] = /expected (.*), got (.*)$/s.exec(text) ?? [];
  switch (kind) {
    case 'role':
      return got === 'leader' && !isStillLeading(failing) ? 'safety' : 'liveness';
    case 'term':
      return ofTerm(Number(got), failing);
    case 'votedFor':
      return ofVote(want, got, failing);
    case 'commitIndex':
      return Number(got) > Number(/\d+$/.exec(want)?.[0]) ? 'safety' : lostOr('liveness', failing);
    case 'log':
      return ofLog(want, got, failing);
    case 'message':
      return ofMessage(want, got, failing);
    case 'redundant':
      return ofRedundant(text, got, failing);
    case 'unsound':
      return isOfOwnPast(text, failing) ? 'form' : 'safety';
    case 'missing':
    case 'timers':
    case 'broken':
    case 'hang':
      return 'liveness';
    case 'malformed':
      return 'form';
  }
};

const isRestart = ({ step }: Failing): boolean => step?.event.type === 'restart';

/** It goes on leading in its own term. Who does not step down stands in the way, but nobody else leads in that term. */
const isStillLeading = ({ step, differences }: Failing): boolean => {
  if (step === null || topOf(step.stateBefore) !== 'leader') return false;
  const before = step.before.snapshot.context.currentTerm;
  const other = differences.find(({ kind }) => kind === 'term');
  return other === undefined ? step.expect.term === before : other.text.endsWith(`got ${before}`);
};

/** Of a restart, a loss; else `other`. */
const lostOr = (other: Danger, failing: Failing): Danger => (isRestart(failing) ? 'durability' : other);

/** Back to an earlier term, it may vote once more in a later one. Not to enter one is as if the message had been lost. */
const ofTerm = (got: Term, failing: Failing): Danger => {
  const before = failing.step?.before.snapshot.context.currentTerm ?? 0;
  return lostOr(got < before ? 'safety' : 'liveness', failing);
};

const ofVote = (want: string, got: string, failing: Failing): Danger => {
  if (isRestart(failing)) return 'durability';
  // In another term than the chart's it is another vote.
  if (failing.differences.some(({ kind }) => kind === 'term')) return 'liveness';
  const { step } = failing;
  if (got === 'nobody') {
    const had = step?.before.snapshot.context;
    const isForgotten = had?.currentTerm === step?.expect.term && String(had?.votedFor) === want;
    return isForgotten ? 'safety' : 'liveness';
  }
  const isOwn = got === String(testedNode);
  // The leader of a term has won it: a vote for it changes nothing.
  if (want === 'nobody' && got === String(leaderHeard(failing))) return 'form';
  return want === 'nobody' && isOwn ? 'liveness' : 'safety';
};

/** Who has shown in this step that it leads the term; null: nobody. */
const leaderHeard = ({ step }: Failing): NodeId | null => {
  if (step?.event.type !== 'deliver') return null;
  const { type, from, term } = step.event.message;
  return type === 'AppendEntries' && term === step.expect.term ? from : null;
};

const ofLog = (want: string, got: string, failing: Failing): Danger => {
  const { step } = failing;
  const [wanted, found] = [entriesOf(want), entriesOf(got)];
  const committed = step?.expect.commitIndex ?? 0;
  const differing = [...new Set([...wanted.terms.keys(), ...found.terms.keys()])].filter(
    (index) =>
      index > Math.max(wanted.begin, found.begin) && wanted.terms.get(index) !== found.terms.get(index),
  );
  if (isRestart(failing)) return 'durability';
  if (differing.some((index) => index <= committed)) return 'safety';
  const base = step?.before.log.base ?? 0;
  const had = (index: number) => step?.before.log.entries[index - base - 1]?.term;
  const isKept = (index: number) => found.terms.get(index) === had(index);
  // It holds what no leader has sent it, or that does not fit.
  if (differing.some((index) => found.terms.has(index) && !isKept(index))) return 'safety';
  if (differing.some((index) => had(index) === wanted.terms.get(index))) return 'durability';
  const isSilent = failing.differences.some(({ kind }) => kind === 'missing' || kind === 'message');
  const promised = isSilent ? 0 : promisedIn(step);
  // What it keeps instead of the leader's entry, it says is the leader's. Where it says nothing, the message is as good as lost.
  if (differing.some((index) => found.terms.has(index) && index <= promised)) return 'safety';
  if (differing.some((index) => index <= promised)) return 'durability';
  return differing.length > 0 ? 'liveness' : 'form';
};

/** Up to where a leader may count on it, after what it must answer in this step; 0: nothing. */
const promisedIn = (step: ModelledStep | null): LogIndex =>
  Math.max(
    0,
    ...(step?.expect.sent ?? []).map((each) =>
      each.type === 'AppendEntriesResponse' && each.success ? each.matchIndex : 0,
    ),
  );

/** `[2/t1] 1 3`: entry 2 is gone, 3 and 4 are of the terms 1 and 3. */
const entriesOf = (words: string): { readonly begin: number; readonly terms: ReadonlyMap<number, Term> } => {
  const begin = Number(/^\[(\d+)\//.exec(words)?.[1] ?? 0);
  const terms = words.replace(/^\[\S*\]/, '').match(/\d+/g) ?? [];
  return { begin, terms: new Map(terms.map((term, at) => [begin + at + 1, Number(term)])) };
};

/** Whether a message promises something that its receiver goes by. */
const promise = /: (granted|accepted|installed|up to)/;

const ofMessage = (want: string, got: string, failing: Failing): Danger => {
  // A leader that does not go back.
  if (got === '') return 'liveness';
  // Fields that the words leave out: what a snapshot holds, or what only helps, such as hints.
  if (got.startsWith('it with ')) {
    return want.startsWith('InstallSnapshot ') && /(?:data|checksum|configuration) /i.test(got)
      ? 'safety'
      : 'form';
  }
  // Nobody is elected by pre-votes: one too many disturbs, one too few delays.
  if (want.startsWith('PreVote')) return 'liveness';
  // Who claims a newer log than it has may be elected without what is committed. Raft paper §5.4.1.
  if (want.startsWith('RequestVote ')) {
    return isNewer(lastEntryIn(got), lastEntryIn(want)) ? 'safety' : 'liveness';
  }
  if (promise.test(got) && !promise.test(want)) return tooEarlyOr('safety', failing);
  if (promise.test(want) && !promise.test(got)) return 'liveness';
  const [least, most] = [claimIn(want), claimIn(got)];
  // A read that waits for less than was committed when it was asked for may be stale. Thesis §6.4.
  if (want.startsWith('ReadIndexResponse') && most !== least) return most < least ? 'safety' : 'liveness';
  if (most > least) return tooEarlyOr('safety', failing);
  if (most === least && snapshotTermIn(want) !== snapshotTermIn(got)) return 'safety';
  return most < least || termIn(want) !== termIn(got) ? 'liveness' : 'form';
};

/** Of the last entry that a snapshot stands for. */
const snapshotTermIn = (words: string): string | undefined => /\(up to \d+ of term (\d+)/.exec(words)?.[1];

const claimIn = (words: string): LogIndex => Number(/up to (\d+)/.exec(words)?.[1] ?? 0);

interface LastEntry {
  readonly index: LogIndex;
  readonly term: Term;
}

/** The last entry that a candidate says it has; none: 0 of term 0. */
const lastEntryIn = (words: string): LastEntry => {
  const [, index = 0, term = 0] = /\(last entry (\d+) of term (\d+)\)/.exec(words) ?? [];
  return { index: Number(index), term: Number(term) };
};

const isNewer = (a: LastEntry, b: LastEntry): boolean =>
  a.term > b.term || (a.term === b.term && a.index > b.index);

const termIn = (words: string): string | undefined => /of term (\d+)/.exec(words)?.[1];

/** On a disk that has not caught up, a promise comes before what it needs is durable. */
const tooEarlyOr = (other: Danger, { path }: Failing): Danger =>
  path.disk === 'slow' ? 'durability' : other;

const ofRedundant = (text: string, got: string, failing: Failing): Danger => {
  const type = got.split(' ')[0]!;
  if (type === 'AppendEntries') {
    if (isOfOwnPast(got, failing)) return 'form';
    // Else it acts as a leader, which it is not.
    return isStillLeading(failing) ? 'liveness' : 'safety';
  }
  if (type === 'InstallSnapshot' && failing.step?.expect.role !== 'leader' && !isStillLeading(failing))
    return 'safety';
  const isAddressee = (id: NodeId) => text.startsWith(`to ${id} `);
  // One more of what it must send, and no more than that.
  const alike = failing.step?.expect.sent.filter((each) => each.type === type && isAddressee(each.to)) ?? [];
  if (alike.some((each) => promisesNoMore(got, describeMessage(each)))) return 'form';
  if (type.startsWith('PreVote') || type === 'TimeoutNow') return 'liveness';
  if (type === 'RequestVoteResponse' && mayVote(isAddressee, failing)) return tooEarlyOr('liveness', failing);
  if (promise.test(got)) return tooEarlyOr('safety', failing);
  return type === 'RequestVote' ? tooEarlyOr('liveness', failing) : 'form';
};

const promisesNoMore = (got: string, want: string): boolean =>
  !promise.test(got) || (promise.test(want) && termIn(got) === termIn(want) && claimIn(got) <= claimIn(want));

/** What a message of an earlier term says that this node led: as if it had come late, where it carries nothing. */
const isOfOwnPast = (words: string, { steps, at, step }: Failing): boolean => {
  const [, term, commit] = /AppendEntries of term (\d+) \(no entries .*commit (\d+)\)/.exec(words) ?? [];
  if (Number(term) === (step ?? steps.at(-1))?.expect.term) return false;
  return steps
    .slice(0, at)
    .some(
      ({ expect }) =>
        expect.role === 'leader' && expect.term === Number(term) && expect.commitIndex >= Number(commit),
    );
};

/** Whether only the lease forbids this vote, on which no reads rely: one more disturbs a leader, and elects nobody wrongly. */
const mayVote = (isAddressee: (id: NodeId) => boolean, { step, path }: Failing): boolean => {
  if (step?.event.type !== 'deliver' || step.event.message.type !== 'RequestVote') return false;
  const { message } = step.event;
  const { context } = step.before.snapshot;
  if (!isAddressee(message.from)) return false;
  return !path.settings.leaseReads && message.term > context.currentTerm && !isLogBehind(context, message);
};
