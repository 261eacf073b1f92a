/** Writes all of `text` and then calls `done`, later; with an error if it could not. One call at a time. */
export type Sink = (text: string, done: (error: Error | null) => void) => void;

export interface PatientOutputParts {
  readonly sink: Sink;
  /** How much waits for a sink that is slow, in characters; then lines are lost, but never the program's time. */
  readonly maxWaiting: number;
  /** The first of some lines is lost. */
  readonly lost: (reason: string) => void;
  /** The sink takes everything again, after so many lines were lost. */
  readonly goesOn: (lines: number) => void;
}

/** An output that never makes anybody wait: what a full disk or a reader that is slow or gone does not take is lost, and counted. */
export class PatientOutput {
  readonly #parts: PatientOutputParts;
  #waiting: string[] = [];
  #length = 0;
  #isWriting = false;
  #lost = 0;

  constructor(parts: PatientOutputParts) {
    this.#parts = parts;
  }

  /** All of these lines are written, or none. */
  write(...lines: readonly string[]): void {
    const length = lines.reduce((sum, line) => sum + line.length, 0);
    if (this.#length > 0 && this.#length + length > this.#parts.maxWaiting) {
      this.#lose(lines.length, 'it is not taken as fast as it is written');
      return;
    }
    this.#waiting.push(...lines);
    this.#length += length;
    this.#writeOn();
  }

  /** What waits, and is waiting no longer. */
  take(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#length = 0;
    return text;
  }

  /** Whether everything is written or lost. */
  get isIdle(): boolean {
    return !this.#isWriting;
  }

  #writeOn(): void {
    if (this.#isWriting || this.#waiting.length === 0) return;
    const lines = this.#waiting.length;
    this.#isWriting = true;
    this.#parts.sink(this.take(), (error) => {
      this.#isWriting = false;
      if (error !== null) this.#lose(lines, error.message);
      else if (this.#lost > 0 && this.#waiting.length === 0) {
        const lost = this.#lost;
        this.#lost = 0;
        this.#parts.goesOn(lost);
      }
      this.#writeOn();
    });
  }

  #lose(lines: number, reason: string): void {
    const isFirst = this.#lost === 0;
    this.#lost += lines;
    if (isFirst) this.#parts.lost(reason);
  }
}
