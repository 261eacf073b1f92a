import { ClientError } from './client-error.ts';

interface KeptLeaseParts {
  readonly id: string;
  readonly ttlSeconds: number;
  /** When it was asked for: the store's time for it began no earlier. */
  readonly sentMs: number;
  readonly renew: (timeoutMs: number) => Promise<void>;
  readonly revoke: () => Promise<void>;
  readonly closing: AbortSignal;
}

/** A lease that its client keeps alive: keys that are written with its id are there as long as it is. */
export class KeptLease {
  /** For `put`. A decimal number of up to 64 bits. */
  readonly id: string;
  readonly ttlSeconds: number;
  readonly #parts: KeptLeaseParts;
  readonly #lost = new AbortController();
  #validUntilMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: KeptLeaseParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.ttlSeconds = parts.ttlSeconds;
    this.#validUntilMs = parts.sentMs + parts.ttlSeconds * 1000;
    parts.closing.addEventListener('abort', () => this.#end(), { once: true });
    if (parts.closing.aborted) this.#end();
    else this.#schedule();
  }

  /** Aborted once this client can no longer be sure that the lease lives: when it was revoked or has ended, and when no node has renewed it for its time. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Ends it, and deletes its keys. */
  async revoke(): Promise<void> {
    this.#end();
    await this.#parts.revoke();
  }

  #schedule(): void {
    // Three times within its life, and for the last time when it may be over.
    const leftMs = this.#validUntilMs - performance.now();
    this.#timer = setTimeout(() => void this.#renew(), Math.max(0, Math.min(this.ttlSeconds * 333, leftMs)));
  }

  async #renew(): Promise<void> {
    const sentMs = performance.now();
    const leftMs = this.#validUntilMs - sentMs;
    if (leftMs <= 0) return this.#end();
    try {
      await this.#parts.renew(leftMs);
      this.#validUntilMs = sentMs + this.ttlSeconds * 1000;
    } catch (error) {
      if (error instanceof ClientError && error.code === 'lease_not_found') return this.#end();
    }
    if (!this.#lost.signal.aborted) this.#schedule();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#lost.abort();
  }
}
