import { isDeepStrictEqual } from 'node:util';
import { chunkMessage, type FoundChunk } from '../../node/chunk-message.ts';
import type { RaftSnapshot, Step, Stepper } from '../../node/step.ts';
import { becameDurable, mustWait, type Queued, type Write } from '../../node/write-order.ts';
import type { RaftInput } from '../../raft/context.ts';
import type { Effect, EffectName, EffectParams, Replicate, SendChunk } from '../../raft/effects.ts';
import type { Persisted } from '../../raft/inputs.ts';
import { termAt } from '../../raft/log-shape.ts';
import type { AppendEntries, Message } from '../../raft/messages.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';
import { transitionsOf } from '../../statechart/read/model.ts';
import { transitionIdOf, walk } from '../../statechart/read/walk.ts';
import { delayOfTimer } from '../../statechart/read/xstate-internals.ts';
import type { StateSummary, TimedEvent, TracedInput } from '../../trace/events.ts';
import { plainEffect, plainMessage } from '../../trace/trace-line.ts';
import { messageLabel } from '../../trace/trace-sequence.ts';
import { inputOf, summaryOf } from '../chart-recorder.ts';
import type { Durability } from '../durability.ts';
import type { KnownEntries } from './known-entries.ts';
import type { MessagesSeen } from './messages-seen.ts';
import { nearRule } from './near-rule.ts';
import { type NearRule, NotAllowed } from './rejection.ts';

type ChartEvent = Extract<TimedEvent, { type: 'chart' }>;
type Interrupted = Extract<TimedEvent, { type: 'interrupted' }>;
type Synced = Extract<TimedEvent, { type: 'synced' }>;

export interface RunParts {
  readonly stepper: Stepper;
  readonly disk: Durability;
  readonly messages: MessagesSeen;
  readonly entries: KnownEntries;
  /** Whether a message may have been sent although the trace does not say so. */
  readonly mayBeUnseen: (message: Message) => boolean;
}

type EffectHandlers = { readonly [Name in EffectName]: (params: EffectParams[Name]) => void };

/** What may leave a node now: a message, or one of which the chart knows neither payloads nor bytes. */
type Leaving = { readonly message: Message } | { readonly append: Replicate } | { readonly chunk: SendChunk };

/** One run of a node, replayed on the chart: every method throws `NotAllowed` for what no rule allows. */
export class ValidatedRun {
  readonly #id: NodeId;
  readonly #parts: RunParts;
  #snapshot: RaftSnapshot;
  readonly #armed = new Set<string>();
  #steps = 0;
  #queue: readonly Queued[] = [];
  #durable = 0;
  #issued = 0;
  /** Of writes that are durable, and of which the chart has not heard. */
  readonly #answers: Persisted[] = [];
  /** What the last event let go. */
  #leaving: Leaving[] = [];
  #committed: LogIndex;
  #applied: LogIndex;
  /** Of the last step. */
  #lastRule: NearRule | null = null;
  /** Which rule has asked for a message. */
  readonly #askedBy = new WeakMap<Message, NearRule | null>();
  /** Whether the trace tells what is applied. */
  #tellsApplied = false;

  constructor(id: NodeId, found: RaftInput, parts: RunParts) {
    this.#id = id;
    this.#parts = parts;
    const step = parts.stepper.initial(found);
    this.#snapshot = step.snapshot;
    this.#keepTimers(step);
    this.#committed = step.snapshot.context.commitIndex;
    this.#applied = step.snapshot.context.lastApplied;
  }

