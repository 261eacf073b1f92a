import { statsOf } from '../machine/stats-of.ts';
import { FileWatch, type WatchFolder } from './file-watch.ts';
import type { MachineChanges } from './machine-changes.ts';
import type { PageStock } from './own-page.ts';
import { type LoadedMachine, type LoadFlags, loadMachine, type ShownMachine } from './shown-machines.ts';

/** Times of files may lag behind the clock by this much. */
const coarseMs = 20;

export interface FollowParts {
  readonly stock: Pick<PageStock, 'charts' | 'made'>;
  readonly flags: LoadFlags;
  readonly changes: MachineChanges;
  /** Is given a line for whoever started the page. */
  readonly tell: (line: string) => void;
  readonly load?: typeof loadMachine;
  readonly watchFolder?: WatchFolder;
}

/** A machine on the page, which is loaded again whenever its file changes, or one that it imports. */
export class FollowedMachine {
  readonly #shown: ShownMachine;
  readonly #parts: FollowParts;
  readonly #watch: FileWatch;
  readonly #ending = new AbortController();
  /** As far as they are known from the last time. */
  #sources: readonly string[] = [];
  #now: LoadedMachine | null = null;
  #isLoading = false;
  #hasChanged = false;

  constructor(shown: ShownMachine, parts: FollowParts) {
    this.#shown = shown;
    this.#parts = parts;
    const failed = ({ message }: Error): void =>
      parts.tell(`changes of ${shown.operand.label} may go unnoticed: ${message}`);
    this.#watch = new FileWatch(() => void this.#loadAgain(), failed, parts.watchFolder);
  }

  /** Shows it for the first time. Rejects with `UsageError` if it does not load. */
  async start(): Promise<void> {
    const startedMs = Date.now();
    this.#show(await this.#load());
    this.#follow(true, startedMs);
  }

  close(): void {
    this.#ending.abort();
    this.#watch.close();
  }

  async #loadAgain(): Promise<void> {
    this.#hasChanged = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#hasChanged && !this.#ending.signal.aborted) {
      this.#hasChanged = false;
      await this.#loadOnce();
    }
    this.#isLoading = false;
  }

  async #loadOnce(): Promise<void> {
    const { changes } = this.#parts;
    const { name } = this.#shown;
    const startedMs = Date.now();
    const loaded = await this.#load().catch((error: Error) => error);
    if (this.#ending.signal.aborted) return;
    if (loaded instanceof Error) {
      changes.failed(name, loaded.message.replaceAll(/\s*\n\s*/g, ' '));
    } else {
      this.#show(loaded);
      changes.replaced(name);
    }
    this.#follow(!(loaded instanceof Error), startedMs);
  }

  #load(): Promise<LoadedMachine> {
    const { load = loadMachine, flags } = this.#parts;
    const known = [this.#shown.operand.path, ...(flags.events === null ? [] : [flags.events.path])];
    return load(this.#shown, flags, {
      signal: this.#ending.signal,
      onSources: (paths) => {
        this.#sources = [...new Set([...known, ...paths])];
      },
    });
  }

  #show(loaded: LoadedMachine): void {
    const { charts, made } = this.#parts.stock;
    if (this.#now !== null) {
      made.delete(`/${this.#now.pathsAddress}`);
      void this.#now.paths.close();
    }
    this.#now = loaded;
    charts.put(loaded.data);
    made.set(`/${loaded.pathsAddress}`, loaded.paths);
  }

  /** If it did not load, the reason may be a file that is not among those that were loaded. */
  #follow(hasLoaded: boolean, startedMs: number): void {
    this.#watch.follow(this.#sources, !hasLoaded);
    // Written after it was read, and before it was watched.
    const isLate = this.#sources.some((path) => {
      const { mtimeMs = 0 } = statsOf(path) ?? {};
      return mtimeMs >= startedMs - coarseMs && mtimeMs <= Date.now();
    });
    if (isLate) void this.#loadAgain();
  }
}
