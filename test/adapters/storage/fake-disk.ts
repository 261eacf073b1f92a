import type { FileHandle, Files } from '../../../src/adapters/storage/files.ts';

/** What was asked of the disk, in order. A `commit` is a write and then a sync. */
export type DiskOperation =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'write'; readonly file: number; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'syncDirectory' };

/** Names, and the contents of files by number: all that a power loss leaves. */
export interface DiskImage {
  readonly names: ReadonlyMap<string, number>;
  readonly contents: ReadonlyMap<number, Uint8Array>;
}

/** A disk in memory, of one directory, that notes what it was asked, and fails where it is told to. */
export class FakeDisk implements Files {
  readonly operations: DiskOperation[] = [];
  readonly names: Map<string, number>;
  readonly contents: Map<number, Uint8Array>;
  /** Asked before each write and sync; an error makes it fail. */
  fail: (operation: DiskOperation) => Error | null = () => null;
  readonly #openFiles = new Map<FileHandle, number>();
  #nextHandle = 100;
  #nextFile: number;
  #isLocked = false;

  constructor(image: DiskImage = { names: new Map(), contents: new Map() }) {
    this.names = new Map(image.names);
    // The bytes themselves are never changed, only replaced.
    this.contents = new Map(image.contents);
    this.#nextFile = Math.max(0, ...image.contents.keys()) + 1;
  }

  get openFileCount(): number {
    return this.#openFiles.size;
  }

  async makeDirectory(): Promise<void> {}

