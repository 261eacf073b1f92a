import type { Clock } from '../../../ports/clock.ts';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { nodeName } from '../../../raft/types.ts';
import type { FrameLimits } from '../frame-limits.ts';
import { IncomingStream } from './incoming-stream.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import { type Ack, dataHeadBytes, type Packet, type PacketHead, type Side } from './packet.ts';

export interface ConnectionParts {
  readonly peer: NodeId;
  readonly side: Side;
  readonly dialled: bigint;
  /** 0 for the side that dials: the other says it. */
  readonly accepted: bigint;
  readonly clock: Clock;
  readonly limits: FrameLimits;
  readonly maxDatagramBytes: number;
  /** Sends one packet. Returns why it could not even be handed over, or null. */
  readonly transmit: (packet: Packet) => string | null;
  /** The handlers, now that the connection is open. */
  readonly opened: (connection: Connection) => ConnectionHandlers;
  /** Nothing that arrives for it counts any more. */
  readonly ended: () => void;
}

/** How often a handshake is sent again. */
const handshakeIntervalMs = 150;
/** How long the side that dials tries, and how long the other keeps a handshake that nobody completes. */
const dialTimeoutMs = 5000;
const greetingTimeoutMs = 2000;
/** A side that has nothing to say says so this often. */
const keepAliveMs = 1000;
/** A connection on which nothing arrives for so long is broken. */
const silenceMs = 6000;
/** After `close`, how long the other side may take to acknowledge what was sent before. */
const closeGraceMs = 1000;

type Data = Extract<Packet, { readonly type: 'data' }>;

type State =
  /** The other side is asked for a connection. */
  | 'dialling'
  /** The other side has asked, and has not shown yet that it hears this one. */
  | 'greeting'
  | 'open'
  /** Closed by this side; what was sent before still goes out. */
  | 'closing'
  | 'ended';

