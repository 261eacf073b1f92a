import { DatagramTransport } from '../../../../src/adapters/transport/datagram/datagram-transport.ts';
import type { FrameLimits } from '../../../../src/adapters/transport/frame-limits.ts';
import type { Random } from '../../../../src/ports/random.ts';
import type { NodeId } from '../../../../src/raft/types.ts';
import { Stream } from '../../../../src/simulate/dice.ts';
import type { VirtualClock } from '../virtual-clock.ts';

export interface Weather {
  /** From 0 to 1, each. */
  readonly loss: number;
  readonly repetition: number;
  /** Each datagram takes from `minMs` to `maxMs`, drawn anew: the wider, the more are overtaken. */
  readonly minMs: number;
  readonly maxMs: number;
}

export const calm: Weather = { loss: 0, repetition: 0, minMs: 1, maxMs: 1 };
export const storm: Weather = { loss: 0.15, repetition: 0.15, minMs: 1, maxMs: 20 };

interface Datagram {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/** Carries datagrams between nodes on a virtual clock, badly. */
export class LossyCarrier {
  weather: Weather;
  /** All that was ever handed over, lost or not. */
  readonly sent: Datagram[] = [];
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #receivers = new Map<NodeId, DatagramTransport>();

  constructor(clock: VirtualClock, seed: number, weather: Weather) {
    this.#clock = clock;
    this.#random = new Stream(seed);
    this.weather = weather;
  }

  /** A transport for node `id`, in place of an earlier one: the node has restarted. */
  transport(
    id: NodeId,
    options: Partial<FrameLimits> & { readonly maxDatagramBytes?: number } = {},
  ): DatagramTransport {
    const transport = new DatagramTransport({
      ...options,
      clock: this.#clock,
      random: this.#random,
      send: (to, bytes) => this.#send({ from: id, to, bytes }),
    });
    this.#receivers.set(id, transport);
    return transport;
  }

  /** As if `datagram` had come from the network now. */
  deliver({ from, to, bytes }: Datagram): void {
    this.#receivers.get(to)?.receive(from, bytes.slice());
  }

  #send(datagram: Datagram): void {
    this.sent.push(datagram);
    const { loss, repetition } = this.weather;
    if (this.#chance(loss)) return;
    this.#carry(datagram);
    if (this.#chance(repetition)) this.#carry(datagram);
  }

  #carry(datagram: Datagram): void {
    const { minMs, maxMs } = this.weather;
    const delayMs = minMs + (this.#random.uint32() % (maxMs - minMs + 1));
    this.#clock.setTimeout(() => this.deliver(datagram), delayMs);
  }

  #chance(probability: number): boolean {
    return this.#random.uint32() / 2 ** 32 < probability;
  }
}
