import { readPrivateFile } from '../../../adapters/system/private-file.ts';
import { WatchedFiles } from '../../../adapters/system/watched-files.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import { Tokens, TokensUnusable } from './tokens.ts';

/** The tokens in a file, read anew when it changes and when `reload` is called. A file that is no use any more is reported, and what was read before stays. */
export class TokenFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #watched: WatchedFiles;
  readonly #listeners = new Set<() => void>();
  #tokens: Tokens;
  #said: string | null = null;

  /** Throws `TokensUnusable`, which names the file. */
  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#watched = new WatchedFiles([path], clock);
    this.#tokens = tokensIn(path);
    this.#watched.follow((hasChanged) => {
      if (hasChanged) this.reload();
    });
  }

  /** Those in force. */
  get tokens(): Tokens {
    return this.#tokens;
  }

  /** Calls `listener` whenever others are in force. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Reads the file now. */
  reload(): void {
    this.#watched.note();
    try {
      this.#tokens = tokensIn(this.#path);
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#said) this.#log.error({ error: message }, 'tokens are not reloaded');
      this.#said = message;
      return;
    }
    this.#said = null;
    this.#log.info({ file: this.#path }, 'tokens are reloaded');
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#watched.close();
    this.#listeners.clear();
  }
}

const tokensIn = (path: string): Tokens => {
  let text: string;
  try {
    // Hashes may be seen, but whoever adds one may do anything.
    text = readPrivateFile(path, 'write');
  } catch (error) {
    throw new TokensUnusable((error as Error).message);
  }
  try {
    return Tokens.parse(text);
  } catch (error) {
    throw new TokensUnusable(`${path}: ${(error as Error).message}`);
  }
};
