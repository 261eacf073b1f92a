import { transitionIdOf } from '../../diagram/walk.ts';
import { roleOf } from '../../node/roles.ts';
import type { DurableView, NodeView } from '../../properties/view.ts';
import { defaultSettings } from '../../raft/context.ts';
import type { Effect, Persist, Replicate } from '../../raft/effects.ts';
import type { RaftEvent } from '../../raft/inputs.ts';
import { append, emptyLog, type LogShape } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { Entry, HardState, LogIndex, NodeId } from '../../raft/types.ts';
import { summaryOf } from '../../sim/chart-recorder.ts';
import type { SimulationEvent, StateSummary } from '../../sim/events.ts';
import type { TimerName } from '../paths/path.ts';
import type { RaftSnapshot, Step, Stepper, TimerEvent } from '../step.ts';

/** What a power loss leaves. */
export interface Disk extends HardState {
  readonly entries: readonly Entry[];
}

/** A write that is not durable yet, or a message that waits for those before it. */
type Queued =
  | { readonly type: 'write'; readonly write: Persist }
  | { readonly type: 'send'; readonly message: Message };

/** A step of a schedule names something that is not there: a message, a timer, a write, a node. */
export class UnplayableSchedule extends Error {
  override readonly name = 'UnplayableSchedule';
}

export interface ScheduleNodeParts {
  readonly id: NodeId;
  readonly voters: readonly NodeId[];
  readonly stepper: Stepper;
  /** Told of everything, in the order in which it happens; the node is already as it says. */
  readonly emit: (event: SimulationEvent) => void;
}

const noLimit = Number.POSITIVE_INFINITY;

/** One node of a schedule: the chart, with its effects done on plain data. When a write becomes durable, and when the node dies, is not its business. */
export class ScheduleNode {
  readonly #parts: ScheduleNodeParts;
  #snapshot: RaftSnapshot;
  #armed: readonly string[] = [];
  #entries: readonly Entry[];
  #disk: Disk;
  #queue: Queued[] = [];
  #committed: LogIndex = 0;
  /** How many effects are left before it dies; the dead do nothing that anybody sees. */
  #effectsLeft = noLimit;

  constructor(parts: ScheduleNodeParts, disk: Disk = { currentTerm: 0, votedFor: null, entries: [] }) {
    this.#parts = parts;
    this.#disk = disk;
    this.#entries = disk.entries;
    const { currentTerm, votedFor } = disk;
    const step = parts.stepper.initial({
      id: parts.id,
      voters: parts.voters,
      hardState: { currentTerm, votedFor },
      log: shapeOf(disk.entries, defaultSettings.maxMessageBytes),
    });
    this.#snapshot = step.snapshot;
    this.#setTimers(step);
  }

