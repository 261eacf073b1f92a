import { isDeepStrictEqual } from 'node:util';
import { topOf } from '../statechart/read/state-name.ts';
import { NodeModel } from '../verify/paths/model-node.ts';
import type { Expectation, Path, PathEvent, PathStep, PathTransition } from '../verify/paths/path.ts';
import type { Expected, ExpectedLog } from './expected.ts';
import { expectedMessages } from './expected-messages.ts';
import type { ModelledStep } from './modelled-step.ts';
import { oneByOne } from './one-by-one.ts';
import type { AdapterRequest, Capabilities } from './protocol.ts';
import { PreVoteAllowance } from './without-pre-vote.ts';

/** What is done about one step of a path for an adapter of given capabilities. */
export type PlannedStep =
  /** It is told to the adapter, after what comes `before` it, and each answer is compared. */
  | ({ readonly do: 'ask'; readonly before: readonly Question[] } & Question)
  /** It means nothing to this adapter, and the path goes on. */
  | { readonly do: 'skip'; readonly reason: string }
  /** From here on the chart and a correct implementation of these capabilities differ. */
  | { readonly do: 'end'; readonly reason: string };

/** A line for the adapter, and what it must answer. */
export interface Question {
  readonly request: AdapterRequest;
  readonly expected: Expected;
}

export interface Plan {
  readonly path: Path;
  readonly start: Expected;
  readonly steps: readonly { readonly step: ModelledStep; readonly plan: PlannedStep }[];
}

/** What tells a step from others: the rest of `PathStep` follows from the chart. */
export type StepInput = Pick<PathStep, 'event' | 'isDuplicate' | 'isHostile'>;

/** Walks `inputs` through the chart. Throws where they cannot happen: a timer that is not armed. */
export const model = (
  path: Pick<Path, 'voters' | 'disk' | 'settings'>,
  inputs: readonly StepInput[],
): { readonly start: Expectation; readonly steps: readonly ModelledStep[] } => {
  const nodeModel = new NodeModel(path);
  const start = nodeModel.start();
  let { node: before, expect } = start;
  const steps = inputs.map((input): ModelledStep => {
    const { node: after, expect: next, transitions } = nodeModel.take(before, input.event);
    const { event, isDuplicate, isHostile } = input;
    const step = { event, isDuplicate, isHostile, expect: next, transitions };
    const modelled = { ...step, before, after, stateBefore: expect.state };
    before = after;
    expect = next;
    return modelled;
  });
  return { start: start.expect, steps };
};

/** What to tell an adapter, and what it must answer: the chart's expectation, less what `has` leaves open. */
export const plan = (path: Path, has: Capabilities): Plan => {
  const { start, steps } = model(path, path.steps);
  const planner = new Planner(has, new NodeModel(path), endedFor(path, has));
  return {
    path,
    start: {
      ...stateOf(start, has),
      commitIndex: { min: 0, max: 0 },
      log: has.showsLog ? logOf(start) : null,
      timers: has.showsTimers ? timersOf(start, has) : null,
      messages: { ...noMessages, hasHints: has.hints },
    },
    steps: steps.map((step) => ({ step, plan: planner.take(step) })),
  };
};

/** Why nothing of the path means anything to such an adapter; null: it does. */
const endedFor = ({ disk, settings }: Path, has: Capabilities): string | null => {
  if (disk === 'slow' && !has.slowDisk) return waits;
  return settings.leaseReads && !has.leaseReads ? goesWithoutLeases : null;
};

const noMessages = {
  replies: [],
  alsoAllowed: [],
  isStaleAnswer: false,
  hasRounds: false,
  hasTransfer: false,
  commitIndex: 0,
  hasSeparateHeartbeats: false,
  appends: [],
  leader: null,
};

class Planner {
  readonly #has: Capabilities;
  readonly #nodeModel: NodeModel;
  readonly #preVote = new PreVoteAllowance();
  #ended: string | null;
  /** The highest commit index before a restart, which an implementation may remember as far as the disk has kept its entries. */
  #committedBefore = 0;
  /** Followers whose `nextIndex` is the adapter's own affair by now. */
  #free = new Set<number>();

