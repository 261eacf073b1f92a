import type { Log } from '../ports/log.ts';
import type { SnapshotChunk, SnapshotInfo, SnapshotStore } from '../ports/snapshot-store.ts';
import type { LogIndex } from '../raft/types.ts';

export interface SnapshotReceiverParts {
  readonly snapshots: SnapshotStore;
  readonly log: Log;
  /** The whole is durable beside the log, and is the newest snapshot. */
  readonly received: (index: LogIndex) => void;
  /** What was received is of no use: damaged, or there was no room for it. It begins again from offset 0. */
  readonly failed: (index: LogIndex) => void;
}

/** Keeps the chunks of a snapshot that the leader sends, in the order in which they are handed over. A failure is reported and stops nothing. */
export class SnapshotReceiver {
  readonly #parts: SnapshotReceiverParts;
  #isStopped = false;

  constructor(parts: SnapshotReceiverParts) {
    this.#parts = parts;
  }

  /** `isLast`: with this chunk it is whole. */
  take(info: SnapshotInfo, chunk: SnapshotChunk, isLast: boolean): void {
    const { snapshots, received } = this.#parts;
    snapshots.receive(info, chunk).then(
      () => {
        if (!isLast) return;
        snapshots.install(info).then(
          () => {
            if (!this.#isStopped) received(info.index);
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
    log.warn({ index, term, error: error.message }, 'a snapshot could not be received; it begins again');
    failed(index);
  }
}
