/** The transition that was taken, in the chart's own words. */
export interface Why {
  readonly description: string;
  readonly rule: string;
}

const widthColumns = 100;
const timeColumns = 11;
const whoColumns = 9;

/** Writes what happens as lines: when, who, what; and below, the first time in a story, why. */
export class Transcript {
  readonly #print: (line: string) => void;
  readonly #nowMs: (() => number) | null;
  readonly #indent: string;
  readonly #explained = new Set<string>();
  #copy: string[] | null = null;
  #isHushed = false;
  /** Whether the line before is blank: the title is followed by one. */
  #isBlank = true;

  /** `nowMs` null: time means nothing, and is not told. */
  constructor(nowMs: (() => number) | null, print: (line: string) => void) {
    this.#nowMs = nowMs;
    this.#print = print;
    this.#indent = ' '.repeat((nowMs === null ? 0 : timeColumns) + whoColumns);
  }

  /** One thing that happened now. */
  tell(who: string, what: string, why: Why | null = null): void {
    if (this.#isHushed) return;
    const indent = this.#indent;
    const time = this.#nowMs === null ? '' : `${this.#nowMs().toFixed(0).padStart(6)} ms  `;
    const [first, ...others] = wrapped(what, widthColumns - indent.length);
    this.#line(`${time}${who.padEnd(whoColumns)}${first}`);
    for (const line of others) this.#line(`${indent}${line}`);
    if (why === null || this.#explained.has(why.description)) return;
    this.#explained.add(why.description);
    for (const line of wrapped(`${why.description} [${why.rule}]`, widthColumns - indent.length - 2)) {
      this.#line(`${indent}| ${line}`);
    }
  }

  /** The storyteller's own words, between two blank lines. */
  say(text: string): void {
    if (this.#isHushed) return;
    if (!this.#isBlank) this.#line('');
    for (const line of wrapped(text, widthColumns)) this.#line(line);
    this.#line('');
  }

  /** A line of a table. */
  row(line: string): void {
    if (!this.#isHushed) this.#line(`${this.#nowMs === null ? '' : ' '.repeat(timeColumns)}${line}`);
  }

  /** Nothing is told until `speak`. */
  hush(): void {
    this.#isHushed = true;
  }

  speak(): void {
    this.#isHushed = false;
  }

  /** Every line from now on goes there as well; null: nowhere. */
  copyTo(lines: string[] | null): void {
    this.#copy = lines;
  }

  #line(line: string): void {
    this.#copy?.push(line);
    this.#isBlank = line === '';
    this.#print(line);
  }
}

/** Breaks `text` between words into lines of at most `columns`, where words allow. */
export const wrapped = (text: string, columns: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};
