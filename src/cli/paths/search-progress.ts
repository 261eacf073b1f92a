/** Shows that paths are being generated: one line, rewritten, on a terminal, else a line at the start. */
export class SearchProgress {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(done: number, all: number): void {
    if (this.#stream.isTTY)
      this.#stream.write(`\rgenerating paths from the chart: ${done} of ${all} searches\u001b[K`);
    else if (done === 0)
      this.#stream.write(`generating paths from the chart: ${all} searches, some seconds\n`);
  }

  /** Leaves the line to what follows. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[K');
  }
}
