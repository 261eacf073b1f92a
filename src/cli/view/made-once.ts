import type { PageFile } from './page-files.ts';
import type { MadeFile } from './serve-page.ts';

/** Makes a file until `signal` aborts, and tells meanwhile, in a line, how far it is. */
export type Make = (tell: (progress: string) => void, signal: AbortSignal) => Promise<PageFile>;

/** A file of the page that is made when it is first asked for, and kept. */
export class MadeOnce implements MadeFile {
  readonly #make: Make;
  readonly #ending = new AbortController();
  #file: Promise<PageFile> | null = null;
  #progress: string | null = null;

  constructor(make: Make) {
    this.#make = make;
  }

  file(): Promise<PageFile> {
    this.#file ??= this.#makeNow().catch((error: Error) => {
      this.#file = null;
      throw error;
    });
    return this.#file;
  }

  progress(): string | null {
    return this.#progress;
  }

  async close(): Promise<void> {
    this.#ending.abort();
  }

  async #makeNow(): Promise<PageFile> {
    const tell = (progress: string): void => {
      this.#progress = progress;
    };
    try {
      return await this.#make(tell, this.#ending.signal);
    } finally {
      this.#progress = null;
    }
  }
}
