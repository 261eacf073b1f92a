import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import type { FrameLimits } from '../frame-limits.ts';
import { FrameReader, prefixBytes } from '../frame-reader.ts';
import { wordsOf } from './peer-tls.ts';

/** After `close`, how long the other side may take to read what was sent before. */
const closeGraceMs = 500;
/** Up to this size a frame is copied after its prefix: one small write costs less than two. */
const maxCopiedBytes = 4096;

/** One socket as a `Connection`. */
export class TcpConnection implements Connection {
  readonly remote: string;
  readonly provenId?: NodeId;
  readonly #socket: Socket;
  readonly #limits: FrameLimits;
  /** A socket of TLS is open only once both sides have proved who they are. */
  #isOpen: boolean;
  #isCorked = false;
  #isClosed = false;
  #reason = 'the other side closed it';

  /** `socket` is incoming, and open, if `isIncoming`. */
  constructor(
    socket: Socket,
    remote: string,
    limits: FrameLimits,
    { isIncoming = false, provenId }: { readonly isIncoming?: boolean; readonly provenId?: NodeId } = {},
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#isOpen = isIncoming;
    this.remote = remote;
    if (provenId !== undefined) this.provenId = provenId;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 5000);
  }

  /** Starts to call `handlers`; `opened` once the socket is connected. */
  attach(handlers: ConnectionHandlers): void {
    const socket = this.#socket;
    const { maxFrameBytes, maxFirstFrameBytes } = this.#limits;
    const reader = new FrameReader(maxFrameBytes, this.#isOpen ? maxFirstFrameBytes : maxFrameBytes);
    const onOpen = () => {
      this.#isOpen = true;
      if (!this.#isClosed) handlers.opened();
    };
    const onFrame = (frame: Uint8Array) => {
      if (!this.#isClosed) handlers.frame(frame);
    };
    if (!this.#isOpen) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', onOpen);
    // The first bytes come with a later turn of the event loop.
    else process.nextTick(onOpen);
    socket.on('data', (chunk) => {
      if (this.#isClosed) return;
      const fault = reader.push(chunk, onFrame);
      if (fault === null) return;
      this.#reason = fault;
      this.close();
    });
    socket.on('error', (error) => {
      this.#reason = reasonOf(error);
    });
    socket.once('close', () => {
      this.#isClosed = true;
      handlers.closed(this.#reason);
    });
  }

  send(frame: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#isClosed || !this.#isOpen || !socket.writable) return false;
    if (frame.length > this.#limits.maxFrameBytes) return false;
    const waiting = socket.writableLength;
    if (waiting > 0 && waiting + frame.length > this.#limits.maxWaitingBytes) return false;
    if (!this.#isCorked) {
      // All frames of one turn leave in one write.
      this.#isCorked = true;
      socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        socket.uncork();
      });
    }
    const isCopied = frame.length <= maxCopiedBytes;
    const head = Buffer.allocUnsafe(prefixBytes + (isCopied ? frame.length : 0));
    head.writeUInt32BE(frame.length);
    if (isCopied) head.set(frame, prefixBytes);
    socket.write(head);
    if (!isCopied) socket.write(frame);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#reason === 'the other side closed it') this.#reason = 'closed by this side';
    const socket = this.#socket;
    if (!this.#isOpen) {
      socket.destroy();
      return;
    }
    socket.destroySoon();
    const grace = setTimeout(() => socket.destroy(), closeGraceMs);
    grace.unref();
    socket.once('close', () => clearTimeout(grace));
  }
}

/** With several addresses behind one name, each failed in its own way. */
export const reasonOf = (error: Error): string =>
  error instanceof AggregateError
    ? error.errors.map((each: Error) => each.message).join('; ')
    : wordsOf(error);
