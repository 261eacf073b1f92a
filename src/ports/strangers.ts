interface Stranger {
  readonly host: string;
  readonly turnAway: () => void;
}

/**
 * Connections whose other sides have not said, or not proved, who they are. If there are too many, the oldest one of the host with most of them is closed. So a host that opens hundreds
 * displaces only its own, and a peer, which introduces itself at once, finds room.
 */
export class Strangers {
  readonly #most: number;
  /** The oldest first. */
  readonly #waiting = new Set<Stranger>();

  /** `most`: how many there may be at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** A connection from `host` begins; `turnAway` is called if it is displaced. Returns a function, idempotent, to call once it is no stranger any more, or closed. */
  enter(host: string, turnAway: () => void): () => void {
    const stranger = { host, turnAway };
    this.#waiting.add(stranger);
    if (this.#waiting.size > this.#most) this.#turnOneAway();
    return () => void this.#waiting.delete(stranger);
  }

  /** Turns all of them away. */
  clear(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const { turnAway } of all) turnAway();
  }

  #turnOneAway(): void {
    const counts = new Map<string, number>();
    for (const { host } of this.#waiting) counts.set(host, (counts.get(host) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const oldest = [...this.#waiting].find(({ host }) => counts.get(host) === most)!;
    this.#waiting.delete(oldest);
    oldest.turnAway();
  }
}
