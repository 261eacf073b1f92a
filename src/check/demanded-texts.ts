import type { Value } from './operation.ts';

/** Texts that steps demand, and until when. They are kept in order, so that those with a common start are neighbours. */
export class DemandedTexts {
  readonly #texts: readonly string[];
  /** Row r has at i the latest of the 2^r uses from i on: two of them overlap to any range. */
  readonly #latest: (readonly number[])[];
  readonly #ofPrefix = new Map<string, number>();
  readonly #ofPart = new Map<string, number>();

  constructor(demands: ReadonlyMap<Value, number>) {
    const byText = new Map<string, number>();
    for (const [value, lastUse] of demands) {
      const text = value === null ? '' : String(value);
      byText.set(text, Math.max(byText.get(text) ?? 0, lastUse));
    }
    this.#texts = [...byText.keys()].sort(byCodeUnits);
    let row = this.#texts.map((text) => byText.get(text)!);
    this.#latest = [row];
    for (let width = 1; 2 * width <= this.#texts.length; width *= 2) {
      const before = row;
      row = before.slice(width).map((lastUse, index) => Math.max(lastUse, before[index]!));
      this.#latest.push(row);
    }
  }

  /** The latest use of a text that starts with `prefix`; 0 if there is none. */
  lastUseOfPrefix(prefix: string): number {
    return known(this.#ofPrefix, prefix, () => {
      const start = this.#firstWhere(0, (text) => text >= prefix);
      const end = this.#firstWhere(start, (text) => !text.startsWith(prefix));
      if (start === end) return 0;
      const rank = 31 - Math.clz32(end - start);
      const row = this.#latest[rank]!;
      return Math.max(row[start]!, row[end - (1 << rank)]!);
    });
  }

  /** The latest use of a text that has `part` in it; 0 if there is none. */
  lastUseOfPart(part: string): number {
    return known(this.#ofPart, part, () =>
      this.#texts.reduce(
        (last, text, index) =>
          this.#latest[0]![index]! > last && text.includes(part) ? this.#latest[0]![index]! : last,
        0,
      ),
    );
  }

  /** `isBeyond` must be false up to some text, and true from there on. */
  #firstWhere(start: number, isBeyond: (text: string) => boolean): number {
    let low = start;
    let high = this.#texts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBeyond(this.#texts[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const known = (cache: Map<string, number>, text: string, find: () => number): number => {
  const before = cache.get(text);
  if (before !== undefined) return before;
  const found = find();
  cache.set(text, found);
  return found;
};

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
