import { type Malformed, malformed } from './malformed.ts';
import { packFrame, unpackFrame } from './msgpack.ts';

/** First item of a frame that carries a message of what runs on the nodes besides Raft. */
const APPLICATION = 8;

/** The longest message that one node carries to another. */
export const maxApplicationBytes = 4 * 1024 * 1024;

/** One frame, as in `docs/wire.md`. */
export const encodeApplication = (message: Uint8Array): Uint8Array => packFrame([APPLICATION, message]);

/** Whether `frame` means to be one. */
export const isApplication = (frame: Uint8Array): boolean =>
  frame.length > 1 && (frame[0]! & 0xf0) === 0x90 && frame[1] === APPLICATION;

/** The message in `frame`. Never throws. */
export const decodeApplication = (frame: Uint8Array): Uint8Array | Malformed => {
  const items = unpackFrame(frame);
  if ('malformed' in items) return items;
  const [, message] = items;
  if (items.length !== 2 || !(message instanceof Uint8Array)) return malformed('no application message');
  return message.length > maxApplicationBytes
    ? malformed(`an application message of ${message.length} bytes`)
    : message;
};
