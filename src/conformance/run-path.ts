import type { LogIndex, NodeId } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { Path, PathMessage } from '../verify/paths/path.ts';
import { type Adapter, AdapterBroken, AdapterHung } from './adapter.ts';
import { compareSent, compareState } from './compare.ts';
import type { Difference } from './difference.ts';
import type { Expected } from './expected.ts';
import { isPrecise } from './expected-messages.ts';
import { HonestPeers } from './honest-peers.ts';
import type { ModelledStep } from './modelled-step.ts';
import { type Plan, type PlannedStep, plan, type Question } from './plan.ts';
import { type AdapterRequest, adapterProtocolVersion, type Capabilities } from './protocol.ts';
import { settle } from './settle.ts';
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
    /** How many requests there had been by the end of it. */
    readonly asked: number;
  }[];
  /** How a leader at the end went on; null: it was not asked to. */
  readonly last: StepResult | null;
  /** All that the adapter was told. */
  readonly requests: readonly AdapterRequest[];
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
  const walk = new Walk(adapter, has);
  const results: StepResult[] = [];
  const asked: number[] = [];
  let hasForgotten = false;
  let isRunning = true;
  const start = await walk.ask({ request: initOf(path), expected: planned.start });
  if (start.state.length + start.sent.length > 0) isRunning = false;

  for (const { step, plan: next } of planned.steps) {
    asked[results.length - 1] = walk.requests.length;
    if (!isRunning) break;
    if (next.do !== 'ask') {
      results.push(withoutAsking(next, notReached));
      continue;
    }
    const prepared = hasForgotten ? next : await walk.prepare(step, next);
    if (!('request' in prepared)) {
      results.push(prepared);
      isRunning = prepared.status !== 'failed' && prepared.status !== 'notReached';
      continue;
    }
    const { state, sent } = await walk.ask(prepared);
    if (hasForgotten) {
      const wrong = [...state.filter(isGone), ...sent];
      results.push(wrong.length === 0 ? notReached : failed(wrong));
      isRunning = wrong.length === 0;
      continue;
    }
    const differences = [...state, ...sent];
    results.push(differences.length > 0 ? failed(differences) : isItsOwnAffair(step, next) ? unseen : passed);
    if (state.length === 0) continue;
    hasForgotten = step.event.type === 'restart' && state.every(({ kind }) => durableKinds.includes(kind));
    isRunning = hasForgotten;
  }
  asked[results.length - 1] = walk.requests.length;
  const isWhole = isRunning && !hasForgotten;
  const last = planned.last === null ? null : isWhole ? await walk.finish(planned.last) : notReached;
  const startDifferences = [...start.state, ...start.sent];
  return {
    path,
    start: startDifferences.length === 0 ? passed : failed(startDifferences),
    steps: planned.steps.map(({ step, plan: next }, at) => ({
      step,
      result: results[at] ?? withoutAsking(next, notReached),
      asked: asked[at] ?? 0,
    })),
    last,
    requests: walk.requests,
  };
};

/** What a leader sends, and when, is up to it as long as it gets there: nothing else could have shown here that it does not. */
const unseen: StepResult = { status: 'notApplicable', reason: 'when it sends entries is its own affair' };

/** Whether all that the chart does here is to send entries, which this implementation may do at another time. */
const isItsOwnAffair = ({ before, expect }: ModelledStep, { expected: { messages } }: Question): boolean => {
  const { currentTerm, votedFor, commitIndex, log } = before.snapshot.context;
  return (
    messages !== null &&
    messages.replies.length === 0 &&
    messages.appends.some(({ messages: all }) => all.length > 0) &&
    messages.appends.every(({ how, isRequired }) => how === 'sound' && !isRequired) &&
    currentTerm === expect.term &&
    votedFor === expect.votedFor &&
    commitIndex === expect.commitIndex &&
    log.lastIndex === expect.logBegin.index + expect.log.length
  );
};

/** One way through a path: what was asked, and what the node has sent to whom. */
class Walk {
  readonly requests: AdapterRequest[] = [];
  readonly #adapter: Adapter;
  readonly #has: Capabilities;
  readonly #peers = new HonestPeers();

  constructor(adapter: Adapter, has: Capabilities) {
    this.#adapter = adapter;
    this.#has = has;
  }

