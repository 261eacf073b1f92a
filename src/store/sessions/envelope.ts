/**
 * The envelope of a command that is to be applied once, however often it is proposed, and its bytes in the log.
 *
 * ```
 * F5 52 43 53  u8 kind  u48 stampMs  u32 ageMs  u8 nameBytes  name  [u48 sequence  u48 received]  command…
 * ```
 *
 * Integers are big-endian; `kind` is 1 for a session, which alone has `sequence` and `received`, and 2 for an idempotency
 * key; greater ones are for later versions. A command that does not begin with these four bytes has no envelope. F5 occurs in no UTF-8 text, so no command in
 * text or JSON is mistaken for one; the commands of the key-value store begin with 1 to 4.
 */
export interface Envelope {
  readonly key: CommandKey;
  /** How long ago the client first sent this command, by its own clock. 0 where it is not known. */
  readonly ageMs: number;
  /** The wall clock of the node that proposed it, in milliseconds since 1970. */
  readonly stampMs: number;
  readonly command: Uint8Array;
}

/** What names a command for good: two proposals of the same key are the same command. */
export type CommandKey =
  /**
   * The `sequence`th command of a client's session, from 1 on. The first opens the session. The client has received all answers up
   * to that of command `received`; these are forgotten. Thesis §6.3.
   */
  | {
      readonly type: 'session';
      readonly session: string;
      readonly sequence: number;
      readonly received: number;
    }
  /** A name that the client made up for this one command. */
  | { readonly type: 'idempotencyKey'; readonly name: string };

/** A session or an idempotency key is named by so many characters of visible ASCII. */
export const maxNameChars = 128;

/** Whether `name` can name a session or be an idempotency key. */
export const isName = (name: string): boolean => name.length <= maxNameChars && /^[!-~]+$/.test(name);

/** The largest sequence number. */
export const maxSequence = 2 ** 48 - 1;
const maxAgeMs = 2 ** 32 - 1;
const magic = [0xf5, 0x52, 0x43, 0x53];
const SESSION = 1;
const IDEMPOTENCY_KEY = 2;
const headBytes = 16;
const numbersBytes = 12;

const decoder = new TextDecoder('latin1');

/** Whether `key` names a command: whoever takes keys from outside asks before encoding one. */
export const isCommandKey = (key: CommandKey): boolean =>
  key.type === 'session' ? isName(key.session) && areNumbers(key.sequence, key.received) : isName(key.name);

/** Throws a `RangeError` for a key that is none. An age beyond 49 days is written as 49 days. */
export const encodeEnvelope = ({ key, ageMs, stampMs, command }: Envelope): Uint8Array => {
  const name = key.type === 'session' ? key.session : key.name;
  if (!isName(name))
    throw new RangeError(`a name has 1 to ${maxNameChars} visible ASCII characters: ${name}`);
  const commandAt = headBytes + name.length + (key.type === 'session' ? numbersBytes : 0);
  const bytes = new Uint8Array(commandAt + command.length);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[4] = key.type === 'session' ? SESSION : IDEMPOTENCY_KEY;
  setU48(view, 5, stampMs);
  view.setUint32(11, Math.min(Math.max(0, Math.floor(ageMs)), maxAgeMs));
  bytes[15] = name.length;
  for (let at = 0; at < name.length; at++) bytes[headBytes + at] = name.charCodeAt(at);
  if (key.type === 'session') {
    setU48(view, commandAt - 12, key.sequence);
    setU48(view, commandAt - 6, key.received);
  }
  bytes.set(command, commandAt);
  return bytes;
};

/** Whether `bytes` claim to be an envelope; they may still be a malformed one. */
export const isEnvelope = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && magic.every((byte, at) => bytes[at] === byte);

/** The kind of an envelope of a later version; null: it is not one. */
export const laterKindIn = (bytes: Uint8Array): number | null =>
  isEnvelope(bytes) && bytes.length > magic.length && bytes[4]! > IDEMPOTENCY_KEY ? bytes[4]! : null;

/** The envelope in `bytes`, or null if it is malformed. `command` is a view into `bytes`. */
export const decodeEnvelope = (bytes: Uint8Array): Envelope | null => {
  if (!isEnvelope(bytes) || bytes.length < headBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = bytes[4]!;
  if (kind !== SESSION && kind !== IDEMPOTENCY_KEY) return null;
  const nameEnd = headBytes + bytes[15]!;
  const commandAt = nameEnd + (kind === SESSION ? numbersBytes : 0);
  if (commandAt > bytes.length) return null;
  const name = decoder.decode(bytes.subarray(headBytes, nameEnd));
  if (!isName(name)) return null;
  const rest = { ageMs: view.getUint32(11), stampMs: getU48(view, 5), command: bytes.subarray(commandAt) };
  if (kind === IDEMPOTENCY_KEY) return { key: { type: 'idempotencyKey', name }, ...rest };
  const sequence = getU48(view, nameEnd);
  const received = getU48(view, nameEnd + 6);
  if (!areNumbers(sequence, received)) return null;
  return { key: { type: 'session', session: name, sequence, received }, ...rest };
};

/** A client cannot have received the answer to a command that it is still sending. */
const areNumbers = (sequence: number, received: number): boolean =>
  Number.isInteger(sequence) &&
  Number.isInteger(received) &&
  received >= 0 &&
  received < sequence &&
  sequence <= maxSequence;

const setU48 = (view: DataView, at: number, value: number): void => {
  const whole = Math.min(Math.max(0, Math.floor(value)), maxSequence);
  view.setUint16(at, Math.floor(whole / 2 ** 32));
  view.setUint32(at + 2, whole % 2 ** 32);
};

const getU48 = (view: DataView, at: number): number => view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
