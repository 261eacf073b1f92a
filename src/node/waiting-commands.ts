import type { Clock } from '../ports/clock.ts';
import { PassingMap } from '../ports/passing-map.ts';
import type { Proposal } from '../raft/inputs.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import { Deadlines } from './deadlines.ts';
import type { Outcome } from './node.ts';

export interface WaitingLimits {
  /** The most commands that may wait for their outcome at once; any more are answered `overloaded`. */
  readonly maxCommands: number;
  /** The same in payload bytes. */
  readonly maxBytes: number;
  /** The largest command: it must fit into one frame and one segment of the log. A larger one is the caller's mistake. */
  readonly maxCommandBytes: number;
  /** After this long an accepted command is answered `unknownOutcome`. */
  readonly timeoutMs: number;
}

/** So much payload is proposed in one turn of the event loop, and the rest in the next: all of it is encoded for the disk and the peers before heartbeats get theirs. */
const proposedBytes = 1024 * 1024;

interface Waiting<Result> {
  readonly done: (outcome: Outcome<Result>) => void;
  readonly sizeBytes: number;
  readonly deadline: number;
  readonly index: LogIndex;
  readonly term: Term;
}

/**
 * The commands that clients wait for: first as proposals in the next batch, then, once accepted by the chart, by the index
 * and term of their entry, until that index is applied.
 */
export class WaitingCommands<Result> {
  readonly #clock: Clock;
  readonly #limits: WaitingLimits;
  readonly #propose: (proposals: readonly Proposal[]) => void;
  #batch: Proposal[] = [];
  #nextId = 1;
  #bytes = 0;
  #closed = false;
  /** By proposal id, in order of submission. */
  readonly #proposed = new PassingMap<number, Waiting<Result>>();
  /** By log index, in order of acceptance and therefore of deadline. */
  readonly #accepted = new PassingMap<LogIndex, Waiting<Result>>();
  readonly #deadlines: Deadlines<LogIndex, Waiting<Result>>;

  /** `propose` is called with the commands submitted in the same turn of the event loop: all of them, unless they are large. */
  constructor(clock: Clock, limits: WaitingLimits, propose: (proposals: readonly Proposal[]) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#propose = propose;
    this.#deadlines = new Deadlines(clock, this.#accepted, (waiting, index) => {
      this.#accepted.delete(index);
      this.#finish(waiting, unknownOutcome(waiting));
    });
  }

  submit(command: Uint8Array, done: (outcome: Outcome<Result>) => void): void {
    const { maxCommandBytes } = this.#limits;
    if (command.length > maxCommandBytes) {
      throw new RangeError(
        `a command of ${command.length} bytes, more than the ${maxCommandBytes} that are replicated`,
      );
    }
    const isFull =
      this.#proposed.size + this.#accepted.size >= this.#limits.maxCommands ||
      this.#bytes + command.length > this.#limits.maxBytes;
    if (isFull || this.#closed) {
      this.#clock.defer(() => done(isFull ? { type: 'overloaded' } : { type: 'notLeader', leader: null }));
      return;
    }
    const id = this.#nextId++;
    const deadline = this.#clock.now() + this.#limits.timeoutMs;
    this.#bytes += command.length;
    this.#proposed.set(id, { done, sizeBytes: command.length, deadline, index: 0, term: 0 });
    this.#batch.push({ id, payload: command });
    if (this.#batch.length === 1) this.#clock.defer(() => this.#flush());
  }

  /** The chart appended `ids` from `firstIndex` on. */
  accept(ids: readonly number[], firstIndex: LogIndex, term: Term): void {
    ids.forEach((id, offset) => {
      const waiting = this.#proposed.get(id);
      if (waiting === undefined) return;
      this.#proposed.delete(id);
      const index = firstIndex + offset;
      this.#replaced(index);
      this.#accepted.set(index, { ...waiting, index, term });
    });
    this.#deadlines.arm();
  }

  /** The chart did not take `ids`. */
  reject(ids: readonly number[], leader: NodeId | null): void {
    for (const id of ids) {
      const waiting = this.#proposed.get(id);
      if (waiting === undefined) continue;
      this.#proposed.delete(id);
      this.#finish(waiting, { type: 'notLeader', leader });
    }
  }

  /** The entry at `index`, of `term`, was applied with `result`, which is ignored if a client waited for another entry there. */
  applied(index: LogIndex, term: Term, result: Result): void {
    const waiting = this.#accepted.get(index);
    if (waiting === undefined) return;
    if (waiting.term !== term) {
      this.#overwrite(index);
      return;
    }
    this.#accepted.delete(index);
    this.#finish(waiting, { type: 'applied', index, term, result });
  }

  /** An entry that is not a command was applied at `index`: any command expected there is gone. */
  displaced(index: LogIndex): void {
    this.#overwrite(index);
  }

  /** A snapshot stands for everything up to `index`: whether a command was among it, only its result would have told. */
  covered(index: LogIndex): void {
    for (const [at, waiting] of this.#accepted) {
      if (at > index) continue;
      this.#accepted.delete(at);
      this.#finish(waiting, unknownOutcome(waiting));
    }
  }

  /** Answers everything that is waiting: not accepted, or unknown. Accepts nothing afterwards. */
  close(): void {
    this.#closed = true;
    this.#deadlines.stop();
    this.#batch = [];
    for (const waiting of this.#proposed.values()) this.#finish(waiting, { type: 'notLeader', leader: null });
    this.#proposed.clear();
    for (const waiting of this.#accepted.values()) this.#finish(waiting, unknownOutcome(waiting));
    this.#accepted.clear();
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    let bytes = 0;
    const end = this.#batch.findIndex(({ payload }) => {
      bytes += payload.length;
      return bytes >= proposedBytes;
    });
    const proposals = end < 0 ? this.#batch : this.#batch.slice(0, end + 1);
    this.#batch = this.#batch.slice(proposals.length);
    if (this.#batch.length > 0) this.#clock.defer(() => this.#flush());
    this.#propose(proposals);
  }

  /**
   * Another command is now at `index` in this log. The one that a client waits for may be in other logs and still be
   * committed: only an entry that was applied in its place settles its fate. Raft paper §5.4.2, Figure 8.
   */
  #replaced(index: LogIndex): void {
    const waiting = this.#accepted.get(index);
    if (waiting === undefined) return;
    this.#accepted.delete(index);
    this.#finish(waiting, unknownOutcome(waiting));
  }

  #overwrite(index: LogIndex): void {
    const waiting = this.#accepted.get(index);
    if (waiting === undefined) return;
    this.#accepted.delete(index);
    this.#finish(waiting, { type: 'overwritten', index, term: waiting.term });
  }

  #finish(waiting: Waiting<Result>, outcome: Outcome<Result>): void {
    this.#bytes -= waiting.sizeBytes;
    waiting.done(outcome);
  }
}

const unknownOutcome = <Result>(waiting: Waiting<Result>): Outcome<Result> => ({
  type: 'unknownOutcome',
  index: waiting.index,
  term: waiting.term,
});
