import { isDeepStrictEqual } from 'node:util';
import { assert } from '../raft/assert.ts';
import { configurationAt } from '../raft/configuration.ts';
import type { RaftInput } from '../raft/context.ts';
import type {
  Accept,
  AcceptRequest,
  ConfirmRead,
  EffectName,
  EffectParams,
  Reject,
  RejectRead,
  RejectRequest,
  Report,
} from '../raft/effects.ts';
import type {
  ConfigurationProposed,
  Proposed,
  RaftEvent,
  ReadRequested,
  Received,
  TransferRequested,
} from '../raft/inputs.ts';
import { termAt } from '../raft/log-shape.ts';
import type { InstallSnapshot, Message } from '../raft/messages.ts';
import type { Snapshot } from '../raft/snapshot.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { chunkMessage, type FoundChunk } from './chunk-message.ts';
import { readReplicate } from './replication-reader.ts';
import type { RaftSnapshot, Step, Stepper, TimerEvent } from './step.ts';
import {
  type Disk,
  entriesBetween,
  entryAt,
  recovered,
  type StoredLog,
  withDurable,
  withoutUpTo,
  withWrite,
} from './stored-log.ts';
import { becameDurable, mustWait, type Queued, type Write } from './write-order.ts';

/** One node between two inputs, with its disk and everything waiting for it. Plain data except for the chart's snapshot; never mutated. */
export interface MachineNode {
  readonly snapshot: RaftSnapshot;
  /** Types of the armed timer events, in the order in which they were armed. */
  readonly armed: readonly string[];
  /** The log with its payloads. */
  readonly log: StoredLog;
  /** A snapshot that has arrived completely and is being checked; null: none. */
  readonly checked: Snapshot | null;
  /** What is durable. */
  readonly disk: Disk;
  readonly queue: readonly Queued[];
  /** Entries up to here are committed; those beyond the chart's `lastApplied` wait to be applied. */
  readonly committed: LogIndex;
}

export type NodeInput =
  | Received
  | Proposed
  | ConfigurationProposed
  | TransferRequested
  | ReadRequested
  | TimerEvent
  /** The oldest write became durable. */
  | { readonly type: 'Synced' }
  /** The state machine applies the next entries that wait for it. */
  | { readonly type: 'ApplyNext' }
  /** A snapshot of everything that the state machine has applied became durable. */
  | { readonly type: 'SnapshotTaken' }
  /** What was received of a snapshot has been checked, and is sound. */
  | { readonly type: 'SnapshotChecked' }
  /** The same, but it is damaged, or found no room. */
  | { readonly type: 'SnapshotDamaged' };

/** One thing that happened. */
export type Fact =
  /** The chart handled one event to completion; its effects follow. */
  | { readonly type: 'stepped'; readonly step: Step }
  | { readonly type: 'wrote'; readonly write: Write }
  /** It waits for earlier writes. */
  | { readonly type: 'held'; readonly message: Message }
  | { readonly type: 'left'; readonly message: Message }
  /** A `replicate` of entries that have since been replaced: as good as lost. */
  | { readonly type: 'dropped'; readonly to: NodeId }
  /** Until then, entries up to `before` were committed. */
  | { readonly type: 'committed'; readonly before: LogIndex; readonly lastIndex: LogIndex }
  | { readonly type: 'accepted'; readonly answer: Accept }
  | { readonly type: 'rejected'; readonly answer: Reject }
  | { readonly type: 'requestAccepted'; readonly answer: AcceptRequest }
  | { readonly type: 'requestRefused'; readonly answer: RejectRequest }
  | { readonly type: 'readConfirmed'; readonly answer: ConfirmRead }
  | { readonly type: 'readRejected'; readonly answer: RejectRead }
  | { readonly type: 'reported'; readonly report: Report }
  | { readonly type: 'synced'; readonly write: Write }
  | { readonly type: 'applied'; readonly index: LogIndex; readonly term: Term }
  /** The state machine has taken the state of a snapshot up to here. */
  | { readonly type: 'restored'; readonly index: LogIndex; readonly term: Term }
  /** The log has dropped everything up to here. */
  | { readonly type: 'compacted'; readonly index: LogIndex }
  | { readonly type: 'chunkStored'; readonly chunk: InstallSnapshot }
  /** A snapshot is on disk, and the newest; the chart has not heard of it. */
  | { readonly type: 'snapshotKept'; readonly snapshot: Snapshot }
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
  /** How many chunks a snapshot has, each of one byte. What they hold does not matter: (index, term) names the state. Raft paper §5.3, Log Matching. */
  readonly snapshotChunks: number;
  /** CRC-32 of `bytes`; without it, all checksums are 0. */
  readonly checksum: (bytes: Uint8Array) => number;
}

