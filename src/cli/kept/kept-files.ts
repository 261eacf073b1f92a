import { createHash, randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** How much a folder of kept files may hold. */
export interface Bounds {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Texts by name, in files of one folder that any number of processes share. Whatever is wrong with the folder or with a file, nothing is
 * thrown: a text that cannot be read is not there, and one that cannot be written is not kept.
 */
export class KeptFiles {
  readonly #folder: string;
  readonly #bounds: Bounds;

  constructor(folder: string, bounds: Bounds) {
    this.#folder = folder;
    this.#bounds = bounds;
  }

  /** What was written under this name; null: nothing, or it is not as it was written. */
  read(name: string): string | null {
    try {
      const file = this.#fileOf(name);
      const whole = readFileSync(file, 'utf8');
      const end = whole.indexOf('\n');
      const text = whole.slice(end + 1);
      if (end < 0 || whole.slice(0, end) !== headOf(name, text)) return null;
      const now = new Date();
      // What is used stays. In a folder that is read only, all of it does.
      attempt(() => utimesSync(file, now, now));
      return text;
    } catch {
      return null;
    }
  }

  write(name: string, text: string): void {
    const draft = join(this.#folder, `${name}.${randomUUID()}${draftEnd}`);
    attempt(() => {
      // For this user alone, as the XDG Base Directory Specification has it.
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      try {
        writeFileSync(draft, `${headOf(name, text)}\n${text}`, { flag: 'wx' });
        // A reader sees all of it or nothing.
        renameSync(draft, this.#fileOf(name));
      } catch {
        rmSync(draft, { force: true });
      }
      this.#prune();
    });
  }

  #fileOf(name: string): string {
    return join(this.#folder, `${name}${fileEnd}`);
  }

  /** Removes those that were used longest ago, until the rest is within the bounds, and what killed processes left. Files of others stay. */
  #prune(): void {
    const found = readdirSync(this.#folder).flatMap((name) => {
      const path = join(this.#folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() ? [{ path, name, usedMs: stats.mtimeMs, bytes: stats.size }] : [];
    });
    const isLeft = ({ name, usedMs }: (typeof found)[number]): boolean =>
      name.endsWith(draftEnd) && Date.now() - usedMs > longestWriteMs;
    const kept = found.filter(({ name }) => name.endsWith(fileEnd)).toSorted((a, b) => b.usedMs - a.usedMs);
    let bytes = 0;
    const beyond = kept.filter((file, at) => {
      bytes += file.bytes;
      return at >= this.#bounds.files || bytes > this.#bounds.bytes;
    });
    for (const { path } of [...beyond, ...found.filter(isLeft)]) attempt(() => rmSync(path, { force: true }));
  }
}

const fileEnd = '.kept';
const draftEnd = '.draft';

const longestWriteMs = 3_600_000;

/** Says which text follows: one that was cut, changed or renamed has another. */
const headOf = (name: string, text: string): string =>
  `raftchart ${name} ${createHash('sha256').update(text).digest('hex')}`;

const attempt = (act: () => void): void => {
  try {
    act();
  } catch {
    // Then it is not kept.
  }
};
