import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isModulePath } from '../machine/machine-operand.ts';

/** Editors write a file in several steps, and tools many files at once: a change counts once this long nothing has followed it. */
const quietMs = 100;

/** Calls `changed` with the name of whatever changes in a folder; null where the system does not say which. Throws if it cannot. */
export type WatchFolder = (
  folder: string,
  changed: (name: string | null) => void,
  failed: (error: Error) => void,
) => Pick<FSWatcher, 'close'>;

const watchFolder: WatchFolder = (folder, changed, failed) =>
  watch(folder, { persistent: false }, (_, name) => changed(name)).on('error', failed);

/** Notices when files change, also by another file that takes their place. */
export class FileWatch {
  readonly #changed: () => void;
  readonly #failed: (error: Error) => void;
  readonly #watchFolder: WatchFolder;
  #open: readonly Pick<FSWatcher, 'close'>[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** `failed` is called when changes in a folder go unnoticed from now on. */
  constructor(changed: () => void, failed: (error: Error) => void, watcher: WatchFolder = watchFolder) {
    this.#changed = changed;
    this.#failed = failed;
    this.#watchFolder = watcher;
  }

  /** From now on follows these files alone. `withOthers`: and any module beside them, or a folder that is missing. */
  follow(files: readonly string[], withOthers: boolean): void {
    if (this.#isClosed) return;
    const before = this.#open;
    // A folder that was removed and made again is another one for the system.
    this.#open = [...namesByFolder(files, withOthers)].flatMap(([folder, names]) => {
      const changed = (name: string | null): void => {
        const isOther = withOthers && name !== null && isModulePath(name);
        if (name === null || isOther || names.has(name)) this.#waitForQuiet();
      };
      try {
        return [this.#watchFolder(folder, changed, this.#failed)];
      } catch (error) {
        this.#failed(error as Error);
        return [];
      }
    });
    for (const each of before) each.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const each of this.#open) each.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #waitForQuiet(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(this.#changed, quietMs);
  }
}

/** What to look for, and where: of a folder that is missing, the nearest one around it. */
const namesByFolder = (files: readonly string[], withOthers: boolean): ReadonlyMap<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    let path = file;
    while (withOthers && !existsSync(dirname(path)) && dirname(path) !== path) path = dirname(path);
    const folder = dirname(path);
    found.set(folder, (found.get(folder) ?? new Set()).add(basename(path)));
  }
  return found;
};
