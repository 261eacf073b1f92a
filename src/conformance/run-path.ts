import { testedNode } from '../verify/paths/model-node.ts';
import type { Path } from '../verify/paths/path.ts';
import { type Adapter, AdapterBroken, AdapterHung } from './adapter.ts';
import { compareSent, compareState } from './compare.ts';
import type { Difference } from './difference.ts';
import type { ModelledStep } from './modelled-step.ts';
import { type PlannedStep, plan, type Question } from './plan.ts';
import { type AdapterRequest, adapterProtocolVersion, type Capabilities } from './protocol.ts';

/** How one step of a path went. */
export type StepResult =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly differences: readonly Difference[] }
  | { readonly status: 'notApplicable'; readonly reason: string }
  /** An earlier step failed in a way that makes this one meaningless, or the path was not run at all. */
  | { readonly status: 'notReached'; readonly reason: string };

export interface PathResult {
  readonly path: Path;
  /** How the node was when it had just started. */
  readonly start: StepResult;
  /** By position in `path.steps`. */
  readonly steps: readonly { readonly step: ModelledStep; readonly result: StepResult }[];
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
  const results: StepResult[] = [];
  let hasForgotten = false;
  let isRunning = true;
  const start = await ask(adapter, { request: initOf(path), expected: planned.start });
  if (start.state.length + start.sent.length > 0) isRunning = false;

  for (const { step, plan: next } of planned.steps) {
    if (!isRunning) break;
    if (next.do !== 'ask') {
      results.push(withoutAsking(next, notReached));
      continue;
    }
    const { state, sent } = await askAll(adapter, [...next.before, next], hasForgotten);
    if (hasForgotten) {
      const wrong = [...state.filter(isGone), ...sent];
      results.push(wrong.length === 0 ? notReached : failed(wrong));
      isRunning = wrong.length === 0;
      continue;
    }
    const differences = [...state, ...sent];
    results.push(differences.length === 0 ? passed : failed(differences));
    if (state.length === 0) continue;
    hasForgotten = step.event.type === 'restart' && state.every(({ kind }) => durableKinds.includes(kind));
    isRunning = hasForgotten;
  }
  const startDifferences = [...start.state, ...start.sent];
  return {
    path,
    start: startDifferences.length === 0 ? passed : failed(startDifferences),
    steps: planned.steps.map(({ step, plan: next }, at) => ({
      step,
      result: results[at] ?? withoutAsking(next, notReached),
    })),
  };
};

/** What there is to say of a path that the adapter is not told. */
export const pathNotRun = (path: Path, has: Capabilities, reason: string): PathResult => {
  const notRun: StepResult = { status: 'notReached', reason };
  const steps = plan(path, has).steps.map(({ step, plan: next }) => ({
    step,
    result: withoutAsking(next, notRun),
  }));
  return { path, start: notRun, steps };
};

const withoutAsking = (next: PlannedStep, unasked: StepResult): StepResult =>
  next.do === 'ask' ? unasked : { status: 'notApplicable', reason: next.reason };

interface Differences {
  readonly state: readonly Difference[];
  readonly sent: readonly Difference[];
}

/** What comes back to all of one step. Behind a wrong state the rest means nothing, unless messages alone count by now. */
const askAll = async (
  adapter: Adapter,
  questions: readonly Question[],
  hasForgotten: boolean,
): Promise<Differences> => {
  const sent: Difference[] = [];
  let state: readonly Difference[] = [];
  for (const question of questions) {
    const differences = await ask(adapter, question);
    sent.push(...differences.sent);
    state = differences.state;
    if (state.some(isGone) || (state.length > 0 && !hasForgotten)) break;
  }
  return { state, sent };
};

/** What comes back, held against what must. A node that breaks has no state any more. */
const ask = async (adapter: Adapter, { request, expected }: Question): Promise<Differences> => {
  try {
    const answer = await adapter.ask(request);
    if (!answer.ok) return broken(`it cannot do that: ${answer.error}`);
    return { state: compareState(expected, answer), sent: compareSent(expected, answer) };
  } catch (error) {
    if (!(error instanceof AdapterBroken)) throw error;
    return broken(error.message, error instanceof AdapterHung ? 'hang' : 'broken');
  }
};

const failed = (differences: readonly Difference[]): StepResult => ({ status: 'failed', differences });

const broken = (text: string, kind: 'broken' | 'hang' = 'broken'): Differences => ({
  state: [{ kind, text }],
  sent: [],
});

const isGone = ({ kind }: Difference): boolean => kind === 'broken' || kind === 'hang';
