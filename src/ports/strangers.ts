interface Stranger {
  readonly host: string;
  readonly turnAway: () => void;
}

/**
 * Connections whose other side has not yet said, or proved, who it is. When there are too many, the oldest from the host that has the most
 * is closed: a host that opens hundreds crowds out only itself, and a peer, which says Hello at once, finds room.
 */
export class Strangers {
  readonly #most: number;
  /** Oldest first. */
  readonly #waiting = new Set<Stranger>();

  /** `most`: how many there may be at once. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Adds one from `host`; `turnAway` is called if it must make room. Returns an idempotent function that removes it. */
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
