import { PassingMap } from '../../ports/passing-map.ts';
import { PassingSet } from '../../ports/passing-set.ts';
export interface UploadLimits {
  readonly maxUploadBytes: number;
  readonly uploadWaitMs: number;
  readonly minUploadBytesPerMs: number;
}

/** A large body that asks for room. `admitted` is called at once or later; one of the others, later, at most. */
export interface Upload {
  readonly bytes: number;
  admitted(): void;
  /** There was no room in time. */
  refused(): void;
  /** It did not arrive in time, and others wait for its room. */
  tooSlow(): void;
}

/** About how many refused bodies are dropped every `uploadWaitMs`. */
const droppedAtOnce = 50;

/**
 * Room for large bodies, from their arrival until their requests are answered: what a node has taken in and not dealt with yet keeps its peers
 * waiting, too. What finds no room waits in line, unread.
 */
export class UploadRoom {
  readonly #limits: UploadLimits;
  readonly #sweeper: NodeJS.Timeout;
  #takenBytes = 0;
  /** Until when each may wait. In order of arrival, which is the order of deadlines. */
  readonly #waiting = new PassingMap<Upload, number>();
  readonly #admitted = new PassingSet<Upload>();
  /** Until when each of those that are admitted and still arrive should have arrived. */
  readonly #arriving = new PassingMap<Upload, number>();
  /** Those that are refused and still to be read. */
  #refused = 0;

  constructor(limits: UploadLimits) {
    this.#limits = limits;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(100, Math.ceil(limits.uploadWaitMs / 4)));
    this.#sweeper.unref();
  }

  /** Some wait already. */
  get isFull(): boolean {
    return this.#waiting.size > 0;
  }

  ask(upload: Upload): void {
    this.#waiting.set(upload, performance.now() + this.#limits.uploadWaitMs);
    this.#admit();
  }

  /** It has been received to its last byte. */
  received(upload: Upload): void {
    this.#arriving.delete(upload);
  }

  /** Its request is answered, or its client has left. Idempotent. */
  leave(upload: Upload): void {
    this.#waiting.delete(upload);
    this.#arriving.delete(upload);
    if (this.#admitted.delete(upload)) this.#takenBytes -= upload.bytes;
    this.#admit();
  }

  /**
   * Calls `read` when a refused body may be read, and dropped. The more there are the later: all of them together take only so much of the node's time.
   */
  drop(read: () => void): void {
    this.#refused++;
    const waitMs = this.#limits.uploadWaitMs * (1 + this.#refused / droppedAtOnce);
    setTimeout(() => {
      this.#refused--;
      read();
    }, waitMs).unref();
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#sweeper);
  }

  #admit(): void {
    const { maxUploadBytes, uploadWaitMs, minUploadBytesPerMs } = this.#limits;
    for (const upload of this.#waiting.keys()) {
      if (this.#takenBytes > 0 && this.#takenBytes + upload.bytes > maxUploadBytes) return;
      this.#waiting.delete(upload);
      this.#admitted.add(upload);
      this.#takenBytes += upload.bytes;
      this.#arriving.set(upload, performance.now() + uploadWaitMs / 2 + upload.bytes / minUploadBytesPerMs);
      upload.admitted();
    }
  }

  #sweep(): void {
    const now = performance.now();
    if (this.#waiting.size > 0) {
      for (const [upload, deadlineMs] of this.#arriving) if (deadlineMs <= now) upload.tooSlow();
    }
    for (const [upload, deadlineMs] of this.#waiting) {
      if (deadlineMs > now) return;
      upload.refused();
    }
  }
}
