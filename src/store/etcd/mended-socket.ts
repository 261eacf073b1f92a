import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { AuthorityMender } from './authority-mender.ts';

/** How long what was written before a connection was destroyed may take to be sent. */
const graceMs = 5000;

/** A client's connection as node:http2 sees it, with authorities that it takes. */
export class MendedSocket extends Duplex {
  readonly #raw: Socket;
  readonly #graceMs: number;

  constructor(raw: Socket, grace = graceMs) {
    super();
    this.#raw = raw;
    this.#graceMs = grace;
    const mender = new AuthorityMender();
    raw.on('data', (chunk: Buffer) => {
      let isWanted = true;
      for (const piece of mender.push(chunk)) isWanted = this.push(piece);
      if (!isWanted) raw.pause();
    });
    raw.on('end', () => this.push(null));
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
  }

  /** As that of a net.Socket. */
  get remoteAddress(): string | undefined {
    return this.#raw.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#raw.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#raw.localAddress;
  }

  get localPort(): number | undefined {
    return this.#raw.localPort;
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#raw.cork();
    for (const [at, { chunk }] of chunks.entries())
      this.#raw.write(chunk, at === chunks.length - 1 ? done : undefined);
    this.#raw.uncork();
  }

  override _final(done: () => void): void {
    this.#raw.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // What was written before is still sent, unless something went wrong, or the client does not read it.
    if (error === null && !this.#raw.destroyed) {
      const timer = setTimeout(() => this.#raw.destroy(), this.#graceMs);
      this.#raw.once('close', () => clearTimeout(timer));
      this.#raw.destroySoon();
    } else this.#raw.destroy();
    done(error);
  }
}
