import type { Socket } from 'node:net';

/**
 * The connections to one port whose other sides have not finished their handshake of TLS. One too many costs the one that has taken longest: a handshake takes
 * milliseconds, and whoever opens many and finishes none waits for nothing but its own.
 */
export class Handshakes {
  readonly #most: number;
  /** By both ends, the oldest first: the socket of TLS is another object than that of TCP. */
  readonly #open = new Map<string, Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#open.size;
  }

  /** `raw` is connected. */
  begin(raw: Socket): void {
    if (this.#open.size >= this.#most) {
      const [[, oldest] = []] = this.#open;
      this.end(oldest!);
      oldest!.destroy();
    }
    const ends = endsOf(raw);
    this.#open.set(ends, raw);
    raw.once('close', () => {
      if (this.#open.get(ends) === raw) this.#open.delete(ends);
    });
  }

  /** It is over for `socket`, of TCP or of TLS. */
  end(socket: Socket): void {
    this.#open.delete(endsOf(socket));
  }

  /** Cuts all of them. */
  close(): void {
    for (const raw of this.#open.values()) raw.destroy();
    this.#open.clear();
  }
}

const endsOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