  /** What comes back, held against what must. A node that breaks has no state any more. */
  async ask({ request, expected }: Question): Promise<Differences> {
    this.requests.push(request);
    if (request.do === 'deliver' && request.message.type === 'AppendEntriesResponse') {
      this.#peers.answered(request.message);
    }
    try {
      const answer = await this.#adapter.ask(request);
      if (!answer.ok) return broken(`it cannot do that: ${answer.error}`);
      this.#peers.sent(answer.state.term, answer.sent);
      const sent = [...compareSent(expected, answer), ...this.#heldBack(request, expected)];
      return { state: compareState(expected, answer), sent };
    } catch (error) {
      if (!(error instanceof AdapterBroken)) throw error;
      return broken(error.message, error instanceof AdapterHung ? 'hang' : 'broken');
    }
  }

  /** What a follower lacks that has just acknowledged something, and was not sent more, where a leader does not wait for its next heartbeat. */
  #heldBack(request: AdapterRequest, { messages }: Expected): readonly Difference[] {
    const has = this.#has;
    const mayWait = isPrecise(has) || has.retriesAtHeartbeat || has.separateHeartbeats;
    if (mayWait || messages === null || messages.leader === null) return [];
    if (request.do !== 'deliver' || request.message.type !== 'AppendEntriesResponse') return [];
    const { from, term, success, matchIndex } = request.message;
    const { begin, entries, term: own } = messages.leader;
    const last = begin.index + entries.length;
    if (term !== own || !success || begin.index > 0) return [];
    // Another request may be under way.
    const isIdle =
      this.#peers.hasAnswered(from) &&
      this.#peers.sentUpTo(from, matchIndex) === matchIndex &&
      matchIndex < last;
    if (!isIdle || !messages.appends.some(({ to }) => to === from)) return [];
    const text = `to ${from} expected the entries behind ${matchIndex}, which it has acknowledged, got nothing of that`;
    return [{ kind: 'missing', text }];
  }

