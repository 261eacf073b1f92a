import { isDeepStrictEqual } from 'node:util';
import { topOf } from '../statechart/read/state-name.ts';
import type { Dispensable } from '../verify/paths/chart-without.ts';
import type { GenerateOptions } from '../verify/paths/generate-paths.ts';
import { NodeModel } from '../verify/paths/model-node.ts';
import type {
  Expectation,
  Path,
  PathEvent,
  PathMessage,
  PathSetup,
  PathStep,
  PathTransition,
} from '../verify/paths/path.ts';
import { isRefusedVote } from './compare-messages.ts';
import type { Expected, ExpectedLog } from './expected.ts';
import { expectedMessages } from './expected-messages.ts';
import type { ModelledStep } from './modelled-step.ts';
import type { AdapterRequest, Capabilities } from './protocol.ts';

/** What is done about one step of a path for an adapter of given capabilities. */
export type PlannedStep =
  /** It is told to the adapter, and the answer is compared. */
  | ({ readonly do: 'ask' } & Question)
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
  /** A leader at the end is given one more command, which must reach everybody; null: the path does not end with one that can be asked. */
  readonly last: { readonly step: ModelledStep; readonly plan: Question } | null;
}

/** What tells a step from others: the rest of `PathStep` follows from the chart. */
export type StepInput = Pick<PathStep, 'event' | 'isDuplicate' | 'isHostile'>;

