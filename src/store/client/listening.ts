/** A node that says nothing for so long, not even that it lives, is taken for gone. */
export const silenceMs = 30_000;

/** Listens to one node for as long as it says something. Its silence counts only while somebody waits for it. */
export class Listening {
  readonly #aborter = new AbortController();
  readonly #until: AbortSignal;
  readonly #abort = (): void => this.#aborter.abort();

  constructor(until: AbortSignal) {
    this.#until = until;
    until.addEventListener('abort', this.#abort, { once: true });
    if (until.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** As `answer`, but rejects once the node has been silent for too long, or nobody listens any more. */
  to<T>(answer: Promise<T>, patienceMs = silenceMs): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#aborter;
      const stop = (): void => reject(signal.reason);
      const timer = setTimeout(this.#abort, patienceMs);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      answer.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      });
    });
  }

  async *piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await this.to(reader.read());
      if (done) return;
      yield value;
    }
  }

  close(): void {
    this.#until.removeEventListener('abort', this.#abort);
    this.#abort();
  }
}
