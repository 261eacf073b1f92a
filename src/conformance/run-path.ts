import { testedNode } from '../verify/paths/model-node.ts';
import type { Path } from '../verify/paths/path.ts';
import type { Adapter } from './adapter.ts';
import { Conversation, type Exchange, isGone } from './conversation.ts';
import type { Difference } from './difference.ts';
import type { ModelledStep } from './modelled-step.ts';
import { type Plan, type PlannedStep, plan, type Question } from './plan.ts';
import { finish, isAwaited, prepare } from './progress.ts';
import { type AdapterRequest, adapterProtocolVersion, type Capabilities } from './protocol.ts';
import { progressSubject, type Subject } from './subject.ts';

/** How one step of a path went. */
export type StepResult =
  | { readonly status: 'passed' }
  | FailedStep
  | { readonly status: 'notApplicable'; readonly reason: string }
  /** An earlier step failed in a way that makes this one meaningless, or the path was not run at all. */
  | { readonly status: 'notReached'; readonly reason: string };

interface FailedStep {
  readonly status: 'failed';
  readonly differences: readonly Difference[];
  /** What it fails at, if that is not what the step itself is about. */
  readonly subject?: Subject;
}

export interface PathResult {
  readonly path: Path;
  /** How the node was when it had just started. */
  readonly start: StepResult;
  /** By position in `path.steps`. */
  readonly steps: readonly {
    readonly step: ModelledStep;
    readonly result: StepResult;
    /** How many exchanges there had been by the end of it. */
    readonly asked: number;
  }[];
  /** How a leader at the end went on; null: it was not asked to. */
  readonly last: StepResult | null;
  /** All that was said to the adapter, and what came back. */
  readonly exchanges: readonly Exchange[];
}

/** The request that begins a path. */
export const initOf = ({
  voters,
  disk,
  settings,
}: Pick<Path, 'voters' | 'disk' | 'settings'>): AdapterRequest => ({
  do: 'init',
  version: adapterProtocolVersion,
  id: testedNode,
  voters,
  disk,
  settings,
});

/** What a restart must keep. Figure 2, "Persistent state on all servers". */
const durableKinds: readonly Difference['kind'][] = ['term', 'votedFor', 'log', 'commitIndex', 'timers'];

const passed: StepResult = { status: 'passed' };
const notReached: StepResult = { status: 'notReached', reason: 'other failures come first' };

/**
 * Walks one path with an adapter. A wrong message does not end it as long as the node's state is the chart's. A restart that
 * forgets does not either: until a message shows what that leads to, messages alone are compared.
 */
export const runPath = async (adapter: Adapter, path: Path, has: Capabilities): Promise<PathResult> => {
  const planned = plan(path, has);
  const first = planned.steps[0]?.plan;
  if (first?.do === 'end') return pathWithout(path, planned, notApplicable(first.reason));
  const conversation = new Conversation(adapter, has);
  const results: StepResult[] = [];
  const asked: number[] = [];
  let hasForgotten = false;
  const start = await conversation.askMore({ request: initOf(path), expected: planned.start });
  let rest: StepResult | null = start.length === 0 ? null : notReached;

  for (const { step, plan: next } of planned.steps) {
    if (rest !== null) break;
    const outcome = await take(conversation, step, next, hasForgotten);
    results.push(outcome.result);
    asked.push(conversation.exchanges.length);
    ({ rest, hasForgotten } = outcome);
  }
  const unasked = rest ?? notReached;
  return {
    path,
    start: resultOf(start),
    steps: planned.steps.map(({ step, plan: next }, at) => ({
      step,
      result: results[at] ?? withoutAsking(next, unasked),
      asked: asked[at] ?? 0,
    })),
    last:
      planned.last === null
        ? null
        : rest !== null || hasForgotten
          ? unasked
          : resultOf(await finish(conversation, planned.last)),
    exchanges: conversation.exchanges,
  };
};

interface Outcome {
  readonly result: StepResult;
  /** What there is to say of the rest of the path; null: it goes on. */
  readonly rest: StepResult | null;
  /** Whether a restart has forgotten something: from here on messages alone are compared. */
  readonly hasForgotten: boolean;
}

const take = async (
  conversation: Conversation,
  step: ModelledStep,
  next: PlannedStep,
  hasForgotten: boolean,
): Promise<Outcome> => {
  const goesOn = (result: StepResult): Outcome => ({ result, rest: null, hasForgotten });
  const ends = (result: StepResult, rest: StepResult): Outcome => ({ result, rest, hasForgotten });
  if (next.do !== 'ask') return goesOn(withoutAsking(next, notReached));
  if (hasForgotten) {
    if (conversation.has.rpc && !isAwaited(conversation.peers, step)) return goesOn(notReached);
    const { state, sent } = await conversation.ask(next);
    const wrong = [...state.filter(isGone), ...sent];
    return wrong.length === 0 ? goesOn(notReached) : ends(failed(wrong), notReached);
  }
  const prepared = await prepare(conversation, step, next);
  switch (prepared.do) {
    case 'fail':
      return ends({ ...failed(prepared.differences), subject: progressSubject }, notReached);
    case 'stop':
      return ends(notReached, notReached);
    case 'skip':
      return goesOn(notApplicable(prepared.reason));
    case 'end':
      return ends(notApplicable(prepared.reason), notApplicable(prepared.reason));
  }
  const { state, sent } = await conversation.ask(prepared.question);
  const differences = [...state, ...sent];
  if (differences.length === 0) return goesOn(isItsOwnAffair(step, next) ? unseen : passed);
  if (state.length === 0) return goesOn(failed(differences));
  const isLoss = step.event.type === 'restart' && state.every(({ kind }) => durableKinds.includes(kind));
  return { result: failed(differences), rest: isLoss ? null : notReached, hasForgotten: isLoss };
};

const resultOf = (differences: readonly Difference[]): StepResult =>
  differences.length === 0 ? passed : failed(differences);

/** What a leader sends, and when, is up to it as long as it gets there: nothing else could have shown here that it does not. */
const unseen: StepResult = { status: 'notApplicable', reason: 'when it sends entries is its own affair' };

/** Whether all that the chart does here is to send entries, which this implementation may do at another time. */
const isItsOwnAffair = ({ before, expect }: ModelledStep, { expected: { messages } }: Question): boolean => {
  const { currentTerm, votedFor, commitIndex, log } = before.snapshot.context;
  return (
    messages.replies.length === 0 &&
    messages.appends.some(({ messages: all }) => all.length > 0) &&
    messages.appends.every(({ how, isRequired }) => how === 'sound' && !isRequired) &&
    currentTerm === expect.term &&
    votedFor === expect.votedFor &&
    commitIndex === expect.commitIndex &&
    log.lastIndex === expect.logBegin.index + expect.log.length
  );
};

/** What there is to say of a path that the adapter is not told. */
export const pathNotRun = (path: Path, has: Capabilities, reason: string): PathResult =>
  pathWithout(path, plan(path, has), { status: 'notReached', reason });

const pathWithout = (path: Path, planned: Plan, start: StepResult): PathResult => ({
  path,
  start,
  steps: planned.steps.map(({ step, plan: next }) => ({
    step,
    result: withoutAsking(next, start),
    asked: 0,
  })),
  last: null,
  exchanges: [],
});

const withoutAsking = (next: PlannedStep, unasked: StepResult): StepResult =>
  next.do === 'ask' ? unasked : { status: 'notApplicable', reason: next.reason };

const notApplicable = (reason: string): StepResult => ({ status: 'notApplicable', reason });

const failed = (differences: readonly Difference[]): FailedStep => ({ status: 'failed', differences });