/** One side of a connection over datagrams. */
export class DatagramConnection implements Connection {
  readonly remote: string;
  readonly #parts: ConnectionParts;
  readonly #outgoing: OutgoingStream;
  readonly #incoming: IncomingStream;
  #state: State;
  #accepted: bigint;
  #handlers: ConnectionHandlers | null = null;
  #isAckDue = false;
  #isFlushDue = false;
  readonly #begunMs: number;
  #closedMs = 0;
  #heardMs: number;
  #sentMs = Number.NEGATIVE_INFINITY;
  #timer: unknown = null;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.remote = `datagrams:${nodeName(parts.peer)}`;
    this.#accepted = parts.accepted;
    this.#state = parts.side === 'dialler' ? 'dialling' : 'greeting';
    this.#begunMs = parts.clock.now();
    this.#heardMs = this.#begunMs;
    this.#outgoing = new OutgoingStream({
      maxPayloadBytes: parts.maxDatagramBytes - dataHeadBytes,
      transmit: (sequence, payload) => this.#transmit({ type: 'data', ...this.#head, sequence, payload }),
    });
    this.#incoming = new IncomingStream(parts.limits, parts.side === 'acceptor', {
      frame: (frame) => {
        if (this.#state === 'open') this.#handlers?.frame(frame);
      },
      ended: () => this.#end('the other side closed it'),
    });
  }

  /** Nobody has shown yet that the handshake was not a stranger's. */
  get isGreeting(): boolean {
    return this.#state === 'greeting';
  }

  /** Sends the first packet. `handlers` is null on the side that gets them only once the connection is open. */
  start(handlers: ConnectionHandlers | null): void {
    this.#handlers = handlers;
    this.#shakeHands();
    this.#arm();
  }

  send(frame: Uint8Array): boolean {
    if (this.#state !== 'open' || frame.length === 0) return false;
    const { maxFrameBytes, maxWaitingBytes } = this.#parts.limits;
    if (frame.length > maxFrameBytes) return false;
    const waitingBytes = this.#outgoing.waitingBytes;
    if (waitingBytes > 0 && waitingBytes + frame.length > maxWaitingBytes) return false;
    this.#outgoing.push(frame);
    if (this.#isFlushDue) return true;
    // All frames of one turn leave together.
    this.#isFlushDue = true;
    this.#parts.clock.defer(() => {
      this.#isFlushDue = false;
      if (this.#state !== 'ended') this.#outgoing.flush(this.#parts.clock.now());
      this.#arm();
    });
    return true;
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'ended') return;
    if (this.#state !== 'open') {
      this.fail('closed by this side');
      return;
    }
    this.#state = 'closing';
    this.#closedMs = this.#parts.clock.now();
    this.#outgoing.end();
    this.#outgoing.flush(this.#closedMs);
    this.#arm();
  }

  /** Takes one packet that names this connection by what both sides know. Calls the handlers: not to be called inside theirs. */
  take(packet: Packet): void {
    const nowMs = this.#parts.clock.now();
    if (this.#state === 'dialling') {
      this.#takeAnswer(packet);
      return;
    }
    // It has not heard the answer yet, which is sent again by itself; or this is an echo.
    if (packet.type === 'open') return;
    if (packet.accepted !== this.#accepted) return;
    this.#heardMs = nowMs;
    if (packet.type === 'reset') {
      this.#end('the other side knows nothing of this connection any more');
      return;
    }
    if (packet.type === 'opened') {
      this.#isAckDue = true;
      return;
    }
    if (this.#state === 'greeting') this.#open();
    const fault = packet.type === 'ack' ? this.#outgoing.acknowledge(packet, nowMs) : this.#takeData(packet);
    if (fault !== null) this.fail(fault);
  }

  #takeData({ sequence, payload }: Data): string | null {
    this.#isAckDue = true;
    return this.#incoming.take(sequence, payload);
  }

  /** Everything that had arrived is taken: answers it. */
  settle(): void {
    if (this.#isAckDue) this.#acknowledge();
    if (this.#state === 'closing' && this.#outgoing.isDone) this.#end('closed by this side');
    this.#arm();
  }

  /** Ends it at once, and tells the other side. */
  fail(reason: string): void {
    if (this.#state === 'ended') return;
    this.#parts.transmit({ type: 'reset', ...this.#head });
    this.#end(reason);
  }

  get #head(): PacketHead {
    const { side, dialled } = this.#parts;
    return { side, dialled, accepted: this.#accepted };
  }

  /** What the side that dials is told first. */
  #takeAnswer(packet: Packet): void {
    if (packet.type === 'reset') this.#end('nobody listens');
    if (packet.type !== 'opened') return;
    this.#accepted = packet.accepted;
    this.#isAckDue = true;
    this.#open();
  }

  #open(): void {
    this.#state = 'open';
    this.#heardMs = this.#parts.clock.now();
    this.#handlers ??= this.#parts.opened(this);
    // The one that accepts may have closed it.
    if (this.#state === 'open') this.#handlers.opened();
  }

  #shakeHands(): void {
    this.#transmit({ type: this.#parts.side === 'dialler' ? 'open' : 'opened', ...this.#head });
  }

  #acknowledge(): void {
    this.#isAckDue = false;
    const ack: Ack = this.#incoming.ack;
    this.#transmit({ type: 'ack', ...this.#head, ...ack });
  }

  #transmit(packet: Packet): void {
    this.#sentMs = this.#parts.clock.now();
    const failure = this.#parts.transmit(packet);
    if (failure !== null) this.#end(failure);
  }

  #end(reason: string): void {
    if (this.#state === 'ended') return;
    // Whoever closed it need not know how the rest went.
    const told = this.#state === 'closing' ? 'closed by this side' : reason;
    this.#state = 'ended';
    // Without that the other side would send its last packets again.
    if (this.#isAckDue) this.#acknowledge();
    const { clock, ended } = this.#parts;
    if (this.#timer !== null) clock.clearTimeout(this.#timer);
    this.#timer = null;
    ended();
    const handlers = this.#handlers;
    if (handlers !== null) clock.defer(() => handlers.closed(told));
  }

  /** Sees to it that the timer goes off no later than something is due. */
  #arm(): void {
    if (this.#state === 'ended') return;
    const dueMs = this.#dueMs;
    if (this.#timer !== null && this.#timerMs <= dueMs) return;
    const { clock } = this.#parts;
    if (this.#timer !== null) clock.clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    this.#timer = clock.setTimeout(() => this.#onTime(), Math.max(1, dueMs - clock.now()));
  }

  get #dueMs(): number {
    if (this.#state === 'dialling')
      return Math.min(this.#sentMs + handshakeIntervalMs, this.#begunMs + dialTimeoutMs);
    if (this.#state === 'greeting')
      return Math.min(this.#sentMs + handshakeIntervalMs, this.#begunMs + greetingTimeoutMs);
    return Math.min(
      this.#sentMs + keepAliveMs,
      this.#heardMs + silenceMs,
      this.#outgoing.deadlineMs ?? Number.POSITIVE_INFINITY,
      this.#state === 'closing' ? this.#closedMs + closeGraceMs : Number.POSITIVE_INFINITY,
    );
  }

  #onTime(): void {
    this.#timer = null;
    const nowMs = this.#parts.clock.now();
    switch (this.#state) {
      case 'dialling':
        if (nowMs >= this.#begunMs + dialTimeoutMs) this.fail('it does not answer');
        else if (nowMs >= this.#sentMs + handshakeIntervalMs) this.#shakeHands();
        break;
      case 'greeting':
        if (nowMs >= this.#begunMs + greetingTimeoutMs) this.#end('nobody completed the handshake');
        else if (nowMs >= this.#sentMs + handshakeIntervalMs) this.#shakeHands();
        break;
      default:
        if (this.#state === 'closing' && nowMs >= this.#closedMs + closeGraceMs)
          this.fail('closed by this side');
        else if (nowMs >= this.#heardMs + silenceMs) this.fail('nothing has been heard for too long');
        else {
          const { deadlineMs } = this.#outgoing;
          if (deadlineMs !== null && nowMs >= deadlineMs) this.#outgoing.expire(nowMs);
          if (nowMs >= this.#sentMs + keepAliveMs) this.#acknowledge();
        }
    }
    this.#arm();
  }
}
