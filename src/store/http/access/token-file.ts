import { readPrivateFile } from '../../../adapters/system/private-file.ts';
import { WatchedFiles } from '../../../adapters/system/watched-files.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import { Tokens, TokensUnusable } from './tokens.ts';

/**
 * The tokens in a file, read again when it changes and when `reload` is called. An invalid line is reported and skipped, so that deleting
 * another line still revokes its token. If the file cannot be read, what was read before stays in force.
 */
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

  /** The tokens in force. */
  get tokens(): Tokens {
    return this.#tokens;
  }

  /** Calls `listener` whenever the file was reloaded. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Reads the file now. */
  reload(): void {
    this.#watched.note();
    let read: ReturnType<typeof Tokens.read>;
    try {
      read = Tokens.read(textIn(this.#path));
    } catch (error) {
      const { message } = error as Error;
      if (this.#isNews(message)) this.#log.error({ error: message }, 'tokens are not reloaded');
      return;
    }
    this.#tokens = read.tokens;
    const faults = read.faults.length === 0 ? null : `${this.#path}: ${read.faults.join('; ')}`;
    if (faults === null) {
      this.#said = null;
      this.#log.info({ file: this.#path }, 'tokens are reloaded');
    } else if (this.#isNews(faults)) {
      this.#log.error({ error: faults }, 'tokens are reloaded, except for invalid lines');
    }
    for (const listener of this.#listeners) listener();
  }

  /** Whether `fault` differs from the last one reported. */
  #isNews(fault: string): boolean {
    const isNews = fault !== this.#said;
    this.#said = fault;
    return isNews;
  }

  close(): void {
    this.#watched.close();
    this.#listeners.clear();
  }
}

/** Throws `TokensUnusable`. */
const tokensIn = (path: string): Tokens => {
  const text = textIn(path);
  try {
    return Tokens.parse(text);
  } catch (error) {
    throw new TokensUnusable(`${path}: ${(error as Error).message}`);
  }
};

const textIn = (path: string): string => {
  try {
    // Hashes need not be secret, but adding one grants access.
    return readPrivateFile(path, 'write');
  } catch (error) {
    throw new TokensUnusable((error as Error).message);
  }
};
