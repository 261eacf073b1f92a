/** Bytes that are written one part after the other. Integers are big-endian. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #used = 0;

  constructor(expectedBytes = 256) {
    this.#bytes = new Uint8Array(expectedBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#used;
  }

  /** What has been written; nothing may be written after that. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
    return this;
  }

  u48(value: number): this {
    const at = this.#room(6);
    this.#view.setUint16(at, Math.floor(value / 2 ** 32));
    this.#view.setUint32(at + 2, value % 2 ** 32);
    return this;
  }

  /** Up to 2^53 − 1, in seven bytes. */
  u56(value: number): this {
    const at = this.#room(7);
    const high = Math.floor(value / 2 ** 32);
    this.#view.setUint8(at, high >>> 16);
    this.#view.setUint16(at + 1, high & 0xffff);
    this.#view.setUint32(at + 3, value % 2 ** 32);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, value);
    return this;
  }

  /** Behind its length, in two bytes. One character each; see `decodeCommand`. */
  key(key: string): this {
    return this.u16(key.length).text(key);
  }

  /** A byte for each character. */
  text(text: string): this {
    const at = this.#room(text.length);
    for (let each = 0; each < text.length; each++) this.#bytes[at + each] = text.charCodeAt(each);
    return this;
  }

  /** Behind their length, in four bytes. */
  value(value: Uint8Array): this {
    return this.u32(value.length).rest(value);
  }

  rest(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Where it begins. Ask for it first: it may put other bytes in the place of these. */
  #room(needed: number): number {
    const at = this.#used;
    this.#used += needed;
    if (this.#used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#used, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
