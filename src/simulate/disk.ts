import type { FileHandle, Files } from '../adapters/storage/files.ts';
import { accountName } from '../adapters/storage/wal/account.ts';
import { peerDisksName } from '../adapters/storage/wal/peer-disks.ts';
import type { Stream } from './dice.ts';
import type { SimulatedProcess } from './process.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a file holds, durably: a `commit` that is under way is not in it yet. */
interface FileData {
  bytes: Buffer;
}

interface Commit {
  readonly file: FileData;
  readonly bytes: Uint8Array;
  readonly position: number;
}

interface OpenFile {
  readonly file: FileData;
  readonly isNew: boolean;
  /** A small file that says something about the log. */
  readonly isAside: boolean;
}

const asideNames = [accountName, peerDisksName];

type NameChange = (names: Map<string, FileData>) => void;

const sectorBytes = 512;

/**
 * The disk of one node. It outlives the node's processes; each gets a `Files` of its own. Of the data that was not synced, a power loss
 * leaves some sectors, a prefix, everything or nothing; of the changes to names, it leaves a prefix.
 */
export class SimulatedDisk {
  readonly #clock: VirtualClock;
  readonly #stream: Stream;
  readonly #syncUs: () => number;
  #names = new Map<string, FileData>();
  #durableNames = new Map<string, FileData>();
  #unsyncedNames: NameChange[] = [];
  readonly #commits = new Set<Commit>();
  /** Whether a commit waits until `finishOldest`. */
  isHeld = false;
  #held: (() => void)[] = [];
  #flips: (() => void)[] = [];
  #failures = 0;
  /** Whether a copy is kept of what was there when the last process started. */
  keepsCopies = false;
  /** A copy of the names and bytes that were durable when the last process started. */
  #copy = new Map<string, FileData>();
  /** Longer syncs. */
  addUs = 0;
  /** The next commit fails. */
  isNextSyncFailing = false;
  isFull = false;
  /** Whether something is waiting for a promise of this disk to settle; the run loop then lets it. */
  hasPromises = false;

  constructor(clock: VirtualClock, stream: Stream, syncUs: () => number) {
    this.#clock = clock;
    this.#stream = stream;
    this.#syncUs = syncUs;
  }

  /** The oldest commit that waits comes to its end. False: none waits. */
  finishOldest(): boolean {
    const finish = this.#held.shift();
    finish?.();
    return finish !== undefined;
  }

  get isFlipped(): boolean {
    return this.#flips.length > 0;
  }

  /** How many writes were begun and are neither durable nor lost. */
  get waiting(): number {
    return this.#commits.size;
  }

  /** How many times it has failed to do what it was asked. */
  get failures(): number {
    return this.#failures;
  }

