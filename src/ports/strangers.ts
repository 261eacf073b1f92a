interface Stranger {
  readonly host: string;
  readonly turnAway: () => void;
}

/**
 * Connections whose other sides have not said, or not proved, who they are. When there are too many, the oldest from the host that has most of them has to go: whoever opens them by the hundred turns away its own, and
 * a peer, which says hello at once, finds room.
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

  /** One comes from `host`; `turnAway` is called if it has to go. Returns what ends its stay, idempotent. */
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
