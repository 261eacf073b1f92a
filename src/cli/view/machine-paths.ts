import type { MachineOperand } from '../machine/machine-operand.ts';
import { runInChild } from '../machine/run-in-child.ts';
import type { NamedModule } from '../model-test/model-module.ts';
import { type PageFile, pageFile } from './page-files.ts';
import type { MadeFile } from './serve-page.ts';

export interface MachinePathsRequest {
  readonly operand: MachineOperand;
  /** What events carry. */
  readonly events: NamedModule | null;
  /** What prints the same paths. */
  readonly command: string;
  readonly timeoutMs: number;
  readonly isVerbose: boolean;
}

/** The paths through a machine of other people, as a file of the page: made in a child process when first asked for, and kept. */
export class MachinePathsFile implements MadeFile {
  readonly #request: MachinePathsRequest;
  readonly #ending = new AbortController();
  #file: Promise<PageFile> | null = null;
  #progress: string | null = null;

  constructor(request: MachinePathsRequest) {
    this.#request = request;
  }

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

  async close(): Promise<void> {
    this.#ending.abort();
  }

  async #generate(): Promise<PageFile> {
    const { operand, events, command, timeoutMs, isVerbose } = this.#request;
    try {
      const text = await runInChild(
        operand,
        'pagePaths',
        { events, command },
        {
          timeoutMs,
          isVerbose,
          signal: this.#ending.signal,
          onProgress: (states) => {
            this.#progress = `${states} states`;
          },
        },
      );
      return pageFile('paths.json', Buffer.from(text));
    } finally {
      this.#progress = null;
    }
  }
}
