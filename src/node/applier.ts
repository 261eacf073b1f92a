import type { Clock } from '../ports/clock.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage } from '../ports/storage.ts';
import { assert } from '../raft/assert.ts';
import type { LogIndex } from '../raft/types.ts';
import { dataOf, paced } from './paced.ts';
import type { Snapshotter } from './snapshotter.ts';
import type { WaitingCommands } from './waiting-commands.ts';

/** What is read from the log at a time: where a slice ends in the middle of it, the rest is read again. */
const readBytes = 256 * 1024;
const readEntries = 256;

/** How much is applied in one turn of the event loop: it ends with the entry that reaches one of these. */
export interface SliceLimits {
  readonly applySliceMs: number;
  /** Of payload: where every entry is large, even reading them takes its time. */
  readonly applySliceBytes: number;
}

/** A restart applies a whole log: heartbeats are answered between two slices. */
export const defaultSliceLimits: SliceLimits = { applySliceMs: 10, applySliceBytes: 1024 * 1024 };

/** Who takes snapshots of the state machine, if anybody does. */
export type AppliedObserver = Pick<Snapshotter, 'applied' | 'restored' | 'takeIfDue'>;

/**
 * Applies committed entries in index order, and answers the clients waiting for them. Where a snapshot stands for entries, at the start or because the leader sent
 * one, it restores the state machine from that first.
 */
export class Applier<Result> {
  readonly #storage: Storage;
  readonly #stateMachine: StateMachine<Result>;
  readonly #waiting: WaitingCommands<Result>;
  readonly #clock: Clock;
  readonly #limits: SliceLimits;
  readonly #report: (index: LogIndex) => void;
  #observer: AppliedObserver | null = null;
  /** What the state machine has. */
  #lastApplied: LogIndex = 0;
  #committed: LogIndex = 0;
  #reported: LogIndex = 0;
  /** The newest snapshot is to be restored before anything is applied. */
  #mustRestore: boolean;
  /** How much of the snapshot has been read, from 0 to 1; null: none is being restored. */
  #restored: number | null = null;
  #isScheduled = false;
  #isStopped = false;

  /** Works in slices within these limits; after each one `report` is called with how far the state machine has got. */
  constructor(
    storage: Storage,
    stateMachine: StateMachine<Result>,
    waiting: WaitingCommands<Result>,
    clock: Clock,
    limits: SliceLimits,
    report: (index: LogIndex) => void,
  ) {
    this.#storage = storage;
    this.#stateMachine = stateMachine;
    this.#waiting = waiting;
    this.#clock = clock;
    this.#limits = limits;
    this.#report = report;
    this.#mustRestore = storage.snapshots.latest !== null;
  }

  /** What the state machine has; until the snapshot is restored, nothing. */
  get lastApplied(): LogIndex {
    return this.#lastApplied;
  }

  /** How much of the snapshot has been restored, from 0 to 1; null: the state machine has it. */
  get restored(): number | null {
    return this.#mustRestore ? (this.#restored ?? 0) : this.#restored;
  }

  /** How much of what is known to be committed the state machine has, from 0 to 1; of a snapshot that is being restored, what has been read. */
  get replayed(): number {
    const restored = this.restored;
    const covered = this.#storage.snapshots.latest?.index ?? 0;
    const has = restored === null ? this.#lastApplied : Math.max(this.#lastApplied, restored * covered);
    const all = Math.max(this.#committed, restored === null ? 0 : covered);
    return all === 0 ? 1 : Math.min(1, has / all);
  }

  /** Told of each entry, of each restored snapshot, and of each moment at which a snapshot may be taken. */
  observe(observer: AppliedObserver): void {
    this.#observer = observer;
  }

  /** Entries up to `index` are committed. The next `run` applies them. */
  commit(index: LogIndex): void {
    this.#committed = Math.max(this.#committed, index);
  }

  /** A snapshot has been installed that reaches further than what is applied. The next `run` restores it. */
  restoreSnapshot(): void {
    this.#mustRestore = true;
  }

  /** Applies one slice; the rest, if any, follows after whatever else has arrived. A failed read, or a state machine that throws, goes to `onError`. */
  run(onError: (error: Error) => void): void {
    if (this.#isScheduled || this.#isStopped || this.#restored !== null) return;
    if (this.#mustRestore) {
      this.#restore().then(
        () => this.run(onError),
        (error) => onError(error as Error),
      );
      return;
    }
    if (this.#lastApplied >= this.#committed) {
      this.#reportProgress();
      return;
    }
    try {
      this.#applySlice();
      this.#observer?.takeIfDue();
    } catch (error) {
      onError(error as Error);
      return;
    }
    this.#reportProgress();
    if (this.#lastApplied < this.#committed && !this.#isScheduled) {
      this.#isScheduled = true;
      this.#clock.defer(() => {
        this.#isScheduled = false;
        this.run(onError);
      });
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** A restored snapshot may reach further than what is known to be committed by now. */
  #reportProgress(): void {
    const index = Math.min(this.#lastApplied, this.#committed);
    if (index <= this.#reported) return;
    this.#reported = index;
    this.#report(index);
  }

  async #restore(): Promise<void> {
    this.#mustRestore = false;
    this.#restored = 0;
    const reader = this.#storage.snapshots.read();
    assert(reader !== null, 'a snapshot to restore', reader, 'a snapshot');
    try {
      const { index, term, sizeBytes } = reader.info;
      if (index > this.#lastApplied) {
        const { restore } = this.#stateMachine;
        if (restore === undefined) throw new Error(cannotRestore(index));
        const data = dataOf(reader, (bytes) => {
          if (this.#isStopped) throw new Error('the node has stopped');
          this.#restored = sizeBytes === 0 ? 1 : bytes / sizeBytes;
        });
        await restore.call(this.#stateMachine, paced(data, this.#clock));
        this.#lastApplied = index;
        this.#waiting.covered(index);
        this.#observer?.restored(index, term);
      }
    } finally {
      reader.release();
      this.#restored = null;
    }
  }

  #applySlice(): void {
    const { applySliceMs, applySliceBytes } = this.#limits;
    const endMs = this.#clock.now() + applySliceMs;
    let bytes = 0;
    let isFull = false;
    while (this.#lastApplied < this.#committed && !isFull && !this.#isStopped) {
      const last = Math.min(this.#committed, this.#lastApplied + readEntries);
      for (const { kind, term, payload } of this.#storage.read(this.#lastApplied + 1, last, readBytes)) {
        const index = ++this.#lastApplied;
        if (kind === 'command') {
          const result = this.#stateMachine.apply(payload, { index, term });
          this.#waiting.applied(index, term, result);
        } else {
          this.#waiting.displaced(index);
        }
        this.#observer?.applied(index, term, payload.length);
        bytes += payload.length;
        isFull = bytes >= applySliceBytes || this.#clock.now() >= endMs;
        if (isFull) break;
      }
    }
  }
}

const cannotRestore = (index: LogIndex): string =>
  `there is a snapshot of the log up to entry ${index}, but the state machine has no restore(): give it one, with snapshot()`;