  get state(): StateSummary {
    return summaryOf(this.#snapshot);
  }

  get hasWrites(): boolean {
    return this.#queue.some(({ type }) => type === 'write');
  }

  view(): NodeView {
    const { context, value } = this.#snapshot;
    const { currentTerm, votedFor, commitIndex, lastApplied, log } = context;
    const { id } = this.#parts;
    const durable = durableOf(this.#disk);
    const role = roleOf(value);
    return { id, role, currentTerm, votedFor, commitIndex, lastApplied, log, durable, isUp: true };
  }

  /** The same after power was lost. */
  downView(): NodeView {
    const durable = durableOf(this.#disk);
    const { id } = this.#parts;
    return { id, role: 'follower', ...durable, commitIndex: 0, lastApplied: 0, durable, isUp: false };
  }

  dieAfter(effects: number): void {
    this.#effectsLeft = effects;
  }

  expire(timer: TimerName): void {
    const type = this.#armed.find((armed) => armed.split('.')[2] === timer);
    if (type === undefined) throw new UnplayableSchedule(`no ${timer} is armed on node${this.#parts.id}`);
    this.input({ type } as TimerEvent);
  }

  /** One event from outside, as `src/node/start-node.ts` hands it to the chart; what it commits is applied at once. */
  input(event: RaftEvent | TimerEvent): void {
    this.#step(event);
    for (let index = this.#snapshot.context.lastApplied + 1; index <= this.#committed; index++) {
      if (!this.#isAlive) return;
      const { id, emit } = this.#parts;
      emit({ type: 'applied', node: id, index, term: this.#entries[index - 1]?.term ?? 0 });
    }
    if (this.#committed > this.#snapshot.context.lastApplied) {
      this.#step({ type: 'Applied', index: this.#committed });
    }
  }

  /** The oldest write becomes durable: what waited for it alone leaves, and the chart is told. */
  sync(): void {
    const next = this.#queue.shift();
    if (next?.type !== 'write')
      throw new UnplayableSchedule(`no write of node${this.#parts.id} waits for its disk`);
    const { write } = next;
    this.#disk = written(this.#disk, write);
    const { id, emit } = this.#parts;
    emit({ type: 'synced', node: id, term: write.currentTerm, lastIndex: write.lastIndex });
    while (this.#queue[0]?.type === 'send') {
      emit({ type: 'sent', message: (this.#queue.shift() as Extract<Queued, { type: 'send' }>).message });
    }
    this.input({ type: 'Persisted', term: write.currentTerm, lastIndex: write.lastIndex });
  }

  /** What the disk holds after a power loss that also keeps the first `writes` of those that were not durable. */
  remains(writes: number): Disk {
    const queued = this.#queue.flatMap((each) => (each.type === 'write' ? [each.write] : []));
    if (writes > queued.length) {
      throw new UnplayableSchedule(
        `node${this.#parts.id} has ${queued.length} writes under way, not ${writes}`,
      );
    }
    return queued.slice(0, writes).reduce(written, this.#disk);
  }

  get #isAlive(): boolean {
    return this.#effectsLeft > 0;
  }

  #step(event: RaftEvent | TimerEvent): void {
    if (!this.#isAlive) return;
    const { id, stepper, emit } = this.#parts;
    const before = summaryOf(this.#snapshot);
    const step = stepper.step(this.#snapshot, event);
    this.#snapshot = step.snapshot;
    this.#setTimers(step);
    const transitions = step.taken.map(({ transition, state }) => ({
      id: transitionIdOf(transition),
      state,
      event: transition.eventType,
      rule: (transition.meta as { rule?: string } | undefined)?.rule ?? null,
      description: transition.description ?? null,
    }));
    emit({
      type: 'chart',
      node: id,
      before,
      after: summaryOf(step.snapshot),
      transitions,
      effects: step.effects,
    });
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform({ type, params }: Effect): void {
    if (!this.#isAlive) return;
    this.#effectsLeft--;
    const { emit } = this.#parts;
    switch (type) {
      case 'persist': {
        const { firstIndex, entries } = params;
        if (firstIndex > 0) this.#entries = [...this.#entries.slice(0, firstIndex - 1), ...entries];
        this.#queue.push({ type: 'write', write: params });
        return;
      }
      case 'send':
        if (this.#queue.length === 0) emit({ type: 'sent', message: params.message });
        else this.#queue.push({ type: 'send', message: params.message });
        return;
      case 'replicate':
        emit({ type: 'sent', message: this.#read(params) });
        return;
      case 'apply':
        this.#committed = params.lastIndex;
        return;
      case 'accept':
      case 'reject':
        // The client's answer; clients are not modelled.
        return;
    }
  }

  #read({ to, runs: _, lastIndex, ...rest }: Replicate): Message {
    const entries = this.#entries.slice(rest.prevLogIndex, lastIndex);
    return { type: 'AppendEntries', from: this.#parts.id, to, ...rest, entries };
  }

  #setTimers({ timers }: Step): void {
    for (const { change, id } of timers) {
      this.#armed = this.#armed.filter((armed) => armed !== id);
      if (change === 'start') this.#armed = [...this.#armed, id];
    }
  }
}

const written = (disk: Disk, { currentTerm, votedFor, firstIndex, entries }: Persist): Disk => ({
  currentTerm,
  votedFor,
  entries: firstIndex === 0 ? disk.entries : [...disk.entries.slice(0, firstIndex - 1), ...entries],
});

const shapeOf = (entries: readonly Entry[], maxMessageBytes: number): LogShape =>
  append(emptyLog, entries, maxMessageBytes);

const durableOf = ({ currentTerm, votedFor, entries }: Disk): DurableView => ({
  currentTerm,
  votedFor,
  log: shapeOf(entries, noLimit),
});
