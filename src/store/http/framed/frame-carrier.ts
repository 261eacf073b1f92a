import { Buffer } from 'node:buffer';
import { encodeAnswer, type FramedRequest } from '../../frames/frame-codec.ts';
import type { Answer, Answered } from '../answer.ts';
import type { BodyListener, Carrier, ClientRequest } from '../carrier.ts';

/** Sends a frame; `sent` is called once the system has taken it, or the client has left. */
type SendFrame = (frame: Uint8Array, sent: () => void) => void;

/** A request in a frame. */
export class FrameCarrier implements Carrier {
  readonly request: ClientRequest;
  readonly isReceived = true;
  readonly http = null;
  readonly #framed: FramedRequest;
  readonly #sendFrame: SendFrame;
  readonly #onClosed: (() => void)[] = [];

  /** `carried`: the request that opened the connection; its headers replace those of the same name in the frame. */
  constructor(framed: FramedRequest, carried: ClientRequest, sendFrame: SendFrame) {
    const { method, path: url, headers } = framed;
    this.#framed = framed;
    this.#sendFrame = sendFrame;
    this.request = { method, url, headers: headersOf(headers, carried.headers), socket: carried.socket };
  }

  receive(_listener: BodyListener, complete: (body: Buffer) => Answered): Answered {
    const { buffer, byteOffset, byteLength } = this.#framed.body;
    return complete(Buffer.from(buffer, byteOffset, byteLength));
  }

  send({ status, contentType, body, headers }: Answer): void {
    const hasBody = this.request.method !== 'HEAD';
    const frame = encodeAnswer({
      id: this.#framed.id,
      status,
      // As by HTTP, a 304 has no body, and so no type of one.
      headers: status === 304 ? headers : ['content-type', contentType, ...headers],
      body: hasBody ? (typeof body === 'string' ? Buffer.from(body) : body) : Buffer.alloc(0),
    });
    this.#sendFrame(frame, () => this.close());
  }

  leave(): void {}

  onClosed(listener: () => void): void {
    this.#onClosed.push(listener);
  }

  /** Its answer was sent, or its client has left. Idempotent. */
  close(): void {
    for (const listener of this.#onClosed.splice(0)) listener();
  }
}

/** `pairs` by name, repeated ones joined (RFC 9110 §5.3); but the headers in `carried` are those of the connection, whatever `pairs` has. */
const headersOf = (pairs: readonly string[], carried: ClientRequest['headers']): ClientRequest['headers'] => {
  const all: Record<string, string> = Object.create(null);
  for (let at = 0; at < pairs.length; at += 2) {
    const name = pairs[at]!;
    const earlier = all[name];
    // RFC 9110 §5.5
    const value = pairs[at + 1]!.trim();
    all[name] = earlier === undefined ? value : `${earlier}, ${value}`;
  }
  return Object.assign(all, carried);
};
