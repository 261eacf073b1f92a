import type { Socket } from 'node:net';
import { Strangers } from '../../ports/strangers.ts';

/**
 * The connections to one port whose other sides have not finished their handshake of TLS. One too many costs one of the host that has most of them: a handshake
 * takes milliseconds, and whoever opens many and finishes none takes the place of nobody else.
 */
export class Handshakes {
  readonly #strangers: Strangers;
  /** By both ends: the socket of TLS is another object than that of TCP. */
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

  /** It is over for `socket`, of TCP or of TLS. */
  end(socket: Socket): void {
    const ends = endsOf(socket);
    this.#ends.get(ends)?.();
    this.#ends.delete(ends);
  }

  /** Cuts all of them. */
  close(): void {
    this.#strangers.clear();
  }
}

const endsOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