const asLive: MachineNodeOptions = {
  sliceEntries: Number.POSITIVE_INFINITY,
  keepsRepeated: true,
  snapshotChunks: 1,
  checksum: () => 0,
};

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
    const { context } = step.snapshot;
    const found = recovered(disk);
    const log = withoutUpTo(found.log, context.log.snapshotIndex, context.log.snapshotTerm);
    const node = {
      snapshot: step.snapshot,
      armed: [],
      log,
      checked: null,
      disk: { ...found, log },
      queue: [],
      committed: context.commitIndex,
    };
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
      case 'SnapshotTaken':
        this.#takeSnapshot();
        return;
      case 'SnapshotChecked':
        this.#endReceiving((snapshot) => this.#keepSnapshot(snapshot));
        return;
      case 'SnapshotDamaged':
        this.#endReceiving(() => false);
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
    persist: (write) => this.#write(write),
    send: ({ message }) => {
      const { queue } = this.#node;
      if (!mustWait(queue)) this.#tell({ type: 'left', message });
      else if (this.#options.keepsRepeated || !isHeld(queue, message)) {
        this.#tell({ type: 'held', message }, { queue: [...queue, { type: 'send', message }] });
      }
    },
    replicate: (params) => {
      const { log, snapshot } = this.#node;
      const read = (first: LogIndex, last: LogIndex) => entriesBetween(log, first, last);
      const message = readReplicate({ read }, snapshot.context.id, params);
      this.#tell(message === null ? { type: 'dropped', to: params.to } : { type: 'left', message });
    },
    sendChunk: (params) => {
      const { snapshotChunks, checksum } = this.#options;
      const { to, offset } = params;
      if (offset >= snapshotChunks) {
        this.#tell({ type: 'dropped', to });
        return;
      }
      const found = snapshotChunk(snapshotChunks, offset, checksum);
      this.#tell({ type: 'left', message: chunkMessage(this.#node.snapshot.context.id, params, found) });
    },
    storeChunk: ({ chunk }) => {
      const { lastIncludedIndex: index, lastIncludedTerm: term, configuration, done } = chunk;
      this.#tell({ type: 'chunkStored', chunk }, { checked: done ? { index, term, configuration } : null });
    },
    installSnapshot: (write) => this.#write(write),
    compact: ({ index, term }) => {
      const { log, disk } = this.#node;
      this.#tell(
        { type: 'compacted', index },
        {
          log: withoutUpTo(log, index, term),
          disk: { ...disk, log: withoutUpTo(disk.log, index, term) },
        },
      );
    },
    apply: ({ lastIndex }) => {
      const { committed: before } = this.#node;
      this.#tell({ type: 'committed', before, lastIndex }, { committed: lastIndex });
    },
    accept: (answer) => this.#tell({ type: 'accepted', answer }),
    reject: (answer) => this.#tell({ type: 'rejected', answer }),
    acceptRequest: (answer) => this.#tell({ type: 'requestAccepted', answer }),
    rejectRequest: (answer) => this.#tell({ type: 'requestRefused', answer }),
    confirmRead: (answer) => this.#tell({ type: 'readConfirmed', answer }),
    rejectRead: (answer) => this.#tell({ type: 'readRejected', answer }),
    report: (report) => this.#tell({ type: 'reported', report }),
  } satisfies EffectHandlers as EffectHandlers;

  #write(write: Write): void {
    const { log, queue } = this.#node;
    this.#tell(
      { type: 'wrote', write },
      { log: withWrite(log, write), queue: [...queue, { type: 'write', write }] },
    );
  }

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
    const { committed, snapshot, log } = this.#node;
    const { lastApplied } = snapshot.context;
    // What the log has dropped before it was applied is in the snapshot that was received.
    const restored = Math.max(lastApplied, log.base);
    if (restored > lastApplied) this.#tell({ type: 'restored', index: restored, term: log.baseTerm });
    const until = Math.min(committed, restored + this.#options.sliceEntries);
    for (let index = restored + 1; index <= until; index++) {
      this.#tell({ type: 'applied', index, term: entryAt(log, index)?.term ?? 0 });
    }
    this.take(this.#stepper.step(snapshot, { type: 'Applied', index: until }));
  }

  #takeSnapshot(): void {
    const { lastApplied: index, log, configurations } = this.#node.snapshot.context;
    const term = termAt(log, index);
    this.#keepSnapshot({ index, term, configuration: configurationAt(configurations, index) });
    this.#give({ type: 'SnapshotSaved', index, term });
  }

  /** `keep` says whether what was received is there now. */
  #endReceiving(keep: (snapshot: Snapshot) => boolean): void {
    const { checked } = this.#node;
    assert(checked !== null, 'a snapshot waits to be checked', checked, 'one');
    const type = keep(checked) ? 'SnapshotReceived' : 'SnapshotFailed';
    this.#node = { ...this.#node, checked: null };
    this.#give({ type, index: checked.index });
  }

  /** It is durable, and the newest, before the chart hears of it. False: another one reaches as far. */
  #keepSnapshot(snapshot: Snapshot): boolean {
    const { disk } = this.#node;
    if (disk.snapshot !== null && disk.snapshot.index >= snapshot.index) return false;
    this.#tell({ type: 'snapshotKept', snapshot }, { disk: { ...disk, snapshot } });
    return true;
  }

  get #isBehind(): boolean {
    return this.#node.snapshot.context.lastApplied < this.#node.committed;
  }

  #tell(fact: Fact, change: Partial<MachineNode> = {}): void {
    this.#node = { ...this.#node, ...change };
    this.#outputs.push({ ...fact, node: this.#node });
  }
}

/** `a`, `b`, and so on. */
export const snapshotContent = (chunks: number): Uint8Array =>
  Uint8Array.from({ length: chunks }, (_, at) => 97 + at);

/** The byte at `offset` of a snapshot of so many chunks. */
export const snapshotChunk = (
  chunks: number,
  offset: number,
  checksum: MachineNodeOptions['checksum'],
): FoundChunk => {
  const content = snapshotContent(chunks);
  const bytes = content.subarray(offset, offset + 1);
  return {
    info: { sizeBytes: chunks, checksum: checksum(content) },
    chunk: { bytes, checksum: checksum(bytes) },
    isLast: offset === chunks - 1,
  };
};

const isHeld = (queue: readonly Queued[], message: Message): boolean =>
  queue.some((each) => each.type === 'send' && isDeepStrictEqual(each.message, message));

const armedAfter = (armed: readonly string[], { timers }: Step): readonly string[] =>
  timers.reduce<readonly string[]>((now, { change, id }) => {
    const others = now.filter((each) => each !== id);
    return change === 'start' ? [...others, id] : others;
  }, armed);
