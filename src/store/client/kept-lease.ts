import { ClientError } from './client-error.ts';

interface KeptLeaseParts {
  readonly id: string;
  readonly ttlSeconds: number;
  /** When it was asked for, by `performance.now()`: its time in the store began no earlier. */
  readonly sentMs: number;
  readonly renew: (timeoutMs: number) => Promise<void>;
  readonly revoke: () => Promise<void>;
  readonly closing: AbortSignal;
}

/** `setTimeout` takes anything longer for 1 ms. */
export const maxTimerMs = 2 ** 31 - 1;

/** A lease that its client keeps alive: keys that are written with its id are there as long as it is. */
export class KeptLease {
  /** For `put`. A decimal number of up to 64 bits. */
  readonly id: string;
  /** As granted: how long it lives after the last renewal. */
  readonly ttlSeconds: number;
  readonly #parts: KeptLeaseParts;
  readonly #lost = new AbortController();
  readonly #end = (): void => {
    clearTimeout(this.#renewTimer);
    clearTimeout(this.#endTimer);
    this.#parts.closing.removeEventListener('abort', this.#end);
    this.#lost.abort();
  };
  #validUntilMs: number;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  #endTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: KeptLeaseParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.ttlSeconds = parts.ttlSeconds;
    this.#validUntilMs = parts.sentMs + parts.ttlSeconds * 1000;
    parts.closing.addEventListener('abort', this.#end, { once: true });
    this.#watchTime();
    if (parts.closing.aborted) this.#end();
    else if (!this.lost.aborted) this.#schedule();
  }

  /** Aborted once this client can no longer be sure that the lease lives: when it was revoked or has ended, when no node has renewed it in time, and when the client is closed. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Ends it, and deletes its keys; one that has ended already is fine. If this rejects (`ClientError`), it ends by itself after its time: it is not renewed any more. */
  async revoke(): Promise<void> {
    this.#end();
    await this.#parts.revoke();
  }

  /** Ends it in time, whatever becomes of a renewal. */
  #watchTime(): void {
    const leftMs = this.#validUntilMs - performance.now();
    if (leftMs <= 0) this.#end();
    else this.#endTimer = setTimeout(() => this.#watchTime(), Math.min(leftMs, maxTimerMs));
  }

  /** Three times within its life. */
  #schedule(): void {
    this.#renewTimer = setTimeout(() => void this.#renew(), Math.min(this.ttlSeconds * 333, maxTimerMs));
  }

  async #renew(): Promise<void> {
    const sentMs = performance.now();
    try {
      await this.#parts.renew(Math.max(1, this.#validUntilMs - sentMs));
      this.#validUntilMs = sentMs + this.ttlSeconds * 1000;
    } catch (error) {
      if (error instanceof ClientError && error.code === 'lease_not_found') this.#end();
    }
    if (!this.lost.aborted) this.#schedule();
  }
}
