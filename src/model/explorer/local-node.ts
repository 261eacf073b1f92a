import { isDeepStrictEqual } from 'node:util';
import type { StateValue } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { roleOf } from '../../node/roles.ts';
import type { Step as CheckedStep, NodeView } from '../../properties/view.ts';
import { assert } from '../../raft/assert.ts';
import { defaultSettings, type RaftContext } from '../../raft/context.ts';
import type { Effect, Persist, Replicate } from '../../raft/effects.ts';
import type { RaftEvent } from '../../raft/inputs.ts';
import { append, emptyLog, type LogShape } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import { type Entry, emptyPayload, type HardState, type NodeId } from '../../raft/types.ts';
import { withoutDie } from '../paths/model-node.ts';
import { createStepper, type RaftSnapshot, type Step, type Stepper, type TimerEvent } from '../step.ts';

/** What a power loss leaves. */
export interface Disk extends HardState {
  readonly entries: readonly Entry[];
}

/** A write that is not durable yet, or a message that waits for those before it. */
export type Queued =
  | { readonly type: 'write'; readonly write: Persist }
  | { readonly type: 'send'; readonly message: Message };

/** One node of an explored cluster between two events: plain JSON, and all that its future depends on. */
export interface LocalNode {
  readonly value: StateValue;
  readonly context: RaftContext;
  /** Types of the timer events that are armed; sorted. */
  readonly armed: readonly string[];
  readonly entries: readonly Entry[];
  readonly disk: Disk;
  /** Empty with a prompt disk. */
  readonly queue: readonly Queued[];
}

/** What can happen to one node, but for a crash. */
export type LocalEvent =
  | { readonly type: 'deliver'; readonly message: Message }
  | { readonly type: 'timeout'; readonly timer: TimerEvent['type'] }
  | { readonly type: 'propose' }
  | { readonly type: 'durable' };

/** What the properties are asked of one step, and how its node looks then. */
export interface Checked {
  readonly step: CheckedStep;
  readonly view: NodeView;
}

/** One way in which an event can end. */
export interface LocalOutcome {
  readonly node: LocalNode;
  /** In order. */
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
  /** It died on the way, after so many effects, and its disk kept so many of the writes that were queued. */
  readonly crash: { readonly effects: number; readonly writes: number } | null;
}

export interface LocalResult {
  /** The event to its end; null: the chart threw `error` on the way. */
  readonly outcome: LocalOutcome | null;
  readonly error: Error | null;
  /** What was checked until `error`. */
  readonly checked: readonly Checked[];
  /** Deaths in the middle of it. */
  readonly crashes: readonly LocalOutcome[];
}

/** Runs single nodes: the chart, with its effects done on plain data. */
export class LocalNodes {
  readonly #machine: typeof raftMachine;
  readonly #stepper: Stepper;
  readonly #voters: readonly NodeId[];
  readonly #isSlow: boolean;

  /** `watch` is told of each step of a chart, as it happens. */
  constructor(
    nodes: number,
    disk: 'prompt' | 'slow',
    machine: typeof raftMachine = raftMachine,
    watch?: (before: RaftSnapshot, step: Step) => void,
  ) {
    this.#machine = withoutDie(machine);
    this.#stepper =
      watch === undefined ? createStepper(this.#machine) : watched(createStepper(this.#machine), watch);
    this.#voters = Array.from({ length: nodes }, (_, at) => at + 1);
    this.#isSlow = disk === 'slow';
  }

  /** A node as it starts on `disk`. */
  start(id: NodeId, disk: Disk = emptyDisk): LocalNode {
    const step = this.#stepper.initial({
      id,
      voters: this.#voters,
      hardState: { currentTerm: disk.currentTerm, votedFor: disk.votedFor },
      log: shapeOf(disk.entries),
      // The die is never thrown, so all nodes may have the same one: their names are all that tells them apart.
      seed: 0,
    });
    const run = new Run(
      this.#stepper,
      step.snapshot,
      { entries: disk.entries, disk, armed: [], queue: [] },
      false,
    );
    run.started(step);
    return run.node();
  }

  /** `event` happens to `node`. `crashes`: also tells what it leaves behind when it dies on the way. */
  take(node: LocalNode, event: LocalEvent, crashes: boolean): LocalResult {
    const snapshot = this.#machine.resolveState({ value: node.value, context: node.context }) as RaftSnapshot;
    const run = new Run(this.#stepper, snapshot, node, crashes);
    let error: Error | null = null;
    try {
      run.take(event);
      if (!this.#isSlow) while (run.hasWrites) run.sync();
    } catch (thrown) {
      error = thrown as Error;
    }
    const { sent, checked } = run;
    return {
      outcome: error === null ? { node: run.node(), sent, checked, crash: null } : null,
      error,
      checked,
      crashes: run.deaths.flatMap((death) => this.#ends(node.context.id, death)),
    };
  }

  /** `node` loses power between two events. */
  crash(node: LocalNode): readonly LocalOutcome[] {
    return this.#ends(node.context.id, {
      effects: 0,
      disk: node.disk,
      writes: writesOf(node.queue),
      sent: [],
      checked: [],
    });
  }

  #ends(id: NodeId, { effects, disk, writes, sent, checked }: Death): readonly LocalOutcome[] {
    const outcomes: LocalOutcome[] = [];
    for (let kept = 0; kept <= writes.length; kept++) {
      const node = this.start(id, writes.slice(0, kept).reduce(written, disk));
      const crashed: Checked = { step: { type: 'crashed', node: id }, view: downView(id, disk) };
      const started: Checked = { step: { type: 'started', node: id }, view: viewOf(node) };
      outcomes.push({
        node,
        sent,
        checked: [...checked, crashed, started],
        crash: { effects, writes: kept },
      });
    }
    return outcomes;
  }
}

