import { snapshotContent } from '../../node/machine-node.ts';
import { toPayload, toPayloadText } from '../paths/path-message.ts';

/** Gives each distinct value of plain JSON a small integer, from 0, in order of arrival. */
export class Interned<Value> {
  readonly #ids = new Map<string, number>();
  readonly #values: Value[] = [];

  get size(): number {
    return this.#values.length;
  }

  /** The id of the value equal to `value`. */
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

  /** For a file. Payloads are empty in an explored cluster, but for those of configurations, and what a chunk holds follows from where it begins. */
  texts(): readonly string[] {
    return [...this.#ids.keys()];
  }
}

/**
 * Equal values give equal text: keys in alphabetical order, whatever order a rule wrote them in. Settings are the same
 * for all and never change.
 */
export const toText = (value: unknown): string =>
  JSON.stringify(value, (key, part) => {
    if (key === 'settings' || key === 'data') return undefined;
    if (key === 'payload') return part.length === 0 ? undefined : toPayloadText(part);
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** Parses what `texts` wrote, putting back what it left out where the type requires it. */
export const fromText = <Value>(text: string): Value =>
  JSON.parse(text, (key, part) => {
    if (key === 'entries' && Array.isArray(part))
      return part.map((entry) => ({ ...entry, payload: toPayload(entry.payload ?? '') }));
    if (part?.type !== 'InstallSnapshot') return part;
    return { ...part, data: snapshotContent(part.sizeBytes).subarray(part.offset, part.offset + 1) };
  }) as Value;
