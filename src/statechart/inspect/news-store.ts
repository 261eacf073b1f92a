import type { News } from './news.ts';

/** A piece of news, as it goes to the page. */
export interface StoredNews {
  readonly number: number;
  /** The `News` as JSON. */
  readonly text: string;
}

export interface StoreLimits {
  readonly news: number;
  /** Of the news as JSON; as many again for what is kept of older ones. */
  readonly characters: number;
}

/** `News` before it is numbered; omitting a field of a union loses what tells its members apart. */
export type Unnumbered = News extends infer Each ? (Each extends News ? Omit<Each, 'number'> : never) : never;

interface Stored extends StoredNews {
  readonly program: number;
  /** What it is the newest word about; null for what is only history. */
  readonly subject: string | null;
}

/** The newest news in order. Of older news the store keeps the last word about each subject. */
export class NewsStore {
  readonly #limits: StoreLimits;
  /** From `#first` on. */
  #recent: Stored[] = [];
  #first = 0;
  #characters = 0;
  readonly #newest = new Map<string, Stored>();
  /** No longer among the recent ones; in order, since they leave in order. */
  readonly #kept = new Map<string, Stored>();
  #keptCharacters = 0;
  #number = 0;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  /** The number of the newest; 0 for none. */
  get newest(): number {
    return this.#number;
  }

  /** Whether `after` has everything that came after this number. */
  isWholeAfter(number: number): boolean {
    return number + 1 >= (this.#recent[this.#first]?.number ?? 0);
  }

  add(news: Unnumbered, subject: string | null): void {
    this.#number += 1;
    const text = JSON.stringify({ number: this.#number, ...news });
    const stored: Stored = { number: this.#number, text, program: news.program, subject };
    if (subject !== null) {
      this.release(subject);
      this.#newest.set(subject, stored);
    }
    this.#recent.push(stored);
    this.#characters += text.length;
    while (this.#isTooMuch()) this.#evict();
  }

  /** The last word about `subject`, as JSON; null where there is none, or it is no longer kept. */
  lastWord(subject: string): string | null {
    return (this.#newest.get(subject) ?? this.#kept.get(subject))?.text ?? null;
  }

  /** The last word about `subject` need not be kept. */
  release(subject: string): void {
    this.#newest.delete(subject);
    const kept = this.#kept.get(subject);
    if (kept === undefined) return;
    this.#kept.delete(subject);
    this.#keptCharacters -= kept.text.length;
  }

  /** Nothing is left of a program. */
  forget(program: number): void {
    for (const { subject, program: each } of [...this.#newest.values(), ...this.#kept.values()])
      if (each === program) this.release(subject!);
    this.#recent = this.#recent.slice(this.#first).filter((each) => each.program !== program);
    this.#first = 0;
    this.#characters = this.#recent.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** What is there after this number, in order, at most `most`. */
  after(number: number, most = Number.POSITIVE_INFINITY): readonly StoredNews[] {
    const kept: Stored[] = [];
    const oldest = this.#recent[this.#first]?.number ?? Number.POSITIVE_INFINITY;
    if (number + 1 < oldest) {
      for (const each of this.#kept.values()) {
        if (kept.length === most) return kept;
        if (each.number > number) kept.push(each);
      }
    }
    const start = this.#placeAfter(number);
    return [...kept, ...this.#recent.slice(start, start + most - kept.length)];
  }

  #placeAfter(number: number): number {
    let [low, high] = [this.#first, this.#recent.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#recent[middle]!.number > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #isTooMuch(): boolean {
    const count = this.#recent.length - this.#first;
    return count > 1 && (count > this.#limits.news || this.#characters > this.#limits.characters);
  }

  #evict(): void {
    const oldest = this.#recent[this.#first]!;
    this.#first += 1;
    this.#characters -= oldest.text.length;
    if (this.#first > 1000 && this.#first * 2 > this.#recent.length) {
      this.#recent = this.#recent.slice(this.#first);
      this.#first = 0;
    }
    const { subject } = oldest;
    if (subject === null || this.#newest.get(subject) !== oldest) return;
    this.#newest.delete(subject);
    this.#kept.set(subject, oldest);
    this.#keptCharacters += oldest.text.length;
    for (const each of this.#kept.keys()) {
      if (this.#keptCharacters <= this.#limits.characters) break;
      this.release(each);
    }
  }
}
