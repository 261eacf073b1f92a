import type { Clock } from '../ports/clock.ts';
import { PassingMap } from '../ports/passing-map.ts';
import type { ReadRequested } from '../raft/inputs.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { Deadlines } from './deadlines.ts';
import type { ReadOutcome } from './node.ts';

export interface ReadLimits {
  /** The most reads that may wait at once; any more are answered `overloaded`. */
  readonly maxReads: number;
  /** After this long a read is answered `timedOut`. */
  readonly timeoutMs: number;
}

type Done = (outcome: ReadOutcome) => void;

/** Reads that share one request of the chart. */
interface Batch {
  readonly id: number;
  readonly done: readonly Done[];
  readonly deadline: number;
  /** How far the state machine must have got; null: not confirmed yet. */
  index: LogIndex | null;
}

/**
 * The reads that clients wait for: those of one turn of the event loop share a request, which the chart confirms with an index; they
 * are answered once the state machine has applied that much.
 */
export class WaitingReads {
  readonly #clock: Clock;
  readonly #limits: ReadLimits;
  readonly #request: (event: ReadRequested) => void;
  #nextId: number;
  #arriving: Done[] = [];
  #count = 0;
  #lastApplied: LogIndex = 0;
  #leader: NodeId | null = null;
  #term: Term = 0;
  #closed = false;
  /** By id, in order of request and therefore of deadline. */
  readonly #batches = new PassingMap<number, Batch>();
  readonly #deadlines: Deadlines<number, Batch>;

  /**
   * `random`: 32 random bits. Ids start there, so that an answer to a request from before a restart names none of this run's:
   * it might confirm an index that is too low by now.
   */
  constructor(clock: Clock, limits: ReadLimits, random: number, request: (event: ReadRequested) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#request = request;
    this.#nextId = random * 2 ** 20 + 1;
    this.#deadlines = new Deadlines(clock, this.#batches, (batch) =>
      this.#finish(batch, { type: 'timedOut' }),
    );
  }

  submit(done: Done): void {
    const isFull = this.#count >= this.#limits.maxReads;
    if (isFull || this.#closed) {
      this.#clock.defer(() => done(isFull ? { type: 'overloaded' } : { type: 'notLeader', leader: null }));
      return;
    }
    this.#count++;
    this.#arriving.push(done);
    if (this.#arriving.length === 1) this.#clock.defer(() => this.#flush());
  }

  /** The chart confirmed `id`: it may be answered from `index` on. */
  confirm(id: number, index: LogIndex): void {
    const batch = this.#batches.get(id);
    // A second leader may confirm it once more, higher; the first is enough.
    if (batch === undefined || batch.index !== null) return;
    batch.index = index;
    if (index <= this.#lastApplied) this.#finish(batch, { type: 'ready', index });
  }

  /** The chart did not take `id`. */
  reject(id: number, leader: NodeId | null): void {
    const batch = this.#batches.get(id);
    if (batch !== undefined) this.#finish(batch, { type: 'notLeader', leader });
  }

  /**
   * Who leads `term`, as far as this node knows, after each change. Asks a new leader for what the one before has not confirmed: that request may be lost
   * with it, also where the same node leads again. Whichever of them confirms a read does so after it was asked for.
   */
  leads(leader: NodeId | null, term: Term): void {
    if (leader === this.#leader && term === this.#term) return;
    this.#leader = leader;
    this.#term = term;
    if (leader !== null && this.#batches.size > 0) this.#clock.defer(() => this.#askAgain());
  }

  /** The state machine has applied everything up to `index`. */
  applied(index: LogIndex): void {
    this.#lastApplied = index;
    for (const batch of [...this.#batches.values()]) {
      if (batch.index !== null && batch.index <= index) {
        this.#finish(batch, { type: 'ready', index: batch.index });
      }
    }
  }

  /** Answers everything that is waiting, and accepts nothing afterwards. */
  close(): void {
    this.#closed = true;
    this.#deadlines.stop();
    const arriving = this.#arriving;
    this.#arriving = [];
    for (const done of arriving) done({ type: 'notLeader', leader: null });
    for (const batch of [...this.#batches.values()]) this.#finish(batch, { type: 'timedOut' });
  }

  #flush(): void {
    if (this.#arriving.length === 0) return;
    const nowMs = this.#clock.now();
    const id = this.#nextId++;
    this.#batches.set(id, {
      id,
      done: this.#arriving,
      deadline: nowMs + this.#limits.timeoutMs,
      index: null,
    });
    this.#arriving = [];
    this.#deadlines.arm();
    this.#request({ type: 'ReadRequested', id, nowMs });
  }

  #askAgain(): void {
    const nowMs = this.#clock.now();
    for (const { id, index } of [...this.#batches.values()]) {
      if (index === null) this.#request({ type: 'ReadRequested', id, nowMs });
    }
  }

  #finish(batch: Batch, outcome: ReadOutcome): void {
    this.#batches.delete(batch.id);
    this.#count -= batch.done.length;
    for (const done of batch.done) done(outcome);
  }
}
