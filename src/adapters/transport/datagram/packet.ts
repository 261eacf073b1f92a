/**
 * What the datagram transport sends: one packet a datagram.
 *
 * ```
 * u8 version 1  u8 kind  u8 side  u64 dialled  u64 accepted
 *   open    1
 *   opened  2
 *   data    3  u64 sequence  payload…
 *   ack     4  u64 next  arrivedBits…
 *   reset   5
 * ```
 *
 * Integers are big-endian. `dialled` and `accepted` are random numbers that the two sides made up for this connection: whoever does not know both cannot
 * touch it, and nothing of an earlier connection, or of an earlier run of the process, is taken for part of it. The payloads of each direction, in the order
 * of their sequence numbers, are a stream of length-prefixed frames as over TCP; an empty one ends it.
 */
export interface PacketHead {
  /** Who sends it. */
  readonly side: Side;
  readonly dialled: bigint;
  /** 0 until the accepting side has said it. */
  readonly accepted: bigint;
}

/** Which side of a connection: the one that dialled it, or the other. */
export type Side = 'dialler' | 'acceptor';

export interface Ack {
  /** All before it has arrived. */
  readonly next: number;
  /** Those after `next` that have arrived as well: bit 0 of byte 0 stands for `next + 1`. */
  readonly arrived: Uint8Array;
}

export type Packet = PacketHead &
  (
    | { readonly type: 'open' }
    | { readonly type: 'opened' }
    | { readonly type: 'reset' }
    | { readonly type: 'data'; readonly sequence: number; readonly payload: Uint8Array }
    | ({ readonly type: 'ack' } & Ack)
  );

const version = 1;
const types = ['open', 'opened', 'data', 'ack', 'reset'] as const;
const headBytes = 19;

/** How much of a datagram that carries data is not payload. */
export const dataHeadBytes = headBytes + 8;

/** So many packets may be under way at once in one direction of a connection, and no later one is taken. */
export const maxWindow = 256;

/** No acknowledgement is longer. */
const maxAckBytes = headBytes + 8 + maxWindow / 8;

export const encodePacket = (packet: Packet): Uint8Array => {
  const bytes = new Uint8Array(lengthOf(packet));
  const view = new DataView(bytes.buffer);
  bytes[0] = version;
  bytes[1] = types.indexOf(packet.type) + 1;
  bytes[2] = packet.side === 'dialler' ? 0 : 1;
  view.setBigUint64(3, packet.dialled);
  view.setBigUint64(11, packet.accepted);
  if (packet.type === 'data') {
    view.setBigUint64(headBytes, BigInt(packet.sequence));
    bytes.set(packet.payload, dataHeadBytes);
  } else if (packet.type === 'ack') {
    view.setBigUint64(headBytes, BigInt(packet.next));
    bytes.set(packet.arrived, headBytes + 8);
  }
  return bytes;
};

const lengthOf = (packet: Packet): number => {
  if (packet.type === 'data') return dataHeadBytes + packet.payload.length;
  return packet.type === 'ack' ? headBytes + 8 + packet.arrived.length : headBytes;
};

/** The packet in `bytes`, or null if it is none; its payload is a view of them. */
export const decodePacket = (bytes: Uint8Array): Packet | null => {
  if (bytes.length < headBytes || bytes[0] !== version || bytes[2]! > 1) return null;
  const type = types[bytes[1]! - 1];
  if (type === undefined) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = {
    side: bytes[2] === 0 ? 'dialler' : 'acceptor',
    dialled: view.getBigUint64(3),
    accepted: view.getBigUint64(11),
  } as const;
  if (type !== 'data' && type !== 'ack') return bytes.length === headBytes ? { type, ...head } : null;
  if (bytes.length < dataHeadBytes) return null;
  const number = Number(view.getBigUint64(headBytes));
  if (!Number.isSafeInteger(number)) return null;
  if (type === 'ack') {
    if (bytes.length > maxAckBytes) return null;
    return { type, ...head, next: number, arrived: bytes.subarray(headBytes + 8) };
  }
  return { type, ...head, sequence: number, payload: bytes.subarray(dataHeadBytes) };
};
