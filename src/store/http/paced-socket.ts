import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Clock } from '../../ports/clock.ts';
import { ReadingPatience } from './reading-patience.ts';

/** Who decides when a connection is read. */
export interface Pace {
  /** Whether the client may ask for more. */
  readonly isOpen: boolean;
  /** What arrives is the body of a request, as far as is known. */
  readonly isInBody: boolean;
  /** There are more bytes to `feed` than are passed on at once. */
  waiting(): void;
}

/** So much is passed on whenever it arrives: a request of one who asks for little. */
const smallBytes = 1024;
/** So much is parsed at once of what arrives in larger pieces: some hundred of the smallest requests. */
const sliceBytes = 4096;
const bodySliceBytes = 16 * 1024;
/** So much is written at once of what is larger. */
const pieceBytes = 64 * 1024;

type Written = (error?: Error | null) => void;

interface Chunk {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

const lengthOf = ({ chunk, encoding }: Chunk): number =>
  typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length;

/** In pieces that are as large as they may be, but for the last one. */
const piecesOf = (chunks: readonly Chunk[]): readonly (readonly Chunk[])[] => {
  const pieces: Chunk[][] = [];
  let room = 0;
  for (const { chunk, encoding } of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    for (let at = 0; at < bytes.length; ) {
      if (room === 0) {
        pieces.push([]);
        room = pieceBytes;
      }
      const part = bytes.subarray(at, at + room);
      pieces.at(-1)!.push({ chunk: part, encoding });
      at += part.length;
      room -= part.length;
    }
  }
  return pieces;
};

/**
 * A client's connection as node:http sees it. node:http parses what has arrived in one piece, up to 64 KiB and thousands of requests, without asking anybody
 * in between; it is given small pieces here, when `pace` lets it.
 */
export class PacedSocket extends Duplex {
  readonly #raw: Socket;
  readonly #pace: Pace;
  readonly #patience: ReadingPatience;
  #held: Buffer | null = null;
  #isWanted = false;

  /** Destroyed when the client's system has taken nothing for `patienceMs` of what waits for it. */
  constructor(raw: Socket, pace: Pace, clock: Clock, patienceMs: number) {
    super({ readableHighWaterMark: bodySliceBytes, decodeStrings: false });
    this.#raw = raw;
    this.#pace = pace;
    this.#patience = new ReadingPatience(clock, patienceMs, () => this.destroy());
    raw.on('data', (chunk: Buffer) => {
      if (chunk.length <= smallBytes && this.#isWanted && pace.isOpen) {
        this.#isWanted = this.push(chunk);
        return;
      }
      this.#held = chunk;
      this.awaken();
      if (this.#held !== null) raw.pause();
    });
    raw.on('end', () => this.push(null));
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
    raw.on('timeout', () => this.emit('timeout'));
  }

  /** As that of a net.Socket. */
  get remoteAddress(): string | undefined {
    return this.#raw.remoteAddress;
  }

  /** Whether `feed` has something to pass on, and may. */
  get isReady(): boolean {
    return this.#held !== null && this.#isWanted && this.#pace.isOpen;
  }

  /** Passes on one slice of what has arrived. */
  feed(): void {
    const held = this.#held!;
    const bytes = this.#pace.isInBody ? bodySliceBytes : sliceBytes;
    const isLast = held.length <= bytes;
    this.#held = isLast ? null : held.subarray(bytes);
    if (isLast && this.#raw.isPaused()) this.#raw.resume();
    this.#isWanted = this.push(isLast ? held : held.subarray(0, bytes));
  }

  /** Something may have become ready. */
  awaken(): void {
    if (this.isReady) this.#pace.waiting();
  }

  /** As a net.Socket does. */
  setTimeout(ms: number): this {
    this.#raw.setTimeout(ms);
    return this;
  }

  /** As a net.Socket does. */
  setKeepAlive(isOn: boolean, delayMs: number): this {
    this.#raw.setKeepAlive(isOn, delayMs);
    return this;
  }

  /** As a net.Socket does: node:http ends connections with it. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {
    this.#isWanted = true;
    this.awaken();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Written): void {
    this.#send([{ chunk, encoding }], done);
  }

  override _writev(chunks: readonly Chunk[], done: Written): void {
    this.#send(chunks, done);
  }

  #send(chunks: readonly Chunk[], done: Written): void {
    let length = 0;
    for (const chunk of chunks) length += lengthOf(chunk);
    const sent = (error?: Error | null): void => {
      this.#patience.ended();
      done(error);
    };
    this.#patience.waits();
    if (length > pieceBytes) this.#sendInTurn(piecesOf(chunks), 0, sent);
    else this.#sendTogether(chunks, sent);
  }

  #sendTogether(chunks: readonly Chunk[], sent: Written): void {
    if (chunks.length > 1) this.#raw.cork();
    for (const [at, { chunk, encoding }] of chunks.entries())
      this.#raw.write(chunk, encoding, at === chunks.length - 1 ? sent : undefined);
    if (chunks.length > 1) this.#raw.uncork();
  }

  /** One piece after the other: so it shows that the client's system takes them. */
  #sendInTurn(pieces: readonly (readonly Chunk[])[], at: number, sent: Written): void {
    this.#sendTogether(pieces[at]!, (error) => {
      if (error || at + 1 === pieces.length) {
        sent(error ?? null);
        return;
      }
      this.#patience.waits();
      this.#sendInTurn(pieces, at + 1, sent);
    });
  }

  override _final(done: () => void): void {
    this.#raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#patience.close();
    this.#raw.destroy();
    done(error);
  }
}
