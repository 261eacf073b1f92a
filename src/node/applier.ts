import type { Clock } from '../ports/clock.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage } from '../ports/storage.ts';
import type { LogIndex } from '../raft/types.ts';
import type { WaitingCommands } from './waiting-commands.ts';

/** Payload bytes read from the log at a time. */
const readBytes = 1024 * 1024;
/** Applies committed entries in index order, and answers the clients waiting for them. */
export class Applier<Result> {
  readonly #storage: Storage;
  readonly #stateMachine: StateMachine<Result>;
  readonly #waiting: WaitingCommands<Result>;
  readonly #clock: Clock;
  readonly #sliceEntries: number;
  readonly #report: (index: LogIndex) => void;
  #lastApplied: LogIndex = 0;
  #committed: LogIndex = 0;
  #isScheduled = false;
  #isStopped = false;

  /** Works in slices of this many entries; after each one `report` is called with how far the state machine has got. */
  constructor(
    storage: Storage,
    stateMachine: StateMachine<Result>,
    waiting: WaitingCommands<Result>,
    clock: Clock,
    sliceEntries: number,
    report: (index: LogIndex) => void,
  ) {
    this.#storage = storage;
    this.#stateMachine = stateMachine;
    this.#waiting = waiting;
    this.#clock = clock;
    this.#sliceEntries = sliceEntries;
    this.#report = report;
  }

  /** Entries up to `index` are committed. The next `run` applies them. */
  commit(index: LogIndex): void {
    this.#committed = index;
  }

  /** Applies one slice; the rest, if any, follows after whatever else has arrived. A failed read, or a state machine that throws, goes to `onError`. */
  run(onError: (error: Error) => void): void {
    if (this.#isScheduled || this.#isStopped || this.#lastApplied === this.#committed) return;
    try {
      this.#applySlice();
    } catch (error) {
      onError(error as Error);
      return;
    }
    this.#report(this.#lastApplied);
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

  #applySlice(): void {
    const end = Math.min(this.#committed, this.#lastApplied + this.#sliceEntries);
    while (this.#lastApplied < end && !this.#isStopped) {
      for (const entry of this.#storage.read(this.#lastApplied + 1, end, readBytes)) {
        const index = ++this.#lastApplied;
        if (entry.kind === 'command') {
          const result = this.#stateMachine.apply(entry.payload, { index, term: entry.term });
          this.#waiting.applied(index, entry.term, result);
        } else {
          this.#waiting.displaced(index);
        }
      }
    }
  }
}