  /** Throws `NotAllowed` unless the chart, started from `found`, is in this state. */
  startsAs(state: StateSummary, found: RaftInput): void {
    const { summary } = this;
    if (found.id !== this.#id)
      throw new NotAllowed([`it is node${this.#id}, and found what is of node${found.id}`]);
    const started = asJson(inputOf(this.#snapshot.context)) as object;
    if (!isDeepStrictEqual(started, asJson(found)))
      throw new NotAllowed(differences(started, asJson(found) as object, 'that it found'));
    if (!isDeepStrictEqual(state, summary)) throw new NotAllowed(differences(summary, state, 'at the start'));
  }

  get summary(): StateSummary {
    return summaryOf(this.#snapshot);
  }

  /** The state in words, such as `follower.leased`. */
  get state(): string {
    return this.summary.state;
  }

  /** Before a step is taken: whether it can come next. */
  follows({ step, input, ...event }: ChartEvent | Interrupted): void {
    this.#allSent();
    this.#number(step);
    if (input === undefined) throw new NotAllowed(['the trace does not say what the chart was given']);
    const now = this.summary;
    if (event.type === 'chart' && event.isBrief !== true && !isDeepStrictEqual(event.before, now))
      throw new NotAllowed(differences(now, event.before, 'before it'));
    this.#admit(input);
  }

  /** A step that `follows`; the answer is what the chart asks for in it. */
  chart(event: ChartEvent): readonly Effect[] {
    const { input, after, transitions, effects } = event;
    if (input === undefined) return [];
    const step = this.#step(input);
    const near = nearRule(step);
    this.#lastRule = near;
    const taken = step.taken.map(({ transition }) => transitionIdOf(transition));
    const claimed = transitions.map(({ id }) => id);
    if (!isDeepStrictEqual(taken, claimed)) {
      throw new NotAllowed([`the chart takes ${named(taken)}, the trace says ${named(claimed)}`], near);
    }
    const reached = summaryOf(step.snapshot);
    if (!isDeepStrictEqual(after, reached))
      throw new NotAllowed(differences(reached, after, 'after it'), near);
    if (event.isBrief !== true) {
      const [wanted, got] = [plainEffects(step.effects), plainEffects(effects)];
      if (!isDeepStrictEqual(asJson(wanted), asJson(got)))
        throw new NotAllowed(effectDifferences(wanted, got), near);
    }
    this.#take(step, step.effects);
    return step.effects;
  }

  /** A step that `follows`, and that a loss of power has cut short: any number of its effects may have happened. */
  interrupted({ input, effects }: Interrupted): void {
    const step = this.#step(input);
    this.#lastRule = nearRule(step);
    const done = step.effects.slice(0, effects.length);
    const [wanted, got] = [plainEffects(done), plainEffects(effects)];
    if (!isDeepStrictEqual(asJson(wanted), asJson(got))) {
      throw new NotAllowed(effectDifferences(wanted, got), nearRule(step));
    }
    this.#take(step, done);
  }

  synced({ writes, term, votedFor, lastIndex }: Synced): void {
    this.#allSent();
    const { disk } = this.#parts;
    if (writes === undefined) throw new NotAllowed(['the trace does not say how many writes are durable']);
    if (writes <= this.#durable || writes > this.#issued) {
      throw new NotAllowed([
        `${this.#issued} writes were asked for and ${this.#durable} of them are durable: there can be no ${writes}`,
      ]);
    }
    const { released, answers, queue } = becameDurable(this.#queue, writes - this.#durable);
    disk.acknowledge(writes - this.#durable);
    this.#durable = writes;
    this.#queue = queue;
    this.#answers.push(...answers);
    this.#leaving = released.map((message) => ({ message }));
    const { currentTerm, votedFor: vote, log } = disk.durable;
    const holds = { term: currentTerm, votedFor: vote, lastIndex: log.lastIndex };
    const told = { term, votedFor, lastIndex };
    if (!isDeepStrictEqual(holds, told)) throw new NotAllowed(differences(holds, told, 'on the disk'));
  }

  /** A message leaves. */
  sent(message: Message): void {
    const at = this.#leaving.findIndex((each) => isIt(each, message, this.#id));
    if (at < 0) {
      const waiting = this.#queue.find(
        (each) => each.type === 'send' && isSameMessage(each.message, message),
      );
      if (waiting?.type === 'send') {
        const rule = this.#askedBy.get(waiting.message) ?? null;
        throw new NotAllowed(['it must wait until what it tells of is durable'], rule);
      }
      const sends = this.#leaving.map(leavingText).join(', ') || 'nothing';
      throw new NotAllowed([`the chart sends ${sends} here`], this.#lastRule);
    }
    this.#leaving.splice(at, 1);
    if (message.type === 'AppendEntries')
      this.#parts.entries.learn(message.prevLogIndex + 1, message.entries);
    this.#parts.messages.sent(message);
  }

  /** A message to each of these leaves. Returns those that are wholly known. */
  left(to: readonly NodeId[]): readonly Message[] {
    return to.flatMap((addressee) => {
      const at = this.#leaving.findIndex((each) => addresseeOf(each) === addressee);
      if (at < 0) {
        const sends = this.#leaving.map(leavingText).join(', ') || 'nothing';
        throw new NotAllowed(
          [`a message leaves to node${addressee}, and the chart sends ${sends} here`],
          this.#lastRule,
        );
      }
      const [leaving] = this.#leaving.splice(at, 1);
      const message = this.#messageOf(leaving!);
      this.#parts.messages.sent(message);
      return [message];
    });
  }

  #messageOf(leaving: Leaving): Message {
    if ('message' in leaving) return leaving.message;
    const from = this.#id;
    if ('append' in leaving) {
      const { runs, lastIndex, ...named } = leaving.append;
      const entries = this.#parts.entries.between(runs, named.prevLogIndex + 1, lastIndex);
      return { type: 'AppendEntries', from, ...named, entries };
    }
    return chunkMessage(from, leaving.chunk, unknownChunk);
  }

  /** Before anything else happens, what was let go has left. */
  #allSent(): void {
    // What the chart names may be gone by the time that it is read.
    const missing = this.#leaving.find(
      (each) => 'message' in each || ('append' in each && each.append.runs.length === 0),
    );
    if (missing === undefined) return;
    const rule = 'message' in missing ? (this.#askedBy.get(missing.message) ?? null) : this.#lastRule;
    throw new NotAllowed([`first, ${leavingText(missing)} must leave`], rule);
  }

  /** The state machine takes an entry. */
  applied(index: LogIndex, term: number): void {
    this.#tellsApplied = true;
    if (index <= this.#applied) throw new NotAllowed([`entry ${this.#applied} was applied before`]);
    if (index > this.#committed)
      throw new NotAllowed([`entries are committed up to ${this.#committed} only`]);
    const held = termAt(this.#snapshot.context.log, index);
    if (held !== term && held !== 0)
      throw new NotAllowed([`the log has term ${held} at index ${index}, not ${term}`]);
    this.#noneSkipped(index - 1);
    this.#applied = index;
  }

  /** Commands are applied one after another; those that a snapshot stands for never are. */
  #noneSkipped(lastIndex: LogIndex): void {
    const { log } = this.#snapshot.context;
    for (let index = Math.max(this.#applied, log.snapshotIndex) + 1; index <= lastIndex; index++) {
      if (this.#parts.entries.kindAt(index, termAt(log, index)) === 'command')
        throw new NotAllowed([`entry ${index} must be applied first`]);
    }
  }

  #number(step: number | undefined): void {
    this.#steps++;
    if (step === undefined || step === this.#steps) return;
    const [from, to] = [this.#steps, step - 1];
    throw new NotAllowed([
      to >= from
        ? `step${from === to ? ` ${from} is` : `s ${from} to ${to} are`} missing`
        : `step ${this.#steps} should come next`,
    ]);
  }

  /** Whether what the chart is given can come about; where it cannot, the nearest rule is the one for which it would be. */
  #admit(input: TracedInput): void {
    try {
      this.#checkInput(input);
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      throw new NotAllowed(error.reasons, this.#nearestTo(input));
    }
  }

  #nearestTo(input: TracedInput): NearRule | null {
    try {
      return nearRule(this.#step(input)) ?? this.#ruleOfTimer(input.type);
    } catch {
      // It asserts what no correct node ever gives it.
      return null;
    }
  }

  /** The first branch of a timer that does not run now. */
  #ruleOfTimer(type: string): NearRule | null {
    if (delayOfTimer(type) === null) return null;
    const found = transitionsOf(walk(this.#snapshot.machine)).find(
      ({ kind, eventType }) => kind === 'after' && eventType === type,
    );
    return found === undefined ? null : { id: found.id, description: found.description, rule: found.rule };
  }

  #checkInput(input: TracedInput): void {
    const { context } = this.#snapshot;
    switch (input.type) {
      case 'Received': {
        const { message } = input;
        if (message.to !== this.#id) throw new NotAllowed([`it is addressed to node${message.to}`]);
        this.#parts.messages.handled(message, () => this.#parts.mayBeUnseen(message));
        if (message.type === 'AppendEntries')
          this.#parts.entries.learn(message.prevLogIndex + 1, message.entries);
        return;
      }
      case 'Persisted': {
        const [due] = this.#answers;
        if (due === undefined)
          throw new NotAllowed(['no write has become durable of which the chart had not heard']);
        if (!isDeepStrictEqual(due, input)) throw new NotAllowed(differences(due, input, 'of the write'));
        this.#answers.shift();
        return;
      }
      case 'Applied':
        if (input.index <= context.lastApplied || input.index > this.#committed)
          throw new NotAllowed([
            `entries are applied up to ${context.lastApplied} and committed up to ${this.#committed}`,
          ]);
        if (this.#tellsApplied) this.#noneSkipped(input.index);
        return;
      case 'SnapshotSaved':
        if (input.index > context.lastApplied)
          throw new NotAllowed([`only entries up to ${context.lastApplied} are applied`]);
        if (![0, input.term].includes(termAt(context.log, input.index)))
          throw new NotAllowed([`the entry there has term ${termAt(context.log, input.index)}`]);
        return;
      case 'SnapshotReceived':
      case 'SnapshotFailed': {
        const { incoming } = context;
        // It may be given up for another, or by a node that leads by now, while it is checked.
        if (incoming !== null && incoming.index === input.index && !incoming.isComplete)
          throw new NotAllowed(['not all of it has arrived']);
        return;
      }
      case 'Proposed':
      case 'ConfigurationProposed':
      case 'TransferRequested':
      case 'ReadRequested':
        return;
      default:
        if (!this.#armed.has(input.type)) {
          const timer = delayOfTimer(input.type) ?? input.type;
          const others = [...this.#armed].map((each) => delayOfTimer(each) ?? each).join(', ');
          throw new NotAllowed([
            `no ${timer} runs in ${this.state}${others === '' ? '' : `, only ${others}`}`,
          ]);
        }
    }
  }

  /** What the chart makes of it; an assertion that fails is no rule. */
  #step(input: TracedInput): Step {
    try {
      return this.#parts.stepper.step(this.#snapshot, input);
    } catch (error) {
      throw new NotAllowed([`the chart fails: ${(error as Error).message}`]);
    }
  }

  #take(step: Step, effects: readonly Effect[]): void {
    this.#snapshot = step.snapshot;
    this.#keepTimers(step);
    this.#leaving = [];
    for (const { type, params } of effects) this.#effects[type](params as never);
  }

  #keepTimers({ timers }: Step): void {
    for (const { change, id } of timers) {
      if (change === 'start') this.#armed.add(id);
      else this.#armed.delete(id);
    }
  }

  readonly #effects = {
    persist: (write) => {
      const { disk, entries } = this.#parts;
      const { currentTerm, votedFor, firstIndex } = write;
      entries.learn(firstIndex, write.entries);
      disk.append({ hardState: { currentTerm, votedFor }, firstIndex, entries: write.entries });
      this.#issue(write);
    },
    send: ({ message }) => {
      this.#askedBy.set(message, this.#lastRule);
      if (mustWait(this.#queue)) this.#queue = [...this.#queue, { type: 'send', message }];
      else this.#leaving.push({ message });
    },
    replicate: (params) => this.#leaving.push({ append: params }),
    sendChunk: (chunk) => this.#leaving.push({ chunk }),
    storeChunk: () => {},
    installSnapshot: (write) => {
      const { currentTerm, votedFor, snapshot } = write;
      const { disk } = this.#parts;
      disk.append({ hardState: { currentTerm, votedFor }, firstIndex: 0, entries: [] });
      disk.compact(snapshot.index, snapshot.term);
      this.#issue(write);
    },
    compact: ({ index, term }) => this.#parts.disk.compact(index, term),
    apply: ({ lastIndex }) => {
      this.#committed = Math.max(this.#committed, lastIndex);
    },
    accept: () => {},
    reject: () => {},
    acceptRequest: () => {},
    rejectRequest: () => {},
    confirmRead: () => {},
    rejectRead: () => {},
    report: () => {},
  } satisfies EffectHandlers as EffectHandlers;

  #issue(write: Write): void {
    this.#issued++;
    this.#queue = [...this.#queue, { type: 'write', write }];
  }
}

/** What the chart does not know of a chunk. */
const unknownChunk: FoundChunk = {
  info: { sizeBytes: 0, checksum: 0 },
  chunk: { bytes: new Uint8Array(0), checksum: 0 },
  isLast: false,
};

const addresseeOf = (leaving: Leaving): NodeId => {
  if ('message' in leaving) return leaving.message.to;
  return 'append' in leaving ? leaving.append.to : leaving.chunk.to;
};

const isIt = (leaving: Leaving, message: Message, from: NodeId): boolean => {
  if ('message' in leaving) return isSameMessage(leaving.message, message);
  if ('append' in leaving) {
    if (message.type !== 'AppendEntries' || message.from !== from) return false;
    const { runs, lastIndex, ...named } = leaving.append;
    const { type: _, from: __, entries, ...told } = message;
    return (
      isDeepStrictEqual(named, told) &&
      lastIndex === told.prevLogIndex + entries.length &&
      hasRuns(message, runs)
    );
  }
  if (message.type !== 'InstallSnapshot' || message.from !== from) return false;
  const { to, term, snapshot, offset, round } = leaving.chunk;
  const { lastIncludedIndex: index, lastIncludedTerm, configuration } = message;
  return (
    message.to === to &&
    message.term === term &&
    message.offset === offset &&
    message.round === round &&
    isDeepStrictEqual(snapshot, { index, term: lastIncludedTerm, configuration })
  );
};

/** Whether its entries have the terms of these runs. */
const hasRuns = ({ prevLogIndex, entries }: AppendEntries, runs: Replicate['runs']): boolean => {
  let run = -1;
  return entries.every(({ term }, at) => {
    if (runs[run + 1]?.firstIndex === prevLogIndex + 1 + at) run++;
    return runs[run]?.term === term;
  });
};

const isSameMessage = (a: Message, b: Message): boolean =>
  isDeepStrictEqual(asJson(plainMessage(a)), asJson(plainMessage(b)));

/** As it comes back from a file: a field that is undefined is not there. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const plainEffects = (effects: readonly Effect[]): readonly unknown[] =>
  effects.map((each) => plainEffect(each));

/** The fields in which `got` is not what it must be. */
const differences = (want: object, got: object, where: string): readonly string[] => {
  const [a, b] = [want, got] as [Record<string, unknown>, Record<string, unknown>];
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return fields.flatMap((field) =>
    isDeepStrictEqual(a[field], b[field])
      ? []
      : [
          `${field} ${where}: ${JSON.stringify(a[field])} by the rules, ${JSON.stringify(b[field])} in the trace`,
        ],
  );
};

const effectDifferences = (want: readonly unknown[], got: readonly unknown[]): readonly string[] => {
  const length = Math.max(want.length, got.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [want[at], got[at]] as [
      Record<string, unknown> | undefined,
      Record<string, unknown> | undefined,
    ];
    if (a === undefined) return [`the chart asks for no ${b!.type as string} there`];
    if (b === undefined) return [`the chart also asks for ${a.type as string}, which is missing`];
    if (a.type !== b.type)
      return [`the chart asks for ${a.type as string}, the trace says ${b.type as string}`];
    const found = differences(asJson(a) as object, asJson(b) as object, `of ${a.type as string}`);
    if (found.length > 0) return found;
  }
  return [];
};

const leavingText = (leaving: Leaving): string => {
  if ('message' in leaving) return `${messageLabel(leaving.message)} to node${leaving.message.to}`;
  if ('append' in leaving)
    return `an AppendEntries behind ${leaving.append.prevLogIndex} to node${leaving.append.to}`;
  return `an InstallSnapshot to node${leaving.chunk.to}`;
};

const named = (ids: readonly string[]): string => (ids.length === 0 ? 'no transition' : ids.join(', '));
