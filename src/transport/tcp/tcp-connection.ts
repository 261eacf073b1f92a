import type { Socket } from 'node:net';
import type { Connection, ConnectionHandlers } from '../../ports/transport.ts';
import { FrameReader, prefixBytes } from './frame-reader.ts';

export interface FrameLimits {
  /** A longer frame closes the connection. */
  readonly maxFrameBytes: number;
  /** Bytes that wait to be sent; a frame beyond is dropped. */
  readonly maxWaitingBytes: number;
}

/** One socket as a `Connection`. */
export class TcpConnection implements Connection {
  readonly remote: string;
  readonly #socket: Socket;
  readonly #limits: FrameLimits;
  #isCorked = false;
  #isClosed = false;
  #reason = 'the other side closed it';

  constructor(socket: Socket, remote: string, limits: FrameLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.remote = remote;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 5000);
  }

  /** Starts to call `handlers`; `opened` once the socket is connected. */
  attach(handlers: ConnectionHandlers): void {
    const socket = this.#socket;
    const reader = new FrameReader(this.#limits.maxFrameBytes);
    const onFrame = (frame: Uint8Array) => {
      if (!this.#isClosed) handlers.frame(frame);
    };
    if (socket.connecting) socket.once('connect', () => handlers.opened());
    else setImmediate(() => !socket.destroyed && handlers.opened());
    socket.on('data', (chunk) => {
      if (this.#isClosed) return;
      const fault = reader.push(chunk, onFrame);
      if (fault === null) return;
      this.#reason = fault;
      this.close();
    });
    socket.on('error', (error) => {
      this.#reason = error.message;
    });
    socket.once('close', () => {
      this.#isClosed = true;
      handlers.closed(this.#reason);
    });
  }

  send(frame: Uint8Array): boolean {
    const socket = this.#socket;
    const waiting = socket.writableLength;
    if (this.#isClosed || !socket.writable || socket.connecting) return false;
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
    const prefix = Buffer.allocUnsafe(prefixBytes);
    prefix.writeUInt32BE(frame.length);
    socket.write(prefix);
    socket.write(frame);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const socket = this.#socket;
    if (socket.connecting) socket.destroy();
    else socket.destroySoon();
  }
}
