import {
  type ReceivedSnapshot,
  type SnapshotChunk,
  type SnapshotInfo,
  type SnapshotPosition,
  type SnapshotReader,
  SnapshotRefused,
  type SnapshotStore,
} from '../../ports/snapshot-store.ts';
import type { SnapshotPieces } from '../../ports/state-machine.ts';
import { assert } from '../../raft/assert.ts';

/** The snapshots of one run of a driven node: it knows whether anything is being done to one, and on a slow disk makes what was received wait until it is told how that turns out. */
export class DrivenSnapshots implements SnapshotStore {
  readonly #snapshots: SnapshotStore;
  readonly #isSlow: boolean;
  readonly #inFlight = new Set<Promise<void>>();
  /** On a slow disk: the check that waits. */
  #check: ((isSound: boolean) => void) | null = null;
  #isDead = false;

  constructor(snapshots: SnapshotStore, isSlow: boolean) {
    this.#snapshots = snapshots;
    this.#isSlow = isSlow;
  }

  get latest(): SnapshotInfo | null {
    return this.#snapshots.latest;
  }

  get receiving(): ReceivedSnapshot | null {
    return this.#snapshots.receiving;
  }

  /** Resolves a turn later, or when something that is being done is over, since that may wait for other things to happen; null: nothing is, or it waits to be told. */
  get inFlight(): Promise<void> | null {
    return this.#inFlight.size === 0 ? null : Promise.race([...this.#inFlight, afterTurn()]);
  }

  read(): SnapshotReader | null {
    return this.#snapshots.read();
  }

  save(position: SnapshotPosition, data: Uint8Array | SnapshotPieces): Promise<SnapshotInfo> {
    return this.#run(() => this.#snapshots.save(position, data));
  }

  receive(info: SnapshotInfo, chunk: SnapshotChunk): Promise<void> {
    return this.#run(() => this.#snapshots.receive(info, chunk));
  }

  install(info: SnapshotInfo): Promise<SnapshotInfo> {
    const install = () => this.#snapshots.install(info);
    if (!this.#isSlow) return this.#run(install);
    return new Promise((resolve, reject) => {
      this.#check = (isSound) => {
        const refusal = new SnapshotRefused('damaged', 'it is of no use');
        this.#run(isSound ? install : () => Promise.reject(refusal)).then(resolve, reject);
      };
    });
  }

  /** What waits to be checked is sound, or of no use. */
  checked(isSound: boolean): void {
    assert(this.#check !== null, 'a snapshot waits to be checked', this.#check, 'one');
    this.#check(isSound);
    this.#check = null;
  }

  /** The process is gone: nothing that it does reaches the disk any more. */
  cutOff(): void {
    this.#isDead = true;
  }

  async #run<Value>(run: () => Promise<Value>): Promise<Value> {
    if (this.#isDead) return new Promise(() => {});
    const result = run();
    // What comes of it is heard of a turn later.
    const over = result.then(afterTurn, afterTurn).finally(() => this.#inFlight.delete(over));
    this.#inFlight.add(over);
    return result;
  }
}

const afterTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