  /** Loses power: writes under way stop somewhere. */
  losePower(): void {
    for (const commit of this.#commits) this.#keepSome(commit);
    this.#commits.clear();
    this.#held = [];
    const kept = this.#stream.between(0, this.#unsyncedNames.length);
    for (const change of this.#unsyncedNames.slice(0, kept)) change(this.#durableNames);
    this.#unsyncedNames = [];
    this.#names = new Map(this.#durableNames);
  }

  /** Puts another disk in: an empty one, or a copy of this one from when its last process started. The node must be down. Returns what puts its own back. */
  exchange(other: 'empty' | 'copy'): () => void {
    const own = this.#durableNames;
    this.#put(other === 'empty' ? new Map() : this.#copy);
    return () => this.#put(own);
  }

  #put(names: Map<string, FileData>): void {
    this.#durableNames = names;
    this.#names = new Map(names);
    this.#unsyncedNames = [];
  }

  /** Flips bit `bit` of the byte at `at`, a fraction from 0 to 1 of everything in the log's files. */
  flip(at: number, bit: number): void {
    const files = [...this.#durableNames]
      .filter(([path]) => path.endsWith('.log'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, file]) => ({ file, used: usedBytes(file.bytes) }));
    let offset = Math.floor(at * files.reduce((sum, { used }) => sum + used, 0));
    for (const { file, used } of files) {
      if (offset < used) {
        const turn = () => {
          file.bytes[offset]! ^= 1 << bit;
        };
        turn();
        this.#flips.push(turn);
        return;
      }
      offset -= used;
    }
  }

  /** Restores what was flipped, as if from a backup. */
  repair(): void {
    for (const turn of this.#flips) turn();
    this.#flips = [];
  }

  /** The file system as one process sees it. */
  files(process: SimulatedProcess): Files {
    if (this.keepsCopies) {
      this.#copy = new Map(
        [...this.#durableNames].map(([path, { bytes }]) => [path, { bytes: Buffer.from(bytes) }]),
      );
    }
    const open = new Map<FileHandle, OpenFile>();
    let nextHandle = 3;
    const handle = (file: FileData | undefined, path: string, isNew: boolean): FileHandle => {
      if (file === undefined) throw systemError('ENOENT', 'open', path);
      open.set(nextHandle, { file, isNew, isAside: asideNames.some((name) => path.includes(name)) });
      return nextHandle++;
    };
    const promise = <Value>(value: () => Value): Promise<Value> => {
      this.hasPromises = true;
      // A dead process is never answered.
      return process.act() ? new Promise((resolve) => resolve(value())) : new Promise(() => {});
    };
    return {
      makeDirectory: () => promise(() => {}),
      lock: () => promise(() => () => {}),
      list: (directory) =>
        promise(() => [...this.#names.keys()].map((path) => path.slice(directory.length + 1)).sort()),
      open: (path, mode) =>
        promise(() => {
          if (mode !== 'create') return handle(this.#names.get(path), path, false);
          if (this.isFull) {
            this.#failures++;
            throw systemError('ENOSPC', 'open', path);
          }
          if (this.#names.has(path)) throw systemError('EEXIST', 'open', path);
          const file = { bytes: Buffer.alloc(0) };
          this.#change((names) => names.set(path, file));
          return handle(file, path, true);
        }),
      openToReadSync: (path) => handle(this.#names.get(path), path, false),
      close: (file) => {
        open.delete(file);
      },
      sizeBytes: (file) => open.get(file)!.file.bytes.length,
      readSync: (file, target, position) => {
        const bytes = open.get(file)!.file.bytes.subarray(position, position + target.length);
        target.set(bytes);
        return bytes.length;
      },
      commit: (file, bytes, position, done) => {
        const opened = open.get(file)!;
        if (process.act()) this.#commit(process, { file: opened.file, bytes, position }, opened, done);
      },
      rename: (from, to) =>
        promise(() =>
          this.#change((names) => {
            const file = names.get(from);
            // After a power loss an earlier change may be missing.
            if (file !== undefined) names.set(to, file);
            names.delete(from);
          }),
        ),
      remove: (path) => promise(() => this.#change((names) => names.delete(path))),
      syncDirectory: () =>
        promise(() => {
          this.#unsyncedNames = [];
          this.#durableNames = new Map(this.#names);
        }),
    };
  }

  #commit(
    process: SimulatedProcess,
    commit: Commit,
    { isNew, isAside }: OpenFile,
    done: (error: Error | null) => void,
  ): void {
    this.#commits.add(commit);
    // As fast as can be, so that what is noted beside the log does not change the course of a run.
    const syncUs = isAside ? 0 : this.#syncUs();
    const finish = () => {
      // Not if the power has failed meanwhile.
      if (!this.#commits.delete(commit)) return;
      const error = this.#failureOf(isNew);
      if (error === null) write(commit, 0, commit.bytes.length);
      else {
        this.#failures++;
        this.#keepSome(commit);
      }
      process.run(() => {
        this.hasPromises = true;
        done(error);
      });
    };
    if (this.isHeld && !isAside) this.#held.push(finish);
    else this.#clock.schedule(syncUs + this.addUs, finish);
  }

  #failureOf(isNew: boolean): Error | null {
    if (isNew && this.isFull) return systemError('ENOSPC', 'write', 'file');
    if (!this.isNextSyncFailing) return null;
    this.isNextSyncFailing = false;
    return systemError('EIO', 'fdatasync', 'file');
  }

  #change(change: NameChange): void {
    change(this.#names);
    this.#unsyncedNames.push(change);
  }

  /** Sectors are written whole or not at all, except that a process may be killed in the middle of handing over. */
  #keepSome(commit: Commit): void {
    const { position, bytes } = commit;
    const stream = this.#stream;
    const mode = stream.pick(['nothing', 'everything', 'prefix', 'sectors'] as const);
    if (mode === 'everything') write(commit, 0, bytes.length);
    if (mode === 'prefix') write(commit, 0, Math.floor((stream.fraction() * bytes.length) / 8) * 8);
    if (mode !== 'sectors') return;
    for (let at = 0; at < bytes.length; ) {
      const next = Math.min(
        bytes.length,
        (Math.floor((position + at) / sectorBytes) + 1) * sectorBytes - position,
      );
      if (stream.chance(0.5)) write(commit, at, next);
      at = next;
    }
  }
}

/** Puts bytes `from` to `to` of a commit into its file. */
const write = ({ file, bytes, position }: Commit, from: number, to: number): void => {
  if (to === from) return;
  const end = position + to;
  if (end > file.bytes.length) file.bytes = Buffer.concat([file.bytes], end);
  file.bytes.set(bytes.subarray(from, to), position + from);
};

const usedBytes = (bytes: Buffer): number => {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
};

const systemError = (code: string, syscall: string, path: string): Error =>
  Object.assign(new Error(`${code}: simulated, ${syscall} '${path}'`), { code, syscall, path });
