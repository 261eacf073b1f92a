import type { Log } from '../../../ports/log.ts';
import { StorageFailed } from '../../../ports/storage.ts';
import { replaceFile } from '../checked-file.ts';
import { refuseOutdated } from '../chunks.ts';
import type { Files } from '../files.ts';
import type { MemoryDisk, MemoryKeeper } from '../memory.ts';
import { type NodeState, stateText } from './state-text.ts';

/** From here on each write takes so long that people should know; told again whenever the file has doubled. */
const largeBytes = 4 * 1024 * 1024;

interface StateFileParts {
  readonly files: Files;
  readonly directory: string;
  readonly name: string;
  readonly state: NodeState;
  readonly log: Log;
}

/** Keeps a disk in memory as a file that is replaced, whole, whenever something must be durable. One replacement after the other, in the order of the calls. */
export class StateFile implements MemoryKeeper {
  readonly #parts: StateFileParts;
  #last: Promise<unknown> = Promise.resolve();
  /** What the file says, durably. */
  #written: string | null = null;
  #failure: StorageFailed | null = null;
  #isClosed = false;
  #tellFromBytes = largeBytes;

  constructor(parts: StateFileParts) {
    this.#parts = parts;
  }

  /** What is changed for this may come with an earlier write as well: that is no harm, since nobody was told of either. */
  readonly sync: MemoryKeeper['sync'] = (change, done) => {
    const written = this.#inOrder(async () => {
      change();
      await this.#write(this.#disk).catch((error: Error) => this.#fail(error));
    });
    settle(written, (error) => done(error as StorageFailed | null));
  };

  readonly note: MemoryKeeper['note'] = (change, done) => {
    const written = this.#inOrder(async () => {
      change();
      await this.#write(this.#disk);
    });
    settle(written, done);
  };

  readonly shelve: MemoryKeeper['shelve'] = (snapshot) =>
    this.#inOrder(async () => {
      const disk = this.#disk;
      refuseOutdated(disk.snapshot?.info ?? null, snapshot.info);
      await this.#write({ ...disk, snapshot });
      disk.snapshot = snapshot;
      const { index, term, sizeBytes } = snapshot.info;
      this.#parts.log.info({ index, term, bytes: sizeBytes }, 'snapshot is durable');
    });

  /** Writes the disk as it is. */
  write(): Promise<void> {
    return this.#inOrder(() => this.#write(this.#disk));
  }

  /** Settles once everything that was asked for before is done; nothing is written afterwards. */
  close(): Promise<void> {
    return this.#inOrder(async () => {
      this.#isClosed = true;
    }).catch(() => {});
  }

  get #disk(): MemoryDisk {
    return this.#parts.state.disk;
  }

  async #write(disk: MemoryDisk): Promise<void> {
    const { files, directory, name, state, log } = this.#parts;
    const text = stateText({ ...state, disk });
    if (text === this.#written) return;
    if (text.length >= this.#tellFromBytes) {
      log.warn(
        { file: name, bytes: text.length },
        `${name} has ${Math.floor(text.length / 2 ** 20)} MiB, and all of it is written again with every change: use --storage wal, or a smaller --snapshot-entries`,
      );
      this.#tellFromBytes = text.length * 2;
    }
    await replaceFile(files, directory, name, text);
    this.#written = text;
  }

  /** For good: design rule 10. The next write might well succeed; but what became of this one is not known. */
  #fail(error: Error): never {
    const { name, log } = this.#parts;
    this.#failure = new StorageFailed(`cannot write ${name}: ${error.message}`, { cause: error });
    log.error({ error: this.#failure.message }, 'storage failed; the node must stop');
    throw this.#failure;
  }

  #inOrder<Value>(run: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(() => {
      if (this.#failure !== null) throw this.#failure;
      if (this.#isClosed) throw new StorageFailed(`${this.#parts.name} is closed`);
      return run();
    });
    this.#last = result.catch(() => {});
    return result;
  }
}

/** `done` is called outside of the promise: whatever it throws is nobody's rejection. */
function settle(written: Promise<void>, done: (failure: Error | null) => void): void {
  written.then(
    () => queueMicrotask(() => done(null)),
    (error: Error) => queueMicrotask(() => done(error)),
  );
}
