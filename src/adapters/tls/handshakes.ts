import type { Socket } from 'node:net';
import { Strangers } from '../../ports/strangers.ts';

/**
 * The connections to one port that have not finished their TLS handshake. When there are too many, one is closed, from the host that has
 * the most: so a host that opens many and finishes none crowds out only itself.
 */
export class Handshakes {
  readonly #strangers: Strangers;
  /** By the addresses of both ends, since the TLS socket is a different object from the TCP socket. */
  readonly #ends = new Map<string, () => void>();

  constructor(most: number) {
    this.#strangers = new Strangers(most);
  }

  get size(): number {
    return this.#strangers.size;
  }

  /** `raw` is connected. */
  begin(raw: Socket): void {
    const ends = endsOf(raw);
    const leave = this.#strangers.enter(raw.remoteAddress ?? 'unknown', () => raw.destroy());
    this.#ends.set(ends, leave);
    raw.once('close', () => {
      leave();
      if (this.#ends.get(ends) === leave) this.#ends.delete(ends);
    });
  }

  /** The handshake of `socket`, TCP or TLS, is over. */
  end(socket: Socket): void {
    const ends = endsOf(socket);
    this.#ends.get(ends)?.();
    this.#ends.delete(ends);
  }

  /** Closes all of them. */
  close(): void {
    this.#strangers.clear();
  }
}

const endsOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
