import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { readRequest, writeRequest } from './request-bytes.ts';
import type { KvRequest } from './requests.ts';

/**
 * Commands of the key-value state machine and their bytes in the log.
 *
 * ```
 * put     1  u16 keyBytes  key  value…
 * get     2  u16 keyBytes  key
 * delete  3  u16 keyBytes  key
 * cas     4  u16 keyBytes  key  u8 present  u32 fromBytes  from  to…
 * stamped 5  u48 stampMs  request…
 * ```
 *
 * Integers are big-endian. `present` is a bit set: 1 = `from` is a value, 2 = `to` is a value; without its bit the side
 * means "absent" and has no bytes. A value runs to the end of the command, so nothing may follow it. A `stamped` command is a request of
 * the store with revisions (request-bytes.ts), with the wall clock of the node that proposed it, in milliseconds since 1970. The numbers from 6 to 8 and from 14 to 31 are for later versions.
 */
export type KvCommand =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'delete'; readonly key: string }
  | {
      readonly type: 'cas';
      readonly key: string;
      readonly from: Uint8Array | null;
      readonly to: Uint8Array | null;
    }
  | { readonly type: 'stamped'; readonly stampMs: number; readonly request: KvRequest };

/** What two bytes of length can hold. The client API allows less. */
export const maxKeyBytes = 0xffff;

const PUT = 1;
const GET = 2;
const DELETE = 3;
const CAS = 4;
const STAMPED = 5;
/** Reserved for later versions: bytes that cannot begin text. 9 to 13 are tabs and line ends. */
const isReserved = (operation: number): boolean =>
  (operation > STAMPED && operation < 9) || (operation > 13 && operation < 32);
const FROM_PRESENT = 1;
const TO_PRESENT = 2;
const headBytes = 3;
const casHeadBytes = 5;
const stampedHeadBytes = 7;
const maxStampMs = 2 ** 48 - 1;

const encoder = new TextEncoder();

/** `key` is text and travels as UTF-8; it must have 1 to `maxKeyBytes` bytes. */
export const encodePut = (key: string, value: Uint8Array): Uint8Array => {
  const keyBytes = encoder.encode(key);
  const command = startCommand(PUT, keyBytes, value.length);
  command.set(value, headBytes + keyBytes.length);
  return command;
};

export const encodeGet = (key: string): Uint8Array => startCommand(GET, encoder.encode(key), 0);

export const encodeDelete = (key: string): Uint8Array => startCommand(DELETE, encoder.encode(key), 0);

/** null is "absent", on both sides: `from` null creates, `to` null deletes. */
export const encodeCas = (key: string, from: Uint8Array | null, to: Uint8Array | null): Uint8Array => {
  const keyBytes = encoder.encode(key);
  const fromBytes = from?.length ?? 0;
  const command = startCommand(CAS, keyBytes, casHeadBytes + fromBytes + (to?.length ?? 0));
  const at = headBytes + keyBytes.length;
  command[at] = (from === null ? 0 : FROM_PRESENT) | (to === null ? 0 : TO_PRESENT);
  new DataView(command.buffer).setUint32(at + 1, fromBytes);
  if (from !== null) command.set(from, at + casHeadBytes);
  if (to !== null) command.set(to, at + casHeadBytes + fromBytes);
  return command;
};

/** `stampMs` is the wall clock's, in milliseconds since 1970. */
export const encodeStamped = (stampMs: number, request: KvRequest): Uint8Array => {
  const to = new ByteWriter().u8(STAMPED).u48(Math.min(Math.max(0, Math.floor(stampMs)), maxStampMs));
  writeRequest(to, request);
  return to.written;
};

/**
 * The command in `bytes`, or null if it is none. Values are views into `bytes`. `key` holds the key's bytes as one
 * character each (Latin-1), which is cheap, one to one, and needs no validation: it is a map key, not text.
 */
export const decodeCommand = (bytes: Uint8Array): KvCommand | null => {
  if (bytes.length < headBytes) return null;
  if (bytes[0] === STAMPED) return decodeStamped(bytes);
  const keyEnd = headBytes + (bytes[1]! << 8) + bytes[2]!;
  if (keyEnd === headBytes || keyEnd > bytes.length) return null;
  const key = String.fromCharCode.apply(null, bytes.subarray(headBytes, keyEnd) as unknown as number[]);
  switch (bytes[0]) {
    case PUT:
      return { type: 'put', key, value: bytes.subarray(keyEnd) };
    case GET:
      return keyEnd === bytes.length ? { type: 'get', key } : null;
    case DELETE:
      return keyEnd === bytes.length ? { type: 'delete', key } : null;
    case CAS:
      return decodeCas(bytes, key, keyEnd);
    default:
      return null;
  }
};

/** What stands for a command of a later version at the beginning of `bytes`; null: nothing. */
export const laterOperationIn = (bytes: Uint8Array): string | null => {
  const [operation = 0] = bytes;
  if (isReserved(operation)) return `${operation}`;
  if (operation !== STAMPED || bytes.length <= stampedHeadBytes) return null;
  const request = readRequest(bytes.subarray(stampedHeadBytes));
  return typeof request === 'string' ? `${STAMPED} (${request})` : null;
};

/** A command without what differs when it is repeated: its stamp. */
export const withoutStamp = (command: Uint8Array): Uint8Array =>
  command[0] === STAMPED ? new Uint8Array(command).fill(0, 1, stampedHeadBytes) : command;

/** The map key of `key`, as a decoded command has it. */
export const mapKeyOf = (key: string): string =>
  isAscii.test(key) ? key : String.fromCharCode.apply(null, encoder.encode(key) as unknown as number[]);

const isAscii = /^[\0-\x7f]*$/;

const decodeStamped = (bytes: Uint8Array): KvCommand | null => {
  if (bytes.length <= stampedHeadBytes) return null;
  const request = readRequest(bytes.subarray(stampedHeadBytes));
  if (request === null || typeof request === 'string') return null;
  const stampMs = new ByteReader(bytes.subarray(1, stampedHeadBytes)).u48();
  return { type: 'stamped', stampMs, request };
};

const decodeCas = (bytes: Uint8Array, key: string, at: number): KvCommand | null => {
  const valuesStart = at + casHeadBytes;
  if (valuesStart > bytes.length) return null;
  const present = bytes[at]!;
  if (present > (FROM_PRESENT | TO_PRESENT)) return null;
  const fromBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1);
  const toStart = valuesStart + fromBytes;
  if (toStart > bytes.length) return null;
  const hasFrom = (present & FROM_PRESENT) !== 0;
  const hasTo = (present & TO_PRESENT) !== 0;
  if (!hasFrom && fromBytes > 0) return null;
  if (!hasTo && toStart < bytes.length) return null;
  return {
    type: 'cas',
    key,
    from: hasFrom ? bytes.subarray(valuesStart, toStart) : null,
    to: hasTo ? bytes.subarray(toStart) : null,
  };
};

const startCommand = (operation: number, keyBytes: Uint8Array, restBytes: number): Uint8Array => {
  const length = keyBytes.length;
  if (length === 0 || length > maxKeyBytes) {
    throw new RangeError(`a key must have 1 to ${maxKeyBytes} bytes, this one has ${length}`);
  }
  const command = new Uint8Array(headBytes + length + restBytes);
  command[0] = operation;
  command[1] = length >>> 8;
  command[2] = length & 0xff;
  command.set(keyBytes, headBytes);
  return command;
};