/** Walks `inputs` through the chart. Throws where they cannot happen: a timer that is not armed. */
export const model = (
  path: PathSetup,
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

/** What the chart of such an implementation does without. */
export const lacksOf = (has: Capabilities): readonly Dispensable[] => [
  ...(has.preVote ? [] : (['preVote'] as const)),
  ...(has.leaderLease ? [] : (['leaderLease'] as const)),
  ...(has.leaderLease && has.leaseUntilTimeout ? (['leaseEnd'] as const) : []),
  ...(has.quorumCheck ? [] : (['quorumCheck'] as const)),
  ...(has.noop ? [] : (['noop'] as const)),
];

/** In what the chart that does without `lacks` is not that of such an implementation; null: it is. */
export const misfitOf = (lacks: readonly Dispensable[], has: Capabilities): Dispensable | null => {
  const wanted = lacksOf(has);
  return [...lacks, ...wanted].find((each) => lacks.includes(each) !== wanted.includes(each)) ?? null;
};

/** What the paths for such an implementation are generated from: the chart of what it is, and not of what it lacks. */
export const generationFor = (has: Capabilities): Pick<GenerateOptions, 'lacks' | 'hints' | 'settings'> => ({
  lacks: lacksOf(has),
  hints: has.hints,
  settings: {
    ...(has.batches ? {} : { maxEntriesPerMessage: 1 }),
    ...(has.byteLimits ? {} : { maxMessageBytes: unlimitedBytes }),
    ...(has.pipeline ? {} : { maxMessagesInFlight: 1 }),
  },
});

/** More than any path holds. */
const unlimitedBytes = 1_000_000;

/** What to tell an adapter, and what it must answer: the chart's expectation, less what `has` leaves open. */
export const plan = (path: Path, has: Capabilities): Plan => {
  const { start, steps } = model(path, path.steps);
  const planner = new Planner(has, endedFor(path, has));
  const planned = steps.map((step) => ({ step, plan: planner.take(step) }));
  const last = steps.at(-1);
  return {
    path,
    start: {
      ...stateOf(start),
      commitIndex: { min: 0, max: 0 },
      log: has.showsLog ? logOf(start) : null,
      timers: has.showsTimers ? timersOf(start, has) : null,
      messages: { ...noMessages, hasHints: has.hints },
    },
    steps: planned,
    last: last === undefined ? null : planner.last(path, last),
  };
};

/** Why nothing of the path means anything to such an adapter; null: it does. */
const endedFor = ({ voters, disk, settings, lacks = [] }: Path, has: Capabilities): string | null => {
  const misfit = misfitOf(lacks, has);
  if (misfit !== null) {
    return `the path was generated for an implementation ${lacks.includes(misfit) ? 'without' : 'with'} ${misfit}`;
  }
  if (disk === 'slow' && !has.slowDisk) return waits;
  if (voters.length === 1 && has.leadsAloneAtOnce) return 'a sole voter leads as soon as it starts';
  return settings.leaseReads && !has.leaseReads ? goesWithoutLeases : null;
};

const noMessages = {
  replies: [],
  alsoAllowed: [],
  mayAnswerReads: false,
  mayBeSilent: false,
  isStaleAnswer: false,
  hasTerms: true,
  hasRounds: false,
  hasTransfer: false,
  commitIndex: 0,
  hasSeparateHeartbeats: false,
  appends: [],
  leader: null,
};

class Planner {
  readonly #has: Capabilities;
  #ended: string | null;
  /** The highest commit index before a restart, which an implementation may remember as far as the disk has kept its entries. */
  #committedBefore = 0;
  /** Followers whose `nextIndex` is the adapter's own affair by now. */
  readonly #free = new Set<number>();

  constructor(has: Capabilities, ended: string | null) {
    this.#has = has;
    this.#ended = ended;
  }

  take(step: ModelledStep): PlannedStep {
    // What it lacks for this very step says more than what has ended the path.
    if (this.#ended !== null) return { do: 'end', reason: this.#missingFor(step.event) ?? this.#ended };
    const planned = this.#plan(step);
    if (planned.do === 'end') this.#ended = planned.reason;
    return planned;
  }

  /** One more command for a leader; null: it is none, or is busy with something else. */
  last(path: Path, { after, expect }: ModelledStep): Plan['last'] {
    const { change, transferTarget, incoming, snapshot, progress, reads } = after.snapshot.context;
    const isBusy =
      change !== null ||
      transferTarget !== null ||
      incoming !== null ||
      snapshot.index > 0 ||
      reads.length > 0 ||
      // Only a new disk makes it count again.
      Object.values(progress).some(({ state }) => state === 'lost');
    const isAsked =
      this.#ended === null && expect.role === 'leader' && path.disk === 'prompt' && !path.settings.leaseReads;
    if (!isAsked || isBusy || after.snapshot.context.configurations.length > 1) return null;
    const event: PathEvent = { type: 'propose', commands: [lastCommand] };
    const { node, ...taken } = new NodeModel(path).take(after, event);
    const step = {
      event,
      isDuplicate: false,
      isHostile: false,
      ...taken,
      before: after,
      after: node,
      stateBefore: expect.state,
    };
    return { step, plan: { request: requestOf(event), expected: this.#expected(step) } };
  }

  #plan(step: ModelledStep): PlannedStep {
    const allowance = this.#allow(step);
    if (allowance !== null) return allowance;
    const { event } = step;
    if (event.type === 'restart') {
      const committed = Math.max(this.#committedBefore, step.before.snapshot.context.commitIndex);
      this.#committedBefore = Math.min(committed, step.after.log.base + step.after.log.entries.length);
    }
    return { do: 'ask', request: requestOf(event), expected: this.#expected(step) };
  }

  #expected(step: ModelledStep): Expected {
    const has = this.#has;
    const { expect } = step;
    if (expect.role !== 'leader' || topOf(step.stateBefore) !== 'leader') this.#free.clear();
    const remembered = Math.min(this.#committedBefore, expect.logBegin.index + expect.log.length);
    const highestCommit = Math.max(expect.commitIndex, remembered);
    return {
      ...stateOf(expect),
      commitIndex: { min: expect.commitIndex, max: highestCommit },
      log: has.showsLog ? logOf(expect) : null,
      timers: has.showsTimers ? timersOf(expect, has) : null,
      messages: expectedMessages(step, has, this.#free, highestCommit),
    };
  }

  /** What the implementation lacks that this event is about; null: nothing. */
  #missingFor(event: PathEvent): string | null {
    const has = this.#has;
    if (isOfTransfer(event)) return has.transfer ? null : 'it hands no leadership over';
    if (isOfMembers(event)) return has.members ? null : 'its members stay as they are';
    if (isOfRead(event)) return has.readIndex ? null : 'it confirms no reads';
    if (isOfSnapshot(event)) return has.snapshots ? null : 'it takes and sends no snapshots';
    return null;
  }

  /** What is left out for an implementation of these capabilities; null: nothing. */
  #allow(step: ModelledStep): PlannedStep | null {
    const has = this.#has;
    const { event, transitions } = step;
    if (step.isHostile && !has.hostilePeers) {
      const reason = 'no correct peer sends this, and it claims no defence';
      return changesNothing(step) ? { do: 'skip', reason } : { do: 'end', reason };
    }
    const reason = this.#missingFor(event);
    if (reason !== null) return { do: staysAsItIs(step) ? 'skip' : 'end', reason };
    if (has.leaderLease && takes(transitions, 'isDisruptiveVote') && hasEnteredTermInLease(step)) {
      return { do: 'end', reason: 'thesis §4.2.3 leaves open whether a lease outlasts its leader’s term' };
    }
    if (has.silentRefusals && event.type === 'deliver' && isRefusedVote(event.message)) {
      const reason = 'it refuses votes by saying nothing, and so hears of no refusal';
      return { do: changesNothing(step) ? 'skip' : 'end', reason };
    }
    if (has.termlessAnswers && event.type === 'deliver' && isNewerAnswer(event.message, step)) {
      return { do: 'end', reason: 'its answers carry no term, so it learns none from them' };
    }
    return null;
  }
}

/** The command that a leader is given once its path is over. */
const lastCommand = 'z';

const isAnswer = ({ type }: PathMessage): boolean =>
  ['RequestVoteResponse', 'AppendEntriesResponse', 'InstallSnapshotResponse'].includes(type);

const isNewerAnswer = (message: PathMessage, { before }: ModelledStep): boolean =>
  isAnswer(message) && message.term > before.snapshot.context.currentTerm;

/** Whether this belongs to the hand-over of a leadership. */
const isOfTransfer = (event: PathEvent): boolean =>
  event.type === 'transfer' ||
  (event.type === 'deliver' &&
    (event.message.type === 'TimeoutNow' ||
      (event.message.type === 'RequestVote' && event.message.leadershipTransfer)));

/** Whether this belongs to a change of the members. */
const isOfMembers = (event: PathEvent): boolean =>
  event.type === 'change' ||
  (event.type === 'deliver' &&
    event.message.type === 'AppendEntries' &&
    event.message.entries.some(({ kind }) => kind === 'configuration')) ||
  (event.type === 'timeout' && (event.timer === 'catchUpRound' || event.timer === 'catchUpTimeout'));

const isOfRead = (event: PathEvent): boolean =>
  event.type === 'read' ||
  (event.type === 'deliver' && ['ReadIndex', 'ReadIndexResponse'].includes(event.message.type));

const isOfSnapshot = (event: PathEvent): boolean =>
  event.type === 'snapshot' ||
  event.type === 'checked' ||
  (event.type === 'deliver' && ['InstallSnapshot', 'InstallSnapshotResponse'].includes(event.message.type));

/** Whether nothing but an answer comes of it. */
export const staysAsItIs = ({ before, after, expect }: ModelledStep): boolean =>
  expect.timers.length === 0 &&
  isDeepStrictEqual(before.snapshot.value, after.snapshot.value) &&
  isDeepStrictEqual(before.snapshot.context, after.snapshot.context);

const goesWithoutLeases = 'its reads do not go by leases';
const waits = 'its disk cannot be told to wait';

const takes = (transitions: readonly PathTransition[], guard: string): boolean =>
  transitions.some((transition) => transition.guard === guard);

/** Whether a leased follower has entered a newer term since it heard from a leader. */
const hasEnteredTermInLease = ({ stateBefore, before }: ModelledStep): boolean =>
  stateBefore === 'follower.leased' && before.snapshot.context.leaderId === null;

const changesNothing = (step: ModelledStep): boolean => step.expect.sent.length === 0 && staysAsItIs(step);

const stateOf = ({ role, term, votedFor }: Expectation): Pick<Expected, 'role' | 'term' | 'votedFor'> => ({
  role,
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

const requestOf = (event: PathEvent): AdapterRequest => {
  const { type, ...rest } = event;
  return { do: type, ...rest } as AdapterRequest;
};