  async lock(): Promise<(() => void) | null> {
    if (this.#isLocked) return null;
    this.#isLocked = true;
    return () => {
      this.#isLocked = false;
    };
  }

  async list(directory: string): Promise<readonly string[]> {
    return [...this.names.keys()].map((path) => path.slice(directory.length + 1));
  }

  async open(path: string, mode: 'create' | 'read' | 'write'): Promise<FileHandle> {
    if (mode !== 'create') return this.openToReadSync(path);
    if (this.names.has(path)) throw systemError('EEXIST', 'open', path);
    const file = this.#nextFile++;
    this.#record({ kind: 'create', path, file });
    this.names.set(path, file);
    this.contents.set(file, new Uint8Array(0));
    return this.openToReadSync(path);
  }

  openToReadSync(path: string): FileHandle {
    const file = this.names.get(path);
    if (file === undefined) throw systemError('ENOENT', 'open', path);
    this.#openFiles.set(this.#nextHandle, file);
    return this.#nextHandle++;
  }

  close(handle: FileHandle): void {
    if (!this.#openFiles.delete(handle)) throw systemError('EBADF', 'close', String(handle));
  }

  sizeBytes(handle: FileHandle): number {
    return this.#contentsOf(handle).length;
  }

  readSync(handle: FileHandle, target: Uint8Array, position: number): number {
    const bytes = this.#contentsOf(handle).subarray(position, position + target.length);
    target.set(bytes);
    return bytes.length;
  }

  commit(handle: FileHandle, bytes: Uint8Array, position: number, done: (error: Error | null) => void): void {
    const file = this.#openFiles.get(handle)!;
    const write = { kind: 'write', file, position, bytes: Uint8Array.from(bytes) } as const;
    const sync = { kind: 'sync', file } as const;
    queueMicrotask(() => {
      const error = this.fail(write);
      if (error !== null) return done(error);
      this.#record(write);
      this.contents.set(file, written(this.contents.get(file)!, write));
      queueMicrotask(() => {
        const failure = this.fail(sync);
        if (failure === null) this.#record(sync);
        done(failure);
      });
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#record({ kind: 'rename', from, to });
    rename(this.names, from, to);
  }

  async remove(path: string): Promise<void> {
    this.#record({ kind: 'remove', path });
    if (!this.names.delete(path)) throw systemError('ENOENT', 'unlink', path);
  }

  async syncDirectory(): Promise<void> {
    this.#record({ kind: 'syncDirectory' });
  }

  #record(operation: DiskOperation): void {
    this.operations.push(operation);
  }

  #contentsOf(handle: FileHandle): Uint8Array {
    return this.contents.get(this.#openFiles.get(handle)!)!;
  }
}

/** What a power loss may keep of the writes that no sync covered, and of the names that no directory sync covered. */
export const lossModes = ['nothing', 'everything', 'someSectors', 'otherSectors', 'lastWriteTorn'] as const;
export type LossMode = (typeof lossModes)[number];

const sectorBytes = 512;

/** What a power loss after the first `count` operations leaves of a disk that began as `start`. `draw` gives 0 to 1. */
export const imageAfterPowerLoss = (
  start: DiskImage,
  operations: readonly DiskOperation[],
  count: number,
  mode: LossMode,
  draw: () => number,
): DiskImage => {
  const names = new Map(start.names);
  const contents = new Map(start.contents);
  let unsyncedNames: DiskOperation[] = [];
  const unsyncedWrites = new Map<number, (DiskOperation & { kind: 'write' })[]>();
  for (const operation of operations.slice(0, count)) {
    if (operation.kind === 'write') {
      const { file } = operation;
      unsyncedWrites.set(file, [...(unsyncedWrites.get(file) ?? []), operation]);
    } else if (operation.kind === 'sync') {
      for (const write of unsyncedWrites.get(operation.file) ?? []) {
        contents.set(write.file, written(contents.get(write.file) ?? new Uint8Array(0), write));
      }
      unsyncedWrites.delete(operation.file);
    } else if (operation.kind === 'syncDirectory') {
      for (const change of unsyncedNames) applyName(names, contents, change);
      unsyncedNames = [];
    } else {
      unsyncedNames.push(operation);
    }
  }

  const keptNames =
    mode === 'nothing'
      ? 0
      : mode === 'everything'
        ? unsyncedNames.length
        : Math.floor(draw() * (unsyncedNames.length + 1));
  for (const change of unsyncedNames.slice(0, keptNames)) applyName(names, contents, change);
  for (const write of [...unsyncedWrites.values()].flat()) {
    for (const part of partsKept(write, mode, draw)) {
      contents.set(part.file, written(contents.get(part.file) ?? new Uint8Array(0), part));
    }
  }
  return { names, contents };
};

type WriteOperation = DiskOperation & { readonly kind: 'write' };

function partsKept(write: WriteOperation, mode: LossMode, draw: () => number): readonly WriteOperation[] {
  if (mode === 'nothing') return [];
  if (mode === 'everything') return [write];
  if (mode === 'lastWriteTorn') {
    // A process that is killed in the middle of its write leaves a prefix of it in the page cache, in machine words.
    const kept = Math.floor((draw() * write.bytes.length) / 8) * 8;
    return [{ ...write, bytes: write.bytes.slice(0, kept) }];
  }
  const parts: WriteOperation[] = [];
  const end = write.position + write.bytes.length;
  for (let at = write.position; at < end; ) {
    const next = Math.min((Math.floor(at / sectorBytes) + 1) * sectorBytes, end);
    if (draw() < (mode === 'someSectors' ? 0.5 : 0.8)) {
      parts.push({
        ...write,
        position: at,
        bytes: write.bytes.slice(at - write.position, next - write.position),
      });
    }
    at = next;
  }
  return parts;
}

function applyName(
  names: Map<string, number>,
  contents: Map<number, Uint8Array>,
  change: DiskOperation,
): void {
  if (change.kind === 'create') {
    names.set(change.path, change.file);
    if (!contents.has(change.file)) contents.set(change.file, new Uint8Array(0));
  } else if (change.kind === 'rename') rename(names, change.from, change.to);
  else if (change.kind === 'remove') names.delete(change.path);
}

function rename(names: Map<string, number>, from: string, to: string): void {
  const file = names.get(from);
  if (file === undefined) throw systemError('ENOENT', 'rename', from);
  names.delete(from);
  names.set(to, file);
}

function written(
  contents: Uint8Array,
  { position, bytes }: { position: number; bytes: Uint8Array },
): Uint8Array {
  const end = position + bytes.length;
  let result = contents;
  if (end > contents.length) {
    result = new Uint8Array(end);
    result.set(contents);
  } else result = contents.slice();
  result.set(bytes, position);
  return result;
}

export const systemError = (code: string, syscall: string, path: string): Error =>
  Object.assign(new Error(`${code}: injected, ${syscall} '${path}'`), { code, syscall, path });
