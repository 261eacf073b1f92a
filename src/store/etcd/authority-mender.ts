import { Buffer } from 'node:buffer';

/** "PRI * HTTP/2.0…": what a client begins with. RFC 9113 §3.4. */
const prefaceBytes = 24;
const frameHeadBytes = 9;
const HEADERS = 1;
const CONTINUATION = 9;
/** No frame is longer: nobody here asks for longer ones. RFC 9113 §4.2. */
const maxFrameBytes = 16_384;

/** `:authority`, from the static table, with a value in Huffman code that is added to the dynamic one. RFC 7541 §6.2.1. */
const authority = 0x41;
/**
 * `http://` and `https://` in Huffman code, and `http:rr` and `https:rr`: a letter as long as the slash is one that an authority may have. The last byte of the second has two bits of what follows.
 */
const mends = [
  { from: [0x9d, 0x29, 0xae, 0xe3, 0x0c], to: [0x9d, 0x29, 0xae, 0xe5, 0x96], rest: null },
  {
    from: [0x9d, 0x29, 0xad, 0x17, 0x18],
    to: [0x9d, 0x29, 0xad, 0x17, 0x2c],
    rest: { from: 0x60, to: 0xb0 },
  },
] as const;

/**
 * Older clients of etcd (such as etcdctl 3.4 for `endpoint status`) name a URL as the authority of a call, which HTTP/2 forbids: node:http2 refuses the call. Nothing here reads the authority, so the
 * slashes are replaced by letters of the same length, before node:http2 sees them. What is not in a header is left as it is.
 */
export class AuthorityMender {
  #skipped = 0;
  /** What has come of a head, or of a frame with headers. */
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of a frame that are passed on as they are. */
  #left = 0;

  /** What can be passed on, in order, once `chunk` has come. It may be changed in place. */
  push(chunk: Buffer): readonly Buffer[] {
    const passed: Buffer[] = [];
    let at = 0;
    const skip = Math.min(prefaceBytes - this.#skipped, chunk.length);
    this.#skipped += skip;
    at = skip;
    if (skip > 0) passed.push(chunk.subarray(0, skip));
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        this.#left -= end - at;
        passed.push(chunk.subarray(at, end));
        at = end;
        continue;
      }
      const needed = this.#neededBytes - this.#held.length;
      const end = Math.min(chunk.length, at + needed);
      const part = chunk.subarray(at, end);
      this.#held = this.#held.length === 0 ? part : Buffer.concat([this.#held, part]);
      at = end;
      if (this.#held.length < this.#neededBytes) continue;
      if (hasHeaders(this.#held)) mend(this.#held);
      else this.#left = lengthIn(this.#held);
      passed.push(this.#held);
      this.#held = Buffer.alloc(0);
    }
    return passed;
  }

  /** Of a frame with headers, all of it; of others, the head. */
  get #neededBytes(): number {
    const held = this.#held;
    return held.length >= frameHeadBytes && hasHeaders(held)
      ? frameHeadBytes + lengthIn(held)
      : frameHeadBytes;
  }
}

const lengthIn = (head: Buffer): number => head.readUIntBE(0, 3);

/** One that is too long is refused by node:http2: nothing of it is kept. */
const hasHeaders = (head: Buffer): boolean =>
  (head[3] === HEADERS || head[3] === CONTINUATION) && lengthIn(head) <= maxFrameBytes;

const mend = (frame: Buffer): void => {
  for (const { from, to, rest } of mends) {
    const found = frame.indexOf(Buffer.from(from), frameHeadBytes + 2);
    if (found < 0 || frame[found - 2] !== authority || (frame[found - 1]! & 0x80) === 0) continue;
    const next = found + to.length;
    if (rest !== null && (frame[next]! & 0xfc) !== rest.from) continue;
    frame.set(to, found);
    if (rest !== null) frame[next] = (frame[next]! & 0x03) | rest.to;
  }
};
