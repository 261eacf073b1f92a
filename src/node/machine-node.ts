import { isDeepStrictEqual } from 'node:util';
import { assert } from '../raft/assert.ts';
import type { RaftInput } from '../raft/context.ts';
import type {
  Accept,
  ConfirmRead,
  EffectName,
  EffectParams,
  Persist,
  Reject,
  RejectRead,
  RejectRequest,
  Report,
} from '../raft/effects.ts';
import type { Proposed, RaftEvent, ReadRequested, Received, TransferRequested } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry, HardState, LogIndex, NodeId, Term } from '../raft/types.ts';
import { readReplicate } from './replication-reader.ts';
import type { RaftSnapshot, Step, Stepper, TimerEvent } from './step.ts';
import { becameDurable, mustWait, type Queued } from './write-order.ts';

/** What a restart finds. */
export interface Disk {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/** One node between two inputs, with its disk and everything waiting for it. Plain data except for the chart's snapshot; never mutated. */
export interface MachineNode {
  readonly snapshot: RaftSnapshot;
  /** Types of the armed timer events, in the order in which they were armed. */
  readonly armed: readonly string[];
  /** The log with its payloads. */
  readonly entries: readonly Entry[];
  /** What is durable. */
  readonly disk: Disk;
  readonly queue: readonly Queued[];
  /** Entries up to here are committed; those beyond the chart's `lastApplied` wait to be applied. */
  readonly committed: LogIndex;
}

export type NodeInput =
  | Received
  | Proposed
  | TransferRequested
  | ReadRequested
  | TimerEvent
  /** The oldest write became durable. */
  | { readonly type: 'Synced' }
  /** The state machine applies the next entries that wait for it. */
  | { readonly type: 'ApplyNext' };

/** One thing that happened. */
export type Fact =
  /** The chart handled one event to completion; its effects follow. */
  | { readonly type: 'stepped'; readonly step: Step }
  | { readonly type: 'wrote'; readonly write: Persist }
  /** It waits for earlier writes. */
  | { readonly type: 'held'; readonly message: Message }
  | { readonly type: 'left'; readonly message: Message }
  /** A `replicate` of entries that have since been replaced: as good as lost. */
  | { readonly type: 'dropped'; readonly to: NodeId }
  /** Until then, entries up to `before` were committed. */
  | { readonly type: 'committed'; readonly before: LogIndex; readonly lastIndex: LogIndex }
  | { readonly type: 'accepted'; readonly answer: Accept }
  | { readonly type: 'rejected'; readonly answer: Reject }
  | { readonly type: 'refused'; readonly answer: RejectRequest }
  | { readonly type: 'readConfirmed'; readonly answer: ConfirmRead }
  | { readonly type: 'readRejected'; readonly answer: RejectRead }
  | { readonly type: 'reported'; readonly report: Report }
  | { readonly type: 'synced'; readonly write: Persist }
  | { readonly type: 'applied'; readonly index: LogIndex; readonly term: Term }
  /** Our own bug: the node stops here. */
  | { readonly type: 'failed'; readonly error: Error };

/** A fact, and the node right after it: what a crash at this point finds. */
export type Output = Fact & { readonly node: MachineNode };

export interface NodeStep {
  readonly node: MachineNode;
  /** In the order in which they happened. The last one may be `failed`; `node` is then how far it got. */
  readonly outputs: readonly Output[];
}

export interface MachineNodeOptions {
  /** How many entries the state machine applies at once; the rest wait for `ApplyNext`, like the slices of the live node's applier. */
  readonly sliceEntries: number;
  /** Whether a message that waits for the disk twice leaves twice, as it does on a live node. */
  readonly keepsRepeated: boolean;
}

const asLive: MachineNodeOptions = { sliceEntries: Number.POSITIVE_INFINITY, keepsRepeated: true };

/** The node as a machine: the role chart with its effects carried out on plain data, by the live node's ordering rule. */
export class NodeMachine {
  readonly #stepper: Stepper;
  readonly #options: MachineNodeOptions;

  constructor(stepper: Stepper, options: Partial<MachineNodeOptions> = {}) {
    this.#stepper = stepper;
    this.#options = { ...asLive, ...options };
  }

