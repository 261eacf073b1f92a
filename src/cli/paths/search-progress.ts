export type OnSearch = (done: number, all: number) => void;

/** What `search` returns. Meanwhile stderr says how far it has come. */
export const showingSearch = <Result>(search: (onSearch: OnSearch) => Result): Result => {
  const progress = new SearchProgress(process.stderr);
  try {
    return search((done, all) => progress.show(done, all));
  } finally {
    progress.end();
  }
};

/** Shows that paths are being generated: one line, rewritten, on a terminal, else a line at the start. */
class SearchProgress {
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
