import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { type DatagramParts, DatagramTransport } from '../adapters/transport/datagram/datagram-transport.ts';

/** What `createDatagramTransport` takes: `send`, and the rest of `DatagramParts` where the defaults do not fit. */
export type DatagramOptions = Pick<DatagramParts, 'send'> & Partial<Omit<DatagramParts, 'send'>>;

/** Makes a `Transport` of whatever carries datagrams between the nodes. docs/embedding.md */
export const createDatagramTransport = (options: DatagramOptions): DatagramTransport =>
  new DatagramTransport({ clock: systemClock, random: systemRandom, ...options });
