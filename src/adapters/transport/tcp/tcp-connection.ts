import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { wordsOf } from '../../tls/tls-words.ts';
import type { FrameLimits } from '../frame-limits.ts';
import { FrameReader, prefixBytes } from '../frame-reader.ts';
import { confirmationBytes, OrderedLane, PieceReader, unitKinds } from './ordered-lane.ts';

/** After `close`, how long the other side may take to read what was sent before. */
const closeGraceMs = 500;
/** Up to this size a frame is copied after its prefix: one small write costs less than two. */
const maxCopiedBytes = 4096;
/** How many bytes of frames that overtake may wait for a peer that does not read. */
const maxUrgentBytes = 1024 * 1024;

/** One socket as a `Connection`. */
export class TcpConnection implements Connection {
  readonly remote: string;
  readonly provenId?: NodeId;
  readonly #socket: Socket;
  readonly #limits: FrameLimits;
  /** A socket of TLS is open only once both sides have proved who they are. */
  #isOpen: boolean;
  readonly #ordered = new OrderedLane((kind, piece) => this.#write(kind, piece));
  #hasLanes = true;
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
    const reader = new FrameReader(
      maxFrameBytes,
      this.#isOpen ? maxFirstFrameBytes : maxFrameBytes,
      'it speaks TLS, and this node does not: give --peer-cert to all nodes, or to none',
    );
    const onOpen = () => {
      this.#isOpen = true;
      if (!this.#isClosed) handlers.opened();
    };
    const pieces = new PieceReader(maxFrameBytes, (bytes) => this.#confirm(bytes));
    /** A stranger must not make this node keep pieces. */
    let isStranger = this.#isOpen;
    const onUnit = (unit: Uint8Array) => {
      if (this.#isClosed) return;
      if (isStranger && (unit[0] === unitKinds.piece || unit[0] === unitKinds.confirmation))
        return this.#fail('a piece or a confirmation before the first frame');
      isStranger = false;
      const frame = unit[0]! > unitKinds.confirmation ? unit : this.#onUnit(unit, pieces);
      if (typeof frame === 'string') this.#fail(frame);
      // Its confirmation may have closed the connection.
      else if (frame !== null && !this.#isClosed) handlers.frame(frame);
    };
    if (!this.#isOpen) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', onOpen);
    // The first bytes come with a later turn of the event loop.
    else process.nextTick(onOpen);
    socket.on('data', (chunk) => {
      if (this.#isClosed) return;
      const fault = reader.push(chunk, onUnit);
      if (fault !== null) this.#fail(fault);
    });
    socket.on('error', (error) => {
      this.#reason = reasonOf(error);
    });
    socket.once('close', () => {
      this.#isClosed = true;
      handlers.closed(this.#reason);
    });
  }

  send(frame: Uint8Array, isUrgent = false): boolean {
    const socket = this.#socket;
    if (this.#isClosed || !this.#isOpen || !socket.writable) return false;
    const { maxFrameBytes, maxWaitingBytes } = this.#limits;
    if (frame.length > maxFrameBytes) return false;
    if (!this.#hasLanes) {
      const { writableLength } = socket;
      if (writableLength > 0 && writableLength + frame.length > maxWaitingBytes) return false;
      this.#write(null, frame);
      return true;
    }
    if (isUrgent) {
      // Pieces that are not confirmed may still be in the same buffer.
      if (socket.writableLength - this.#ordered.underWayBytes > maxUrgentBytes) return false;
      this.#write(null, frame);
      return true;
    }
    const waiting = this.#ordered.waitingBytes;
    if (waiting > 0 && waiting + frame.length > maxWaitingBytes) return false;
    this.#ordered.send(frame);
    return true;
  }

  get isBacklogged(): boolean {
    return this.#ordered.waitingBytes > 0;
  }

  isWaiting(frame: Uint8Array): boolean {
    return this.#ordered.isWaiting(frame);
  }

  keepOrder(): void {
    this.#hasLanes = false;
  }

  dropWaiting(): void {
    this.#ordered.dropWaiting();
  }

  /** The frame that `unit` completes, null if there is none, or what is wrong with it. */
  #onUnit(unit: Uint8Array, pieces: PieceReader): Uint8Array | null | string {
    if (unit[0] !== unitKinds.confirmation)
      return pieces.push(unit.subarray(1), unit[0] === unitKinds.lastPiece);
    if (unit.length !== confirmationBytes) return `a confirmation of ${unit.length} bytes`;
    const bytes = new DataView(unit.buffer, unit.byteOffset).getUint32(1);
    return this.#ordered.confirm(bytes) ? null : 'a confirmation of what was not sent';
  }

  #confirm(bytes: number): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength - this.#ordered.underWayBytes > maxUrgentBytes) {
      this.#fail('it sends, and does not read');
      return;
    }
    const unit = Buffer.allocUnsafe(confirmationBytes - 1);
    unit.writeUInt32BE(bytes);
    this.#write(unitKinds.confirmation, unit);
  }

  /** Hands a unit to the socket; `kind` null: a whole frame. */
  #write(kind: number | null, bytes: Uint8Array): void {
    const socket = this.#socket;
    if (!this.#isCorked) {
      // All frames of one turn leave in one write.
      this.#isCorked = true;
      socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        socket.uncork();
      });
    }
    const headBytes = kind === null ? prefixBytes : prefixBytes + 1;
    const isCopied = bytes.length <= maxCopiedBytes;
    const head = Buffer.allocUnsafe(headBytes + (isCopied ? bytes.length : 0));
    head.writeUInt32BE(headBytes - prefixBytes + bytes.length);
    if (kind !== null) head[prefixBytes] = kind;
    if (isCopied) head.set(bytes, headBytes);
    socket.write(head);
    if (!isCopied) socket.write(bytes);
  }

  #fail(fault: string): void {
    this.#reason = fault;
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#ordered.flush();
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