  constructor(has: Capabilities, nodeModel: NodeModel, ended: string | null) {
    this.#has = has;
    this.#nodeModel = nodeModel;
    this.#ended = ended;
  }

  take(step: ModelledStep): PlannedStep {
    if (this.#ended !== null) return { do: 'end', reason: this.#ended };
    const planned = this.#plan(step);
    if (planned.do === 'end') this.#ended = planned.reason;
    return planned;
  }

  #plan(step: ModelledStep): PlannedStep {
    const has = this.#has;
    const allowance = this.#allow(step);
    if (allowance !== null) return allowance;
    const preVote = has.preVote ? null : this.#preVote.take(step, has.leaderLease);
    if (preVote?.do === 'skip' || preVote?.do === 'end') return preVote;
    const { event, expect } = step;
    if (event.type === 'restart') {
      const committed = Math.max(this.#committedBefore, step.before.snapshot.context.commitIndex);
      this.#committedBefore = Math.min(committed, step.after.log.base + step.after.log.entries.length);
    }
    const isLeader = expect.role === 'leader';
    const wasLeader = topOf(step.stateBefore) === 'leader';
    if (!isLeader || !wasLeader) this.#free.clear();
    const hasOtherLog = !has.noop && (isLeader || wasLeader);
    if (hasOtherLog && !isLeader) {
      this.#ended = 'without a no-op its log is another one than the chart’s from here on';
    }
    const parts = has.batches ? [step] : oneByOne(step, this.#nodeModel);
    if (parts === null) return { do: 'end', reason: 'it takes entries one by one, which leads elsewhere' };
    const questions = parts.map((part): Question => {
      const request = preVote?.do === 'campaign' ? campaign : requestOf(part.event);
      return { request, expected: this.#expected(part, hasOtherLog, preVote?.role) };
    });
    return { do: 'ask', before: questions.slice(0, -1), ...questions.at(-1)! };
  }

  #expected(step: ModelledStep, hasOtherLog: boolean, roleWithoutPreVote?: Expected['role']): Expected {
    const has = this.#has;
    const { expect } = step;
    const remembered = Math.min(this.#committedBefore, expect.logBegin.index + expect.log.length);
    const highestCommit = Math.max(expect.commitIndex, remembered);
    const isSilent = hasOtherLog && expect.role !== 'leader';
    return {
      ...stateOf(expect, has, roleWithoutPreVote),
      commitIndex: hasOtherLog ? null : { min: expect.commitIndex, max: highestCommit },
      log: has.showsLog && !hasOtherLog ? logOf(expect) : null,
      timers: has.showsTimers && roleWithoutPreVote === undefined ? timersOf(expect, has) : null,
      messages: isSilent ? null : expectedMessages(step, has, this.#free, highestCommit),
    };
  }

  /** What the implementation lacks that this event is about; null: nothing. */
  #missingFor(event: PathEvent): string | null {
    const has = this.#has;
    if (isOfTransfer(event)) return has.transfer ? null : 'it hands no leadership over';
    if (isOfMembers(event)) {
      if (!has.members) return 'its members stay as they are';
      return has.noop ? null : 'without a no-op it may change its members at another time';
    }
    if (isOfRead(event)) return has.readIndex ? null : 'it confirms no reads';
    if (isOfSnapshot(event)) return has.snapshots ? null : 'it takes and sends no snapshots';
    return null;
  }

  /** Capabilities but for pre-vote; null: nothing to allow for. */
  #allow(step: ModelledStep): PlannedStep | null {
    const has = this.#has;
    const { event, transitions } = step;
    if (step.isHostile && !has.hostilePeers) {
      const reason = 'no correct peer sends this, and it claims no defence';
      return changesNothing(step) ? { do: 'skip', reason } : { do: 'end', reason };
    }
    const reason = this.#missingFor(event);
    if (reason !== null) return { do: staysAsItIs(step) ? 'skip' : 'end', reason };
    if (
      !has.noop &&
      topOf(step.stateBefore) === 'leader' &&
      step.expect.role === 'leader' &&
      isAppendAnswer(step)
    ) {
      return { do: 'skip', reason: 'without a no-op its entries have other indexes' };
    }
    if (!has.leaderLease) {
      const reason = 'it considers votes although there is a leader';
      if (event.type === 'timeout' && event.timer === 'leaderLease') return { do: 'skip', reason };
      if (takes(transitions, 'isDisruptiveVote')) {
        const isPreVote = event.type === 'deliver' && event.message.type === 'PreVote';
        return { do: isPreVote ? 'skip' : 'end', reason };
      }
    }
    if (has.leaderLease && takes(transitions, 'isDisruptiveVote') && hasEnteredTermInLease(step)) {
      return { do: 'end', reason: 'thesis §4.2.3 leaves open whether a lease outlasts its leader’s term' };
    }
    if (!has.quorumCheck && event.type === 'timeout' && event.timer === 'quorumCheck') {
      const reason = 'a leader does not look for its majority';
      return { do: step.expect.role === 'leader' ? 'skip' : 'end', reason };
    }
    return null;
  }
}

/** Whether this belongs to the hand-over of a leadership. */
const isOfTransfer = (event: PathEvent): boolean =>
  event.type === 'transfer' ||
  (event.type === 'deliver' &&
    (event.message.type === 'TimeoutNow' ||
      (event.message.type === 'RequestVote' && event.message.leadershipTransfer)));

/** Whether this belongs to a change of the members. */
const isOfMembers = (event: PathEvent): boolean =>
  event.type === 'change' ||
  (event.type === 'timeout' && (event.timer === 'catchUpRound' || event.timer === 'catchUpTimeout'));

const isOfRead = (event: PathEvent): boolean =>
  event.type === 'read' ||
  (event.type === 'deliver' && ['ReadIndex', 'ReadIndexResponse'].includes(event.message.type));

const isOfSnapshot = (event: PathEvent): boolean =>
  event.type === 'snapshot' ||
  event.type === 'checked' ||
  (event.type === 'deliver' && ['InstallSnapshot', 'InstallSnapshotResponse'].includes(event.message.type));

/** Whether nothing but an answer comes of it. */
const staysAsItIs = ({ before, after, expect }: ModelledStep): boolean =>
  expect.timers.length === 0 &&
  isDeepStrictEqual(before.snapshot.value, after.snapshot.value) &&
  isDeepStrictEqual(before.snapshot.context, after.snapshot.context);

const goesWithoutLeases = 'its reads do not go by leases';
const waits = 'its disk cannot be told to wait';

const isAppendAnswer = ({ event }: ModelledStep): boolean =>
  event.type === 'deliver' && event.message.type === 'AppendEntriesResponse';

const takes = (transitions: readonly PathTransition[], guard: string): boolean =>
  transitions.some((transition) => transition.guard === guard);

/** Whether a leased follower has entered a newer term since it heard from a leader. */
const hasEnteredTermInLease = ({ stateBefore, before }: ModelledStep): boolean =>
  stateBefore === 'follower.leased' && before.snapshot.context.leaderId === null;

const changesNothing = (step: ModelledStep): boolean => step.expect.sent.length === 0 && staysAsItIs(step);

const stateOf = (
  { role, term, votedFor }: Expectation,
  has: Capabilities,
  roleWithoutPreVote?: Expected['role'],
): Pick<Expected, 'role' | 'term' | 'votedFor'> => ({
  role: !has.preVote && roleWithoutPreVote !== undefined ? roleWithoutPreVote : role,
  term,
  votedFor,
});

const logOf = ({ logBegin, log }: Expectation): ExpectedLog => ({ begin: logBegin, terms: log });

const timersOf = ({ timers }: Expectation, has: Capabilities): Expectation['timers'] =>
  timers.filter(
    (timer) =>
      (timer !== 'leaderLease' || has.leaderLease) &&
      (timer !== 'quorumCheck' || has.quorumCheck) &&
      (timer !== 'transferTimeout' || has.transfer) &&
      ((timer !== 'catchUpRound' && timer !== 'catchUpTimeout') || has.members),
  );

const campaign: AdapterRequest = { do: 'timeout', timer: 'electionTimeout' };

const requestOf = (event: PathEvent): AdapterRequest => {
  const { type, ...rest } = event;
  return { do: type, ...rest } as AdapterRequest;
};
