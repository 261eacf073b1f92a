import { existsSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replacementOf } from '../../adapters/storage/rewrite-file.ts';

/** A file that is written bit by bit, and gets its name when all of it is durable. Until then it has another one, beside it. */
export class NewFile {
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: FileHandle;

  private constructor(target: string, temporary: string, file: FileHandle) {
    this.#target = target;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** Rejects with the system's error, and where there is something that is no file, such as a device. */
  static async create(path: string): Promise<NewFile> {
    const { target, temporary } = replacementOf(path);
    const found = statSync(target, { throwIfNoEntry: false });
    if (found?.isFile() === false) throw new Error('it is there, and no regular file');
    rmSync(temporary, { force: true });
    // A state may be secret: who may read the file that it replaces may read it, others of the machine may not.
    return new NewFile(target, temporary, await open(temporary, 'wx', found?.mode ?? 0o640));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at);
      at += bytesWritten;
    }
  }

  /** Gives it its name, durably. Rejects, and leaves another file of that name alone, unless `replaces`. */
  async finish(replaces: boolean): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
    if (!replaces && existsSync(this.#target)) throw new Error('it exists by now');
    await rename(this.#temporary, this.#target);
    const directory = await open(dirname(this.#target), 'r');
    await directory.sync().finally(() => directory.close());
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }
}
