import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { LogLimit } from '../ports/log-limit.ts';
import type { SnapshotChunk, SnapshotInfo, SnapshotStore } from '../ports/snapshot-store.ts';
import type { LogIndex } from '../raft/types.ts';

export interface SnapshotReceiverParts {
  readonly snapshots: SnapshotStore;
  readonly log: Log;
  readonly clock: Clock;
  /** The whole is durable beside the log, and is the newest snapshot. */
  readonly received: (index: LogIndex) => void;
  /** What was received is of no use: damaged, or there was no room for it. It begins again from offset 0. */
  readonly failed: (index: LogIndex) => void;
}

/** Keeps the chunks of a snapshot that the leader sends, in the order in which they are handed over. A failure is reported and stops nothing. */
export class SnapshotReceiver {
  readonly #parts: SnapshotReceiverParts;
  readonly #logLimit: LogLimit;
  #isStopped = false;

  constructor(parts: SnapshotReceiverParts) {
    this.#parts = parts;
    this.#logLimit = new LogLimit(parts.clock);
  }

  /** `isLast`: with this chunk it is whole. */
  take(info: SnapshotInfo, chunk: SnapshotChunk, isLast: boolean): void {
    const { snapshots, log, received } = this.#parts;
    snapshots.receive(info, chunk).then(
      () => {
        if (!isLast) return;
        snapshots.install(info).then(
          () => {
            if (this.#isStopped) return;
            const { index, term, sizeBytes } = info;
            log.info({ index, term, sizeBytes }, 'snapshot received');
            received(index);
          },
          (error: Error) => this.#failed(info, error),
        );
      },
      (error: Error) => this.#failed(info, error),
    );
  }

  stop(): void {
    this.#isStopped = true;
  }

  #failed({ index, term }: SnapshotInfo, error: Error): void {
    if (this.#isStopped) return;
    const { log, failed } = this.#parts;
    const unlogged = this.#logLimit.take('failed');
    if (unlogged !== null)
      log.warn(
        { index, term, error: error.message, unlogged },
        'a snapshot could not be received; it begins again',
      );
    failed(index);
  }
}
