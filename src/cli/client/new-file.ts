import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that gets its name when all of it is durable. Until then it has another one, beside it. */
export class NewFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** Rejects with the system's error. */
  static async create(path: string): Promise<NewFile> {
    const temporary = `${path}.${process.pid}.tmp`;
    return new NewFile(path, temporary, await open(temporary, 'w', 0o640));
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
    if (!replaces && existsSync(this.#path)) throw new Error('it exists by now');
    await rename(this.#temporary, this.#path);
    const directory = await open(dirname(this.#path), 'r');
    await directory.sync().finally(() => directory.close());
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }
}