  /** What to ask for a step, once the node has sent what a peer acknowledges in it; or what came of it, if it has not. */
  async prepare(step: ModelledStep, question: Question): Promise<Question | StepResult> {
    const { event, isHostile, before, expect } = step;
    const isAnswer = event.type === 'deliver' && event.message.type === 'AppendEntriesResponse';
    if (!isAnswer || isHostile || topOf(step.stateBefore) !== 'leader') return question;
    const { from: peer, term, success, prevLogIndex, matchIndex } = event.message as Answer;
    const { currentTerm, commitIndex, progress } = before.snapshot.context;
    if (term !== currentTerm || progress[peer] === undefined) return question;
    if (isPrecise(this.#has)) {
      const isSent = !success || this.#peers.hasSentTo(peer, matchIndex);
      return isSent || matchIndex === 0 ? question : notReached;
    }
    const expected = meanwhile(step, question.expected, Math.max(commitIndex, expect.commitIndex));
    if (!success) return this.#prepareRejection(peer, prevLogIndex, { ...question, expected }, question);
    const holds = Math.max(this.#peers.acknowledgedBy(peer), Math.min(prevLogIndex, matchIndex));
    const differences = await settle(
      { peer, holds, upTo: matchIndex, expected },
      this.#peers,
      this.#has,
      this.#askMore,
    );
    if (differences.length > 0) return { ...failed(differences), subject: progressSubject };
    const answered = this.#peers.unansweredBy(peer);
    if (answered === null || answered.prevLogIndex + answered.entries.length !== matchIndex) return question;
    const message = { ...(event.message as Answer), prevLogIndex: answered.prevLogIndex };
    return { ...question, request: { ...question.request, message } as AdapterRequest };
  }

  /** A peer rejects only what it was sent. */
  async #prepareRejection(
    peer: NodeId,
    prevLogIndex: LogIndex,
    heartbeat: Question,
    question: Question,
  ): Promise<Question | StepResult> {
    const isAsked = () =>
      this.#has.rpc
        ? this.#peers.unansweredBy(peer)?.prevLogIndex === prevLogIndex
        : this.#peers.hasSentFrom(peer, prevLogIndex);
    if (isAsked()) return question;
    const differences = await this.#askMore({
      request: { do: 'timeout', timer: 'heartbeatInterval' },
      expected: heartbeat.expected,
    });
    if (differences.length > 0) return failed(differences);
    if (isAsked()) return question;
    return { status: 'notApplicable', reason: 'it has not sent what is rejected here' };
  }

  /** One more command reaches everybody, whatever each lacks, and is committed. */
  async finish({ step, plan: question }: NonNullable<Plan['last']>): Promise<StepResult> {
    const { state, sent } = await this.ask(question);
    const differences = [...state, ...sent];
    const { progress } = step.before.snapshot.context;
    const upTo = step.after.snapshot.context.log.lastIndex;
    const expected = meanwhile({ ...step, before: step.after }, question.expected, upTo);
    for (const peer of Object.keys(progress).map(Number)) {
      if (differences.length > 0) break;
      const holds = progress[peer]!.matchIndex;
      differences.push(
        ...(await settle({ peer, holds, upTo, expected }, this.#peers, this.#has, this.#askMore)),
      );
      const { currentTerm } = step.after.snapshot.context;
      const answer = this.#peers.answerOf(peer, upTo, false);
      const message: Answer = {
        ...accepted,
        from: peer,
        term: currentTerm,
        prevLogIndex: answer?.matchIndex === upTo ? answer.prevLogIndex : upTo,
        matchIndex: upTo,
        round: answer?.round ?? 0,
      };
      if (differences.length === 0)
        differences.push(...(await this.#askMore({ request: { do: 'deliver', message }, expected })));
    }
    if (differences.length === 0) {
      const done = { ...expected, commitIndex: { min: upTo, max: upTo } };
      const heartbeat: AdapterRequest = { do: 'timeout', timer: 'heartbeatInterval' };
      differences.push(...(await this.#askMore({ request: heartbeat, expected: done })));
      for (const peer of Object.keys(progress).map(Number)) {
        const told = this.#peers.toldCommitTo(peer);
        if (told >= upTo) continue;
        const text = `to ${peer} expected a heartbeat that says that ${upTo} entries are committed, got none beyond ${told}`;
        differences.push({ kind: 'missing', text });
      }
    }
    return differences.length === 0 ? passed : failed(differences);
  }

  readonly #askMore = async (question: Question): Promise<readonly Difference[]> => {
    const { state, sent } = await this.ask(question);
    return [...state, ...sent];
  };
}

type Answer = Extract<PathMessage, { type: 'AppendEntriesResponse' }>;

const accepted = {
  type: 'AppendEntriesResponse',
  to: testedNode,
  success: true,
  conflictTerm: 0,
  conflictIndex: 0,
} as const;

/** What a leader is held to between two steps of a path: it stays what it is, commits up to here at most, and sends what is sound. */
const meanwhile = (
  { before }: Pick<ModelledStep, 'before'>,
  expected: Expected,
  highestCommit: LogIndex,
): Expected => {
  const { currentTerm, votedFor, commitIndex, reads } = before.snapshot.context;
  const { log } = before;
  // A round that is answered may answer reads.
  const messages = reads.length === 0 ? expected.messages : null;
  const max = Math.max(highestCommit, expected.commitIndex?.max ?? 0);
  return {
    role: 'leader',
    term: currentTerm,
    votedFor,
    commitIndex: { min: commitIndex, max },
    log: expected.log && {
      begin: { index: log.base, term: log.baseTerm },
      terms: log.entries.map(({ term }) => term),
    },
    timers: null,
    messages: messages && {
      ...messages,
      replies: [],
      alsoAllowed: [],
      commitIndex: max,
      appends: messages.appends.map(({ to }) => ({
        to,
        how: 'sound',
        messages: [],
        isRequired: false,
        below: null,
      })),
      leader: { term: currentTerm, begin: { index: log.base, term: log.baseTerm }, entries: log.entries },
    },
  };
};

/** What there is to say of a path that the adapter is not told. */
export const pathNotRun = (path: Path, has: Capabilities, reason: string): PathResult => {
  const notRun: StepResult = { status: 'notReached', reason };
  const steps = plan(path, has).steps.map(({ step, plan: next }) => ({
    step,
    result: withoutAsking(next, notRun),
    asked: 0,
  }));
  return { path, start: notRun, steps, last: null, requests: [] };
};

const withoutAsking = (next: PlannedStep, unasked: StepResult): StepResult =>
  next.do === 'ask' ? unasked : { status: 'notApplicable', reason: next.reason };

interface Differences {
  readonly state: readonly Difference[];
  readonly sent: readonly Difference[];
}

const failed = (differences: readonly Difference[]): FailedStep => ({ status: 'failed', differences });

const broken = (text: string, kind: 'broken' | 'hang' = 'broken'): Differences => ({
  state: [{ kind, text }],
  sent: [],
});

const isGone = ({ kind }: Difference): boolean => kind === 'broken' || kind === 'hang';