/** What is there when the power goes. */
interface Death {
  readonly effects: number;
  readonly disk: Disk;
  readonly writes: readonly Persist[];
  readonly sent: readonly Message[];
  readonly checked: readonly Checked[];
}

/** One event while it happens. */
class Run {
  readonly sent: Message[] = [];
  readonly checked: Checked[] = [];
  readonly deaths: Death[] = [];
  readonly #stepper: Stepper;
  readonly #dies: boolean;
  #snapshot: RaftSnapshot;
  #armed: readonly string[];
  #entries: readonly Entry[];
  #disk: Disk;
  #queue: Queued[];
  #committed = 0;
  #effects = 0;

  constructor(
    stepper: Stepper,
    snapshot: RaftSnapshot,
    { entries, disk, armed, queue }: Pick<LocalNode, 'entries' | 'disk' | 'armed' | 'queue'>,
    dies: boolean,
  ) {
    this.#stepper = stepper;
    this.#snapshot = snapshot;
    this.#entries = entries;
    this.#disk = disk;
    this.#armed = armed;
    this.#queue = [...queue];
    this.#dies = dies;
  }

  get hasWrites(): boolean {
    return this.#queue.length > 0;
  }

  started(step: Step): void {
    this.#setTimers(step);
    assert(step.effects.length === 0, 'a node starts without effects', step.effects.length, 0);
  }

  take(event: LocalEvent): void {
    switch (event.type) {
      case 'deliver':
        // The message is gone, even if nothing else comes of it.
        this.#mayDie();
        this.#input({ type: 'Received', message: event.message });
        return;
      case 'timeout':
        this.#input({ type: event.timer });
        return;
      case 'propose':
        this.#input({ type: 'Proposed', proposals: [{ id: 1, payload: emptyPayload }] });
        return;
      case 'durable':
        this.sync();
        return;
    }
  }

  /** The oldest write becomes durable, what waited for it alone leaves, and the chart is told. */
  sync(): void {
    const next = this.#queue.shift();
    assert(next?.type === 'write', 'a write waits for the disk', next?.type);
    this.#disk = written(this.#disk, next.write);
    this.#check({ type: 'synced', node: this.#id });
    while (this.#queue[0]?.type === 'send') {
      this.#leave((this.#queue.shift() as Extract<Queued, { type: 'send' }>).message);
    }
    this.#input({ type: 'Persisted', term: next.write.currentTerm, lastIndex: next.write.lastIndex });
  }

  node(): LocalNode {
    const { value, context } = this.#snapshot;
    return {
      value,
      // For redirects; no rule reads it. So it does not tell two states apart.
      context: context.leaderId === null ? context : { ...context, leaderId: null },
      armed: this.#armed,
      entries: this.#entries,
      disk: this.#disk,
      queue: this.#queue,
    };
  }

