/** How many bits each kind of integer in a state takes. */
export interface Widths {
  readonly node: number;
  readonly history: number;
  readonly budget: number;
  readonly message: number;
}

/**
 * A cluster's state as integers, in this order: one for each node, the history, the budget left, and the messages
 * under way, ascending, 0 where there is room.
 */
export type StateFields = Int32Array;

/** Packs a state's integers into 32-bit words, without gaps. */
export class Packing {
  readonly widths: Widths;
  readonly words: number;
  readonly #bits: Uint8Array;

  constructor(nodes: number, messages: number, widths: Widths) {
    this.widths = widths;
    this.#bits = Uint8Array.from([
      ...new Array<number>(nodes).fill(widths.node),
      widths.history,
      widths.budget,
      ...new Array<number>(messages).fill(widths.message),
    ]);
    this.words = Math.ceil(this.#bits.reduce((sum, bits) => sum + bits, 0) / 32);
  }

  pack(fields: StateFields, words: Uint32Array): void {
    const bits = this.#bits;
    let word = 0;
    let filled = 0;
    let at = 0;
    for (let field = 0; field < bits.length; field++) {
      const value = fields[field]!;
      const width = bits[field]!;
      word |= value << filled;
      filled += width;
      if (filled < 32) continue;
      words[at++] = word;
      filled -= 32;
      word = filled === 0 ? 0 : value >>> (width - filled);
    }
    if (filled > 0) words[at] = word;
  }

  unpack(words: Uint32Array, fields: StateFields): void {
    const bits = this.#bits;
    let at = 0;
    let used = 0;
    for (let field = 0; field < bits.length; field++) {
      const width = bits[field]!;
      let value = words[at]! >>> used;
      used += width;
      if (used >= 32) {
        at++;
        used -= 32;
        if (used > 0) value |= words[at]! << (width - used);
      }
      fields[field] = value & ((1 << width) - 1);
    }
  }
}
