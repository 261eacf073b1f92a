/** Shows the progress of an exploration on stderr: one line, rewritten, on a terminal, else a line every few seconds. */
export class ExploreProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #everyMs: number;
  #shownMs = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#everyMs = stream.isTTY ? 200 : 5000;
  }

  /** `text` is asked for only when it is shown. */
  show(text: () => string): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < this.#everyMs) return;
    this.#shownMs = nowMs;
    this.#stream.write(this.#stream.isTTY ? `\r${text()}\u001b[K` : `${text()}\n`);
  }

  /** Leaves the line to what follows. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[K');
  }
}
