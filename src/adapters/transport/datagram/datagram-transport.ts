import type { Clock } from '../../../ports/clock.ts';
import type { Random } from '../../../ports/random.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { type FrameLimits, frameLimitsOf, maxIncoming } from '../frame-limits.ts';
import { DatagramConnection } from './datagram-connection.ts';
import { decodePacket, encodePacket, type Packet, type Side } from './packet.ts';

export interface DatagramParts extends Partial<FrameLimits> {
  /**
   * Hands one datagram to whatever carries it to node `to`. It may be lost, late, repeated and overtaken, but not changed. `bytes` must not be changed. May call another transport's `receive` at once.
   * If it throws, the connection that the datagram belongs to is closed.
   */
  readonly send: (to: NodeId, bytes: Uint8Array) => void;
  /** The longest datagram that is sent, from 128 to 65,507 bytes; by default 16 KiB. Over UDP beyond one's own network 1200 arrive everywhere. */
  readonly maxDatagramBytes?: number;
  readonly clock: Clock;
  readonly random: Random;
}

const defaultDatagramBytes = 16 * 1024;
const minDatagramBytes = 128;
/** What one UDP datagram holds. None that is longer is taken. */
const mostDatagramBytes = 65_507;
/** The most connections that others have asked for without showing that they hear the answer; more are not answered. */
const maxGreetings = 32;
/** What waits to be taken, in bytes; what is more is lost, and sent again. */
const maxArrivedBytes = 16 * 1024 * 1024;
/** What a datagram costs besides its bytes, about. */
const datagramCostBytes = 64;

/**
 * A `Transport` over anything that carries datagrams between the nodes: UDP, WebRTC, a message queue, Maelstrom. What arrives is given to `receive`, with the
 * node that it comes from, which the carrier must know: it is not in the datagram. Connections, order, resending and pacing are the transport's own.
 * docs/embedding.md
 */
export class DatagramTransport implements Transport {
  readonly #send: DatagramParts['send'];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: FrameLimits;
  readonly #maxDatagramBytes: number;
  readonly #connections = new Map<string, DatagramConnection>();
  #accept: ((connection: Connection) => ConnectionHandlers) | null = null;
  /** Called when the last connection is gone. */
  #closing: (() => void) | null = null;
  /** Not taken yet. Handlers are called in a turn of their own, even where carriers deliver inside `send`. */
  #arrived: (readonly [from: NodeId, bytes: Uint8Array])[] = [];
  #arrivedBytes = 0;

  constructor(options: DatagramParts) {
    const { maxDatagramBytes = defaultDatagramBytes } = options;
    const isUsable =
      Number.isInteger(maxDatagramBytes) &&
      maxDatagramBytes >= minDatagramBytes &&
      maxDatagramBytes <= mostDatagramBytes;
    if (!isUsable) {
      throw new RangeError(
        `maxDatagramBytes is a whole number from ${minDatagramBytes} to ${mostDatagramBytes}: ${maxDatagramBytes}`,
      );
    }
    this.#send = options.send;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#limits = frameLimitsOf(options);
    this.#maxDatagramBytes = maxDatagramBytes;
  }

  /** Takes a datagram that has come from node `from`, and ignores it if it is none of this transport's. `bytes` belong to the transport from now on. */
  receive(from: NodeId, bytes: Uint8Array): void {
    const cost = bytes.length + datagramCostBytes;
    if (!isDatagram(from, bytes) || this.#arrivedBytes + cost > maxArrivedBytes) return;
    this.#arrivedBytes += cost;
    this.#arrived.push([from, bytes]);
    if (this.#arrived.length === 1) this.#clock.defer(() => this.#takeArrived());
  }

  listen(accept: (connection: Connection) => ConnectionHandlers): void {
    this.#accept = accept;
  }

  /** The carrier knows where `peer` is. */
  dial(peer: NodeId, handlers: ConnectionHandlers): Connection {
    const connection = this.#connection(peer, 'dialler', this.#token(), 0n, () => handlers);
    connection.start(handlers);
    return connection;
  }

  close(done: () => void): void {
    this.#accept = null;
    this.#closing = done;
    for (const connection of this.#connections.values()) connection.close();
    this.#closeIfDone();
  }

  #takeArrived(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    this.#arrivedBytes = 0;
    const touched = new Set<DatagramConnection>();
    for (const [from, bytes] of arrived) {
      const packet = decodePacket(bytes);
      if (packet === null) continue;
      const connection = this.#connectionOf(from, packet);
      if (connection === null) continue;
      connection.take(packet);
      touched.add(connection);
    }
    for (const connection of touched) connection.settle();
  }

  /** The connection that `packet` belongs to; null: there is none, which its sender has been told. */
  #connectionOf(from: NodeId, packet: Packet): DatagramConnection | null {
    const { dialled, accepted, type } = packet;
    const side: Side = packet.side === 'dialler' ? 'acceptor' : 'dialler';
    const known = this.#connections.get(keyOf(from, side, dialled));
    if (known !== undefined) return known;
    if (type === 'reset') return null;
    if (type !== 'open' || this.#accept === null || side === 'dialler') {
      this.#transmit(from, { type: 'reset', side, dialled, accepted });
      return null;
    }
    if (!this.#hasRoom) return null;
    this.#connection(from, side, dialled, this.#token(), (opened) => this.#accept!(opened)).start(null);
    return null;
  }

  get #hasRoom(): boolean {
    let incoming = 0;
    let greetings = 0;
    for (const [key, connection] of this.#connections) {
      if (!key.includes('acceptor')) continue;
      incoming++;
      if (connection.isGreeting) greetings++;
    }
    return incoming < maxIncoming && greetings < maxGreetings;
  }

  #connection(
    peer: NodeId,
    side: Side,
    dialled: bigint,
    accepted: bigint,
    opened: (connection: Connection) => ConnectionHandlers,
  ): DatagramConnection {
    const key = keyOf(peer, side, dialled);
    const connection = new DatagramConnection({
      peer,
      side,
      dialled,
      accepted,
      clock: this.#clock,
      limits: this.#limits,
      maxDatagramBytes: this.#maxDatagramBytes,
      transmit: (packet) => this.#transmit(peer, packet),
      opened,
      ended: () => {
        this.#connections.delete(key);
        this.#closeIfDone();
      },
    });
    this.#connections.set(key, connection);
    return connection;
  }

  /** Returns why `packet` could not be handed over, or null. */
  #transmit(to: NodeId, packet: Packet): string | null {
    try {
      this.#send(to, encodePacket(packet));
      return null;
    } catch (error) {
      return `the carrier failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #closeIfDone(): void {
    const done = this.#closing;
    if (done === null || this.#connections.size > 0) return;
    this.#closing = null;
    // After the connections' own handlers have been told.
    this.#clock.defer(done);
  }

  #token(): bigint {
    return (BigInt(this.#random.uint32()) << 32n) | BigInt(this.#random.uint32());
  }
}

const keyOf = (peer: NodeId, side: Side, dialled: bigint): string => `${peer} ${side} ${dialled}`;

const isDatagram = (from: NodeId, bytes: Uint8Array): boolean =>
  Number.isSafeInteger(from) && from > 0 && bytes.length <= mostDatagramBytes;