  /** A node as it starts on `disk`, from which `input` was read. */
  start(input: RaftInput, disk: Disk): NodeStep {
    const step = this.#stepper.initial(input);
    const { entries } = disk;
    const node = { snapshot: step.snapshot, armed: [], entries, disk, queue: [], committed: 0 };
    return new Running(this.#stepper, this.#options, node).end((running) => running.take(step));
  }

  step(node: MachineNode, input: NodeInput): NodeStep {
    return new Running(this.#stepper, this.#options, node).end((running) => running.input(input));
  }
}

type EffectHandlers = { readonly [Name in EffectName]: (params: EffectParams[Name]) => void };

/** One input while it is being handled. */
class Running {
  readonly #stepper: Stepper;
  readonly #options: MachineNodeOptions;
  readonly #outputs: Output[] = [];
  #node: MachineNode;

  constructor(stepper: Stepper, options: MachineNodeOptions, node: MachineNode) {
    this.#stepper = stepper;
    this.#options = options;
    this.#node = node;
  }

  end(run: (running: Running) => void): NodeStep {
    try {
      run(this);
    } catch (error) {
      this.#tell({ type: 'failed', error: error as Error });
    }
    return { node: this.#node, outputs: this.#outputs };
  }

  input(input: NodeInput): void {
    switch (input.type) {
      case 'Synced':
        this.#sync();
        return;
      case 'ApplyNext':
        this.#applySlice();
        return;
      default:
        this.#give(input);
    }
  }

  take(step: Step): void {
    const { snapshot, effects } = step;
    assert(snapshot.status === 'active', 'the chart runs', snapshot.status);
    this.#tell({ type: 'stepped', step }, { snapshot, armed: armedAfter(this.#node.armed, step) });
    for (const { type, params } of effects) this.#effects[type](params as never);
  }

  /** Handles one event from outside, as `start-node.ts` hands it to the chart and then to the applier. */
  #give(event: RaftEvent | TimerEvent): void {
    const isBehind = this.#isBehind;
    this.take(this.#stepper.step(this.#node.snapshot, event));
    if (!isBehind) this.#applySlice();
  }

  readonly #effects = {
    persist: (write) => {
      const { entries, queue } = this.#node;
      this.#tell(
        { type: 'wrote', write },
        { entries: withWritten(entries, write), queue: [...queue, { type: 'write', write }] },
      );
    },
    send: ({ message }) => {
      const { queue } = this.#node;
      if (!mustWait(queue)) this.#tell({ type: 'left', message });
      else if (this.#options.keepsRepeated || !isHeld(queue, message)) {
        this.#tell({ type: 'held', message }, { queue: [...queue, { type: 'send', message }] });
      }
    },
    replicate: (params) => {
      const { entries, snapshot } = this.#node;
      const read = (first: LogIndex, last: LogIndex) => entries.slice(first - 1, last);
      const message = readReplicate({ read }, snapshot.context.id, params);
      this.#tell(message === null ? { type: 'dropped', to: params.to } : { type: 'left', message });
    },
    apply: ({ lastIndex }) => {
      const { committed: before } = this.#node;
      this.#tell({ type: 'committed', before, lastIndex }, { committed: lastIndex });
    },
    accept: (answer) => this.#tell({ type: 'accepted', answer }),
    reject: (answer) => this.#tell({ type: 'rejected', answer }),
    rejectRequest: (answer) => this.#tell({ type: 'refused', answer }),
    confirmRead: (answer) => this.#tell({ type: 'readConfirmed', answer }),
    rejectRead: (answer) => this.#tell({ type: 'readRejected', answer }),
    report: (report) => this.#tell({ type: 'reported', report }),
  } satisfies EffectHandlers as EffectHandlers;

  #sync(): void {
    const { disk } = this.#node;
    const { writes, released, answers, queue } = becameDurable(this.#node.queue, 1);
    const [write] = writes;
    assert(write !== undefined, 'a write waits for the disk', write, 'a write');
    this.#tell({ type: 'synced', write }, { disk: withDurable(disk, write), queue });
    for (const message of released) this.#tell({ type: 'left', message });
    for (const answer of answers) this.#give(answer);
  }

  #applySlice(): void {
    if (!this.#isBehind) return;
    const { committed, snapshot, entries } = this.#node;
    const { lastApplied } = snapshot.context;
    const until = Math.min(committed, lastApplied + this.#options.sliceEntries);
    for (let index = lastApplied + 1; index <= until; index++) {
      this.#tell({ type: 'applied', index, term: entries[index - 1]?.term ?? 0 });
    }
    this.take(this.#stepper.step(snapshot, { type: 'Applied', index: until }));
  }

  get #isBehind(): boolean {
    return this.#node.snapshot.context.lastApplied < this.#node.committed;
  }

  #tell(fact: Fact, change: Partial<MachineNode> = {}): void {
    this.#node = { ...this.#node, ...change };
    this.#outputs.push({ ...fact, node: this.#node });
  }
}

/** The disk with one more write durable. */
export const withDurable = ({ entries }: Disk, write: Persist): Disk => ({
  hardState: { currentTerm: write.currentTerm, votedFor: write.votedFor },
  entries: withWritten(entries, write),
});

const withWritten = (entries: readonly Entry[], write: Persist): readonly Entry[] =>
  write.firstIndex === 0 ? entries : [...entries.slice(0, write.firstIndex - 1), ...write.entries];

const isHeld = (queue: readonly Queued[], message: Message): boolean =>
  queue.some((each) => each.type === 'send' && isDeepStrictEqual(each.message, message));

const armedAfter = (armed: readonly string[], { timers }: Step): readonly string[] =>
  timers.reduce<readonly string[]>((now, { change, id }) => {
    const others = now.filter((each) => each !== id);
    return change === 'start' ? [...others, id] : others;
  }, armed);
