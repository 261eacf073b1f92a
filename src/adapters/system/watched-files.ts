import { statSync } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';

/** How often the files are looked at. */
const lookMs = 1000;

/** Files that whoever read them wants to read anew when they change. */
export class WatchedFiles {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  /** The state of the files when they were last read, whether they were of use or not. */
  #seen: string;
  #timer: unknown;

  /** Call it before the files are read: what changes meanwhile is noticed. */
  constructor(paths: readonly string[], clock: Clock) {
    this.#paths = paths;
    this.#clock = clock;
    this.#seen = stateOf(paths);
  }

  /** Calls `looked` once a second, and says whether some file has changed since it was last read. */
  follow(looked: (hasChanged: boolean) => void): void {
    this.#timer = this.#clock.setTimeout(() => {
      looked(stateOf(this.#paths) !== this.#seen);
      this.follow(looked);
    }, lookMs);
  }

  /** They are about to be read. */
  note(): void {
    this.#seen = stateOf(this.#paths);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

/** Changes whenever one of the files does: other names for the same bytes, as Kubernetes swaps them, included. */
const stateOf = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      const stat = statIfAny(path);
      return stat === undefined ? '-' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    })
    .join('|');

const statIfAny = (path: string) => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};
