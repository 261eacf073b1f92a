import type { ExploreOptions } from './cluster-event.ts';

/** What of a budget an event or its end uses up. */
export interface Cost {
  /** Leadership transfers asked for. */
  readonly transfers: number;
  /** The read that is asked for; 0: none. */
  readonly readId: number;
  /** Snapshots taken. */
  readonly snapshots: number;
}

export const free: Cost = { transfers: 0, readId: 0, snapshots: 0 };

/**
 * How many crashes, transfers, reads and snapshots are left, as one integer: a state has one field for all of them, which holds the
 * crashes alone where nothing else may happen. Reads are numbered in the order in which they are asked for, so the budget also says
 * which read is the next.
 */
export class Budget {
  /** Nothing used yet. */
  readonly full: number;
  readonly #crashes: number;
  readonly #transfers: number;
  readonly #reads: number;

  constructor({
    crashes,
    transfers,
    reads,
    snapshots,
  }: Pick<ExploreOptions, 'crashes' | 'transfers' | 'reads' | 'snapshots'>) {
    this.#crashes = crashes + 1;
    this.#transfers = transfers + 1;
    this.#reads = reads + 1;
    this.full = crashes + this.#crashes * (transfers + this.#transfers * (reads + this.#reads * snapshots));
  }

  /** Whether a node may still crash. */
  mayCrash(left: number): boolean {
    return left % this.#crashes > 0;
  }

  /** Whether an event of this cost may still happen. */
  allows(left: number, { transfers, readId, snapshots }: Cost): boolean {
    const rest = Math.floor(left / this.#crashes);
    if (transfers > rest % this.#transfers) return false;
    const upper = Math.floor(rest / this.#transfers);
    if (snapshots > Math.floor(upper / this.#reads)) return false;
    return readId === 0 || readId === this.#reads - (upper % this.#reads);
  }

  /** What is left once an event of this cost has happened, in which the node crashed or not. */
  after(left: number, { transfers, readId, snapshots }: Cost, hasCrashed: boolean): number {
    const reads = readId === 0 ? 0 : 1;
    return (
      left -
      (hasCrashed ? 1 : 0) -
      this.#crashes * (transfers + this.#transfers * (reads + this.#reads * snapshots))
    );
  }
}
