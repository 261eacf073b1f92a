import { statSync } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';

/** How often the files are checked. */
const lookMs = 1000;

/** Notices when files that were read have changed. */
export class WatchedFiles {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  /** The state of the files when they were last read, whether they were valid or not. */
  #seen: string;
  #timer: unknown;

  /** Construct it before reading the files, so that no change is missed. */
  constructor(paths: readonly string[], clock: Clock) {
    this.#paths = paths;
    this.#clock = clock;
    this.#seen = stateOf(paths);
  }

  /** Calls `looked` once a second with whether any file has changed since it was last read. */
  follow(looked: (hasChanged: boolean) => void): void {
    this.#timer = this.#clock.setTimeout(() => {
      looked(stateOf(this.#paths) !== this.#seen);
      this.follow(looked);
    }, lookMs);
  }

  /** The files are about to be read. */
  note(): void {
    this.#seen = stateOf(this.#paths);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

/** Changes whenever one of the files does, including when a link is switched to another file, as Kubernetes does. */
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
