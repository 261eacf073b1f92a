/** There are fewer bytes than are read, or other ones than may be. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes';
}

/** A choice, or a flag, that a later version has added. */
export class UnknownChoice extends Error {
  override readonly name = 'UnknownChoice';
}

/** Bytes that are read one part after the other. Integers are big-endian. Throws `MalformedBytes`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u48(): number {
    const at = this.#take(6);
    return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2);
  }

  u56(): number {
    const at = this.#take(7);
    const high = this.#view.getUint8(at) * 2 ** 16 + this.#view.getUint16(at + 1);
    const value = high * 2 ** 32 + this.#view.getUint32(at + 3);
    if (!Number.isSafeInteger(value)) throw new MalformedBytes(`a number is too large: ${value}`);
    return value;
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  key(): string {
    return this.text(this.u16());
  }

  text(length: number): string {
    const at = this.#take(length);
    return String.fromCharCode.apply(null, this.#bytes.subarray(at, at + length) as unknown as number[]);
  }

  value(): Uint8Array {
    return this.own(this.u32());
  }

  /** A copy of its own: a view would keep all that is around it. */
  own(length: number): Uint8Array {
    const at = this.#take(length);
    const own = new Uint8Array(length);
    own.set(this.#bytes.subarray(at, at + length));
    return own;
  }

  /** One of these, by its place. Throws `UnknownChoice`. */
  oneOf<Each>(all: readonly Each[]): Each {
    const place = this.u8();
    if (place >= all.length) throw new UnknownChoice(`choice ${place}`);
    return all[place]!;
  }

  /** The first so many flags of three; the first is the lowest bit. Throws `UnknownChoice` for a further one. */
  flags(count: 1 | 2 | 3): readonly [boolean, boolean, boolean] {
    const byte = this.u8();
    if (byte >>> count !== 0) throw new UnknownChoice(`flags ${byte}`);
    return [(byte & 1) !== 0, (byte & 2) !== 0, (byte & 4) !== 0];
  }

  /** As many as are said to follow. */
  list<Each>(read: () => Each): readonly Each[] {
    const count = this.u32();
    const all: Each[] = [];
    while (all.length < count) all.push(read());
    return all;
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new MalformedBytes('the bytes end too early');
    this.#at += length;
    return at;
  }
}