  get #id(): NodeId {
    return this.#snapshot.context.id;
  }

  /** One event from outside, as `src/node/start-node.ts` hands it to the chart; what it commits is applied at once. */
  #input(event: RaftEvent | TimerEvent): void {
    this.#step(event);
    const { lastApplied } = this.#snapshot.context;
    if (this.#committed <= lastApplied) return;
    for (let index = lastApplied + 1; index <= this.#committed; index++) {
      this.#check({ type: 'applied', node: this.#id, index, term: this.#entries[index - 1]?.term ?? 0 });
    }
    this.#step({ type: 'Applied', index: this.#committed });
  }

  #step(event: RaftEvent | TimerEvent): void {
    const step = this.#stepper.step(this.#snapshot, event);
    this.#snapshot = step.snapshot;
    assert(step.snapshot.status === 'active', 'the chart runs', step.snapshot.status);
    this.#setTimers(step);
    this.#check({ type: 'stepped', node: this.#id });
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform({ type, params }: Effect): void {
    switch (type) {
      case 'persist': {
        const { firstIndex, entries } = params;
        if (firstIndex > 0) this.#entries = [...this.#entries.slice(0, firstIndex - 1), ...entries];
        this.#queue.push({ type: 'write', write: params });
        this.#done();
        return;
      }
      case 'send':
        if (this.#queue.length === 0) this.#leave(params.message);
        // As in the bag, the same message twice is one: or those that wait for a slow disk would grow without end.
        else if (!this.#isHeld(params.message)) this.#queue.push({ type: 'send', message: params.message });
        return;
      case 'replicate': {
        const message = read(this.#id, this.#entries, params);
        if (message !== null) this.#leave(message);
        return;
      }
      case 'apply':
        this.#committed = params.lastIndex;
        this.#done();
        return;
      case 'accept':
      case 'reject':
        // The client's answer: clients are not modelled.
        this.#done();
        return;
    }
  }

  #isHeld(message: Message): boolean {
    return this.#queue.some((each) => each.type === 'send' && isDeepStrictEqual(each.message, message));
  }

  #leave(message: Message): void {
    this.sent.push(message);
    this.#check({ type: 'sent', node: this.#id, message });
    this.#done();
  }

  #done(): void {
    this.#effects++;
    this.#mayDie();
  }

  #mayDie(): void {
    if (!this.#dies) return;
    this.deaths.push({
      effects: this.#effects,
      disk: this.#disk,
      writes: writesOf(this.#queue),
      sent: [...this.sent],
      checked: [...this.checked],
    });
  }

  #check(step: CheckedStep): void {
    const { context, value } = this.#snapshot;
    this.checked.push({ step, view: viewOf({ context, value, disk: this.#disk }) });
  }

  #setTimers({ timers }: Step): void {
    for (const { change, id } of timers) {
      this.#armed = this.#armed.filter((armed) => armed !== id);
      if (change === 'start') this.#armed = [...this.#armed, id].sort();
    }
  }
}

const watched = (stepper: Stepper, watch: (before: RaftSnapshot, step: Step) => void): Stepper => ({
  initial: (input) => stepper.initial(input),
  step: (snapshot, event) => {
    const step = stepper.step(snapshot, event);
    watch(snapshot, step);
    return step;
  },
});

/** The node as the properties see it. */
export const viewOf = ({ context, value, disk }: Pick<LocalNode, 'context' | 'value' | 'disk'>): NodeView => {
  const { id, currentTerm, votedFor, commitIndex, lastApplied, log } = context;
  const role = roleOf(value as never);
  return {
    id,
    role,
    currentTerm,
    votedFor,
    commitIndex,
    lastApplied,
    log,
    durable: durableOf(disk),
    isUp: true,
  };
};

const downView = (id: NodeId, disk: Disk): NodeView => {
  const durable = durableOf(disk);
  return { id, role: 'follower', ...durable, commitIndex: 0, lastApplied: 0, durable, isUp: false };
};

const emptyDisk: Disk = { currentTerm: 0, votedFor: null, entries: [] };

const durableOf = ({ currentTerm, votedFor, entries }: Disk): NodeView['durable'] => ({
  currentTerm,
  votedFor,
  log: shapeOf(entries),
});

const shapeOf = (entries: readonly Entry[]): LogShape =>
  append(emptyLog, entries, defaultSettings.maxMessageBytes);

const writesOf = (queue: readonly Queued[]): readonly Persist[] =>
  queue.flatMap((each) => (each.type === 'write' ? [each.write] : []));

const written = (disk: Disk, { currentTerm, votedFor, firstIndex, entries }: Persist): Disk => ({
  currentTerm,
  votedFor,
  entries: firstIndex === 0 ? disk.entries : [...disk.entries.slice(0, firstIndex - 1), ...entries],
});

/** The AppendEntries that a `replicate` names; null, as if it were lost, where the log holds another term by now. */
const read = (
  from: NodeId,
  log: readonly Entry[],
  { runs, lastIndex, ...rest }: Replicate,
): Message | null => {
  const entries = log.slice(rest.prevLogIndex, lastIndex);
  for (const [at, entry] of entries.entries()) {
    const run = runs.findLast(({ firstIndex }) => firstIndex <= rest.prevLogIndex + 1 + at);
    if (entry.term !== run?.term) return null;
  }
  return { type: 'AppendEntries', from, ...rest, entries };
};
