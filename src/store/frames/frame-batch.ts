import { Buffer } from 'node:buffer';
import type { Writable } from 'node:stream';

/** Gathers frames, so that those of one turn of the event loop leave in one write. */
export class FrameBatch {
  readonly #socket: Writable;
  readonly #atEndOfTurn: (flush: () => void) => void;
  #frames: Uint8Array[] = [];
  #sent: (() => void)[] = [];

  /** `atEndOfTurn`: calls what it is given once the turn has added its frames. */
  constructor(socket: Writable, atEndOfTurn: (flush: () => void) => void) {
    this.#socket = socket;
    this.#atEndOfTurn = atEndOfTurn;
  }

  /** Whether all frames were handed to the socket. */
  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** `sent` is called once the system has taken the frame, or the connection is lost. */
  add(frame: Uint8Array, sent: () => void = () => {}): void {
    this.#frames.push(frame);
    this.#sent.push(sent);
    if (this.#frames.length === 1) this.#atEndOfTurn(() => this.#flush());
  }

  #flush(): void {
    const frames = this.#frames;
    const all = this.#sent;
    this.#frames = [];
    this.#sent = [];
    const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
    this.#socket.write(bytes, () => {
      for (const sent of all) sent();
    });
  }
}
