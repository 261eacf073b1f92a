import { minPieceBytes, SendWindow } from './send-window.ts';

/** The first byte of a unit of the stream. A frame that overtakes has none of these: it begins like any msgpack array. docs/wire.md, Lanes */
export const unitKinds = { piece: 0, lastPiece: 1, confirmation: 2 } as const;

export const confirmationBytes = 5;

/** The reader confirms once it has taken this much: the window has room for twice as much. */
const confirmEveryBytes = 4 * 1024;

interface Waiting {
  readonly frame: Uint8Array;
  /** How many of its bytes have left. */
  at: number;
}

/** Sends frames one after the other, in pieces, at the pace at which the other side confirms them. */
export class OrderedLane {
  readonly #window: SendWindow;
  readonly #write: (kind: number, piece: Uint8Array) => void;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;

  /** `write` hands one piece to the socket. */
  constructor(write: (kind: number, piece: Uint8Array) => void, window = new SendWindow()) {
    this.#write = write;
    this.#window = window;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get underWayBytes(): number {
    return this.#window.underWayBytes;
  }

  isWaiting(frame: Uint8Array): boolean {
    return this.#waiting.some((waiting) => waiting.frame === frame);
  }

  send(frame: Uint8Array): void {
    this.#waiting.push({ frame, at: 0 });
    this.#waitingBytes += frame.length;
    this.#pump();
  }

  /** False: it confirms what was not sent. */
  confirm(bytes: number): boolean {
    if (!this.#window.confirm(bytes)) return false;
    this.#pump();
    return true;
  }

  /** Sends everything now, without waiting for confirmations. */
  flush(): void {
    while (this.#waiting.length > 0) this.#sendPiece(Number.POSITIVE_INFINITY);
  }

  /** Drops the frames of which nothing has left. */
  dropWaiting(): void {
    this.#waiting = this.#waiting.filter(({ at }) => at > 0);
    this.#waitingBytes = this.#waiting.reduce((sum, { frame, at }) => sum + frame.length - at, 0);
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#window.room > 0) this.#sendPiece(this.#window.pieceBytes);
  }

  #sendPiece(maxBytes: number): void {
    const first = this.#waiting[0]!;
    const piece = first.frame.subarray(first.at, first.at + maxBytes);
    first.at += piece.length;
    this.#waitingBytes -= piece.length;
    const isLast = first.at === first.frame.length;
    if (isLast) this.#waiting.shift();
    this.#window.sent(piece.length);
    this.#write(isLast ? unitKinds.lastPiece : unitKinds.piece, piece);
  }
}

/** Assembles frames from pieces. */
export class PieceReader {
  readonly #maxFrameBytes: number;
  readonly #confirm: (bytes: number) => void;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #unconfirmed = 0;

  /** `confirm` tells the other side how many more bytes were taken. */
  constructor(maxFrameBytes: number, confirm: (bytes: number) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#confirm = confirm;
  }

  /** The frame that `piece` completes; null if more pieces must follow; a string that says what is wrong with the piece. */
  push(piece: Uint8Array, isLast: boolean): Uint8Array | null | string {
    if (piece.length === 0) return 'an empty piece of a frame';
    // Each piece costs memory besides its bytes.
    if (!isLast && piece.length < minPieceBytes)
      return `a piece of ${piece.length} bytes that is not the last`;
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxFrameBytes)
      return `a frame of ${this.#bytes} bytes or more, more than the ${this.#maxFrameBytes} allowed`;
    this.#unconfirmed += piece.length;
    if (this.#unconfirmed >= confirmEveryBytes) {
      this.#confirm(this.#unconfirmed);
      this.#unconfirmed = 0;
    }
    if (isLast && this.#pieces.length === 0) {
      this.#bytes = 0;
      return piece;
    }
    this.#pieces.push(piece);
    if (!isLast) return null;
    const frame = new Uint8Array(this.#bytes);
    let at = 0;
    for (const each of this.#pieces) {
      frame.set(each, at);
      at += each.length;
    }
    this.#pieces = [];
    this.#bytes = 0;
    return frame;
  }
}
