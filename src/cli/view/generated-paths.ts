import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { GenerateOptions } from '../../verify/paths/generate-paths.ts';
import { type PageFile, pageFile } from './page-files.ts';
import type { PathsMessage } from './paths-worker.ts';
import type { MadeFile } from './serve-page.ts';

/** Where the page finds the tests generated from the role chart. */
export const pathsAddress = 'paths/raft.json';

/** The tests generated from the role chart, as a file of the page: made on a thread of their own when first requested, and kept. */
export class GeneratedPaths implements MadeFile {
  readonly #options: Omit<GenerateOptions, 'machine'>;
  #worker: Worker | null = null;
  #file: Promise<PageFile> | null = null;
  #progress: string | null = null;

  constructor(options: Omit<GenerateOptions, 'machine'> = { cover: 'transitions' }) {
    this.#options = options;
  }

  /** Rejects also if `close` came first. */
  file(): Promise<PageFile> {
    this.#file ??= this.#generate().catch((error: Error) => {
      this.#file = null;
      throw error;
    });
    return this.#file;
  }

  progress(): string | null {
    return this.#progress;
  }

  /** Ends the thread if it is still running. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #generate(): Promise<PageFile> {
    // This file is .ts in a clone and .js where it is installed.
    const source = new URL(`./paths-worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(source, { workerData: this.#options });
    this.#worker = worker;
    const text = await new Promise<string>((resolve, reject) => {
      worker.on('message', (message: PathsMessage) => {
        if ('text' in message) resolve(message.text);
        else this.#progress = `${message.done} of ${message.all} searches`;
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread that generates the tests ended')));
    });
    this.#progress = null;
    return pageFile(pathsAddress, Buffer.from(text));
  }
}
