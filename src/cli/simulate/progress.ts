/** Shows the progress of a batch on stderr: a bar on a terminal, else a line at each tenth. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  readonly #started = performance.now();
  #done = 0;
  #failed = 0;

  constructor(stream: NodeJS.WriteStream, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  add(isFailed: boolean): void {
    const tenthBefore = Math.floor((this.#done * 10) / this.#total);
    this.#done++;
    if (isFailed) this.#failed++;
    if (this.#total === 1) return;
    if (this.#stream.isTTY) this.#stream.write(`\r${this.#bar()} ${this.#text()}\u001b[K`);
    else if (Math.floor((this.#done * 10) / this.#total) > tenthBefore)
      this.#stream.write(`${this.#text()}\n`);
  }

  /** Leaves the line to what follows. */
  end(): void {
    if (this.#stream.isTTY && this.#total > 1) this.#stream.write('\r\u001b[K');
  }

  #bar(): string {
    const width = 30;
    const filled = Math.floor((this.#done * width) / this.#total);
    return `[${'='.repeat(filled)}${' '.repeat(width - filled)}]`;
  }

  #text(): string {
    const seconds = (performance.now() - this.#started) / 1000;
    const leftSeconds = (seconds / this.#done) * (this.#total - this.#done);
    return `${this.#done} of ${this.#total} seeds, ${this.#failed} failed, ${Math.ceil(leftSeconds)} s left`;
  }
}
