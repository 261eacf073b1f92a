import type { ExploreOptions } from './cluster-event.ts';

/** What of a budget an event or its end uses up. */
export interface Cost {
  /** Leadership transfers asked for. */
  readonly transfers: number;
  /** The read that is asked for; 0: none. */
  readonly readId: number;
  /** Snapshots taken. */
  readonly snapshots: number;
  /** Changes of the members asked for. */
  readonly reconfigurations: number;
}

export const free: Cost = { transfers: 0, readId: 0, snapshots: 0, reconfigurations: 0 };

/**
 * How many crashes, transfers, reads, snapshots and changes of the members are left, as one integer: a state has one field for all of
 * them, which holds the crashes alone where nothing else may happen. Reads are numbered in the order in which they are asked for, so the budget also says
 * which read is the next.
 */
export class Budget {
  /** Nothing used yet. */
  readonly full: number;
  readonly #crashes: number;
  readonly #transfers: number;
  readonly #reads: number;
  readonly #snapshots: number;

  constructor({
    crashes,
    transfers,
    reads,
    snapshots,
    reconfigurations,
  }: Pick<ExploreOptions, 'crashes' | 'transfers' | 'reads' | 'snapshots' | 'reconfigurations'>) {
    this.#crashes = crashes + 1;
    this.#transfers = transfers + 1;
    this.#reads = reads + 1;
    this.#snapshots = snapshots + 1;
    this.full = crashes + this.#rest({ transfers, snapshots, reconfigurations }, reads);
  }

  /** Whether a node may still crash. */
  mayCrash(left: number): boolean {
    return left % this.#crashes > 0;
  }

  /** Whether an event of this cost may still happen. */
  allows(left: number, { transfers, readId, snapshots, reconfigurations }: Cost): boolean {
    const afterCrashes = Math.floor(left / this.#crashes);
    if (transfers > afterCrashes % this.#transfers) return false;
    const afterTransfers = Math.floor(afterCrashes / this.#transfers);
    if (readId !== 0 && readId !== this.#reads - (afterTransfers % this.#reads)) return false;
    const afterReads = Math.floor(afterTransfers / this.#reads);
    if (snapshots > afterReads % this.#snapshots) return false;
    return reconfigurations <= Math.floor(afterReads / this.#snapshots);
  }

  /** What is left once an event of this cost has happened, in which the node crashed or not. */
  after(left: number, cost: Cost, hasCrashed: boolean): number {
    return left - (hasCrashed ? 1 : 0) - this.#rest(cost, cost.readId === 0 ? 0 : 1);
  }

  /** All but the crashes. */
  #rest({ transfers, snapshots, reconfigurations }: Omit<Cost, 'readId'>, reads: number): number {
    const withSnapshots = snapshots + this.#snapshots * reconfigurations;
    return this.#crashes * (transfers + this.#transfers * (reads + this.#reads * withSnapshots));
  }
}
