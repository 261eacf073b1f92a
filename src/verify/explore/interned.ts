import { emptyPayload } from '../../raft/types.ts';

/** Gives each distinct value of plain JSON a small integer, from 0 on, in the order in which they come. */
export class Interned<Value> {
  readonly #ids = new Map<string, number>();
  readonly #values: Value[] = [];

  get size(): number {
    return this.#values.length;
  }

  /** The id of what equals `value`. */
  idOf(value: Value): number {
    const key = toText(value);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#ids.set(key, id);
    this.#values.push(value);
    return id;
  }

  get(id: number): Value {
    return this.#values[id]!;
  }

  /** For a file. Payloads are always empty in an explored cluster. */
  texts(): readonly string[] {
    return [...this.#ids.keys()];
  }
}

/**
 * Equal values, equal text: parts in alphabetical order, whatever order a rule has written them in. Settings are the same
 * for all and never change.
 */
export const toText = (value: unknown): string =>
  JSON.stringify(value, (key, part) => {
    if (key === 'settings' || key === 'payload') return undefined;
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** What `texts` wrote down, with what it left out put back where the type asks for it. */
export const fromText = <Value>(text: string): Value =>
  JSON.parse(text, (key, part) =>
    key === 'entries' && Array.isArray(part)
      ? part.map((entry) => ({ ...entry, payload: emptyPayload }))
      : part,
  ) as Value;
