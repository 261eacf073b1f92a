/** The most connections without a Hello at any one time. */
const mostStrangers = 32;

interface Stranger {
  readonly host: string;
  readonly turnAway: () => void;
}

/**
 * Connections that have not said who they are. When there are too many, the oldest from the host that has most of them has to go: whoever opens them by the hundred turns away its own, and
 * a peer, which says hello at once, finds room.
 */
export class Strangers {
  readonly #most: number;
  /** The oldest first. */
  readonly #waiting = new Set<Stranger>();

  /** `maxIncoming`: how many connections there can be at all; half of them are for those that are known. */
  constructor(maxIncoming = Number.POSITIVE_INFINITY) {
    this.#most = Math.max(1, Math.min(mostStrangers, Math.floor(maxIncoming / 2)));
  }

  /** One comes from `remote`; `turnAway` is called if it has to go. Returns what ends its stay, idempotent. */
  enter(remote: string, turnAway: () => void): () => void {
    const stranger = { host: hostOf(remote), turnAway };
    this.#waiting.add(stranger);
    if (this.#waiting.size > this.#most) this.#turnOneAway();
    return () => void this.#waiting.delete(stranger);
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

/** Without the port, which differs from connection to connection. */
const hostOf = (remote: string): string => remote.replace(/:\d+$/, '');
