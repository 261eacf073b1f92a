import { assert } from '../../../raft/assert.ts';
import type { FileHandle, Files } from '../files.ts';

interface Patch {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A file of the disk with what was written over it; or one that exists here only, `real` null. */
interface RehearsedFile {
  readonly path: string;
  readonly real: FileHandle | null;
}

/**
 * A disk on which everything can be tried: it reads the one below, and keeps what it is asked to change to itself. So a data directory can be opened and looked at
 * as its node would find it, and nothing of it changes.
 */
export class Rehearsal implements Files {
  readonly #files: Files;
  readonly #patches = new Map<string, Patch[]>();
  /** Files that were created here, by path. */
  readonly #created = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #open = new Map<FileHandle, RehearsedFile>();
  #lastHandle = 0;

  constructor(files: Files) {
    this.#files = files;
  }

  /** What was written into files of the disk below, by path. */
  get changes(): ReadonlyMap<string, readonly Patch[]> {
    return new Map([...this.#patches].filter(([path]) => !this.#created.has(path)));
  }

  async makeDirectory(): Promise<void> {}

  /** There is nothing to exclude anybody from. */
  async lock(): Promise<() => void> {
    return () => {};
  }

  async list(directory: string): Promise<readonly string[]> {
    const inHere = (path: string) => path.startsWith(`${directory}/`);
    const names = new Set(await this.#files.list(directory));
    for (const path of this.#removed) if (inHere(path)) names.delete(path.slice(directory.length + 1));
    for (const path of this.#created) if (inHere(path)) names.add(path.slice(directory.length + 1));
    return [...names];
  }

  async open(path: string, mode: 'create' | 'read' | 'write'): Promise<FileHandle> {
    if (mode !== 'create') return this.openToReadSync(path);
    this.#created.add(path);
    this.#patches.set(path, []);
    return this.openToReadSync(path);
  }

  openToReadSync(path: string): FileHandle {
    if (!this.#created.has(path) && this.#removed.has(path)) {
      throw Object.assign(new Error(`ENOENT: removed, open '${path}'`), { code: 'ENOENT', syscall: 'open' });
    }
    const real = this.#created.has(path) ? null : this.#files.openToReadSync(path);
    this.#lastHandle += 1;
    this.#open.set(this.#lastHandle, { path, real });
    return this.#lastHandle;
  }

  close(file: FileHandle): void {
    const { real } = this.#open.get(file)!;
    this.#open.delete(file);
    if (real !== null) this.#files.close(real);
  }

  sizeBytes(file: FileHandle): number {
    const { path, real } = this.#open.get(file)!;
    const ends = this.#patchesOf(path).map(({ position, bytes }) => position + bytes.length);
    return Math.max(real === null ? 0 : this.#files.sizeBytes(real), ...ends);
  }

  readSync(file: FileHandle, target: Uint8Array, position: number): number {
    const { path, real } = this.#open.get(file)!;
    const length = Math.max(0, Math.min(target.length, this.sizeBytes(file) - position));
    if (real === null) target.fill(0, 0, length);
    else this.#files.readSync(real, target.subarray(0, length), position);
    for (const patch of this.#patchesOf(path)) {
      const from = Math.max(patch.position, position);
      const to = Math.min(patch.position + patch.bytes.length, position + length);
      if (from < to) {
        target.set(patch.bytes.subarray(from - patch.position, to - patch.position), from - position);
      }
    }
    return length;
  }

  commit(file: FileHandle, bytes: Uint8Array, position: number, done: (error: Error | null) => void): void {
    const { path } = this.#open.get(file)!;
    this.#patches.set(path, [...this.#patchesOf(path), { position, bytes: Uint8Array.from(bytes) }]);
    setImmediate(done, null);
  }

  async rename(from: string, to: string): Promise<void> {
    assert(this.#created.has(from), 'what is renamed was created in this rehearsal', from, null);
    this.#patches.set(to, this.#patchesOf(from));
    this.#patches.delete(from);
    this.#created.delete(from);
    this.#created.add(to);
  }

  async remove(path: string): Promise<void> {
    this.#created.delete(path);
    this.#patches.delete(path);
    this.#removed.add(path);
  }

  async syncDirectory(): Promise<void> {}

  #patchesOf(path: string): Patch[] {
    return this.#patches.get(path) ?? [];
  }
}
