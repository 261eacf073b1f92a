import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type SnapshotInfo, SnapshotRefused, type SnapshotStore } from '../ports/snapshot-store.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { LogIndex, Term } from '../raft/types.ts';
import { paced } from './paced.ts';

/** When a snapshot is due: whichever comes first since the last one, but not before there is a quarter as much log as the last one is long. */
export interface SnapshotLimits {
  /** Of log. */
  readonly snapshotBytes: number;
  readonly snapshotEntries: number;
}

export const defaultSnapshotLimits: SnapshotLimits = {
  snapshotBytes: 64 * 1024 * 1024,
  snapshotEntries: 20_000,
};

/** Of the last snapshot, how much log must have come since: so a large state is not written again for a few entries. */
const leastShareOfSnapshot = 1 / 4;

/** What an entry costs in the log beside its payload. */
const entryBytes = 40;
/** After a snapshot that could not be saved. */
const retryMs = 10_000;

export interface SnapshotterParts {
  readonly stateMachine: Required<Pick<StateMachine<unknown>, 'snapshot'>>;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SnapshotLimits;
  /** That in force at this index, which has just been applied. */
  readonly configurationAt: (index: LogIndex) => Uint8Array;
  /** A snapshot is durable: the log may begin after its entry. */
  readonly saved: (snapshot: Pick<SnapshotInfo, 'index' | 'term'>) => void;
}

/** Takes a snapshot of the state machine when enough has been applied since the last one. A snapshot that cannot be saved is reported and tried again; it stops nothing. */
export class Snapshotter {
  readonly #parts: SnapshotterParts;
  #entries = 0;
  #bytes = 0;
  #lastApplied: { readonly index: LogIndex; readonly term: Term } = { index: 0, term: 0 };
  /** The snapshot that is being saved: resolves with what went wrong, or null. */
  #saving: Promise<Error | null> | null = null;
  #retryTimer: unknown = null;
  #isStopped = false;

  constructor(parts: SnapshotterParts) {
    this.#parts = parts;
  }

  /** The state machine has applied one more entry. */
  applied(index: LogIndex, term: Term, payloadBytes: number): void {
    this.#entries += 1;
    this.#bytes += payloadBytes + entryBytes;
    this.#lastApplied = { index, term };
  }

  /** The state machine is that of a snapshot now. */
  restored(index: LogIndex, term: Term): void {
    this.#entries = 0;
    this.#bytes = 0;
    this.#lastApplied = { index, term };
  }

  /** The state machine rests between two commands: takes a snapshot if one is due. */
  takeIfDue(): void {
    const isIdle = this.#saving === null && this.#retryTimer === null && !this.#isStopped;
    if (isIdle && this.#isDue) void this.#save();
  }

  get #isDue(): boolean {
    const { snapshots, limits } = this.#parts;
    if (this.#entries < limits.snapshotEntries && this.#bytes < limits.snapshotBytes) return false;
    return this.#bytes >= (snapshots.latest?.sizeBytes ?? 0) * leastShareOfSnapshot;
  }

  /**
   * Takes a snapshot now, whatever the limits say. Resolves when one of everything that is applied is durable, and rejects if it cannot be saved. Where one reaches as far
   * already, that is told again.
   */
  async take(): Promise<void> {
    const { snapshots, saved } = this.#parts;
    while (this.#saving !== null) await this.#saving;
    const { latest } = snapshots;
    if (latest !== null && latest.index >= this.#lastApplied.index) {
      // One that was received may reach further than what is applied.
      if (latest.index === this.#lastApplied.index) saved(latest);
      return;
    }
    const failure = await this.#save();
    if (failure !== null) throw failure;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#retryTimer !== null) this.#parts.clock.clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }

  #save(): Promise<Error | null> {
    this.#saving = this.#saveOne().finally(() => {
      this.#saving = null;
      // Much may have been applied meanwhile.
      this.takeIfDue();
    });
    return this.#saving;
  }

  async #saveOne(): Promise<Error | null> {
    const { stateMachine, snapshots, clock, log, configurationAt, saved } = this.#parts;
    const { index, term } = this.#lastApplied;
    const counted = { entries: this.#entries, bytes: this.#bytes };
    this.#entries = 0;
    this.#bytes = 0;
    const beganAt = clock.now();
    try {
      // Of now, not of when the first piece is asked for.
      const data = paced(stateMachine.snapshot(), clock);
      const position = { index, term, configuration: configurationAt(index) };
      const { sizeBytes } = await snapshots.save(position, data);
      log.info({ index, term, sizeBytes, ms: Math.round(clock.now() - beganAt) }, 'snapshot saved');
    } catch (error) {
      // One that another node sent reaches as far: nothing is missing.
      if (error instanceof SnapshotRefused && error.reason === 'outdated') return null;
      this.#failed(error as Error, index, counted);
      return error as Error;
    }
    if (!this.#isStopped) saved({ index, term });
    return null;
  }

  #failed(error: Error, index: LogIndex, counted: { entries: number; bytes: number }): void {
    if (this.#isStopped) return;
    this.#entries += counted.entries;
    this.#bytes += counted.bytes;
    const { clock, log } = this.#parts;
    log.error(
      { index, error: error.message, retryMs },
      'a snapshot could not be saved; the log grows until one is, and it is tried again',
    );
    this.#retryTimer = clock.setTimeout(() => {
      this.#retryTimer = null;
      this.takeIfDue();
    }, retryMs);
  }
}
