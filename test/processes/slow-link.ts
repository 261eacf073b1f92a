import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface LinkConditions {
  /** In each direction, shared by all connections, as on a cable. */
  readonly bytesPerSecond: number;
  /** One way. */
  readonly latencyMs?: number;
  /** How much waits inside before the link takes no more: the buffer of a router. */
  readonly bufferBytes?: number;
  /** How often a packet is lost, as a share. TCP repeats it, so that everything behind it waits for `stallMs`. */
  readonly loss?: number;
  readonly stallMs?: number;
}

const packetBytes = 1400;
const defaultBufferBytes = 32 * 1024;

interface Packet {
  readonly bytes: Buffer;
  readonly to: Socket;
  readonly from: Socket;
}

/** Carries TCP connections to a port of 127.0.0.1 as slowly as a long cable does. */
export class SlowLink {
  readonly port: number;
  /** What has been carried to the port, and back. */
  readonly carried = { there: 0, back: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(
    targetPort: number,
    conditions: LinkConditions,
    random: () => number = Math.random,
  ): Promise<SlowLink> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const link = new SlowLink(server, (server.address() as { port: number }).port);
    const there = new Lane(conditions, random, (bytes) => {
      link.carried.there += bytes;
    });
    const back = new Lane(conditions, random, (bytes) => {
      link.carried.back += bytes;
    });
    server.on('connection', (near) => {
      const far = connect(targetPort, '127.0.0.1');
      for (const [from, to, lane] of [
        [near, far, there],
        [far, near, back],
      ] as const) {
        link.#sockets.add(from);
        from.setNoDelay(true);
        from.on('error', () => {});
        from.on('data', (bytes: Buffer) => lane.take(bytes, from, to));
        from.once('close', () => {
          link.#sockets.delete(from);
          lane.end(from, to);
        });
      }
    });
    return link;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }
}

/** One direction: first in, first out. */
class Lane {
  readonly #conditions: LinkConditions;
  readonly #random: () => number;
  readonly #carried: (bytes: number) => void;
  readonly #packets: Packet[] = [];
  readonly #paused = new Set<Socket>();
  #waiting = 0;
  /** When the cable is free again. */
  #freeMs = 0;
  /** What is on the cable, and when it arrives: timers of their own could overtake each other. */
  readonly #flying: (Packet & { readonly atMs: number })[] = [];
  #isRunning = false;

  constructor(conditions: LinkConditions, random: () => number, carried: (bytes: number) => void) {
    this.#conditions = conditions;
    this.#random = random;
    this.#carried = carried;
  }

  take(bytes: Buffer, from: Socket, to: Socket): void {
    for (let at = 0; at < bytes.length; at += packetBytes)
      this.#packets.push({ bytes: bytes.subarray(at, at + packetBytes), from, to });
    this.#waiting += bytes.length;
    if (this.#waiting > (this.#conditions.bufferBytes ?? defaultBufferBytes)) {
      this.#paused.add(from);
      from.pause();
    }
    this.#run();
  }

  /** After all that was sent before. */
  end(from: Socket, to: Socket): void {
    this.#paused.delete(from);
    this.#packets.push({ bytes: Buffer.alloc(0), from, to });
    this.#run();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#freeMs = Math.max(this.#freeMs, performance.now());
    this.#tick();
  }

  /** Timers are late by a millisecond or two: what is due by now leaves together. */
  #tick(): void {
    const { bytesPerSecond, latencyMs = 0, loss = 0, stallMs = 200 } = this.#conditions;
    const now = performance.now();
    while (this.#packets.length > 0 && this.#freeMs <= now) {
      const packet = this.#packets.shift()!;
      const { length } = packet.bytes;
      this.#freeMs += (length / bytesPerSecond) * 1000;
      if (loss > 0 && this.#random() < loss) this.#freeMs += stallMs;
      this.#waiting -= length;
      this.#flying.push({ ...packet, atMs: this.#freeMs + latencyMs });
    }
    while (this.#flying.length > 0 && this.#flying[0]!.atMs <= now) {
      const { bytes, to } = this.#flying.shift()!;
      this.#carried(bytes.length);
      if (bytes.length > 0) to.write(bytes);
      else to.end();
    }
    if (this.#waiting <= (this.#conditions.bufferBytes ?? defaultBufferBytes)) {
      for (const socket of this.#paused) socket.resume();
      this.#paused.clear();
    }
    const next = Math.min(
      this.#packets.length > 0 ? this.#freeMs : Number.POSITIVE_INFINITY,
      this.#flying[0]?.atMs ?? Number.POSITIVE_INFINITY,
    );
    if (next === Number.POSITIVE_INFINITY) this.#isRunning = false;
    else setTimeout(() => this.#tick(), Math.max(1, next - now));
  }
}
