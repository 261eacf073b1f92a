import { Buffer } from 'node:buffer';
import { isMalformed, type Malformed, malformed } from '../../adapters/codec/malformed.ts';
import { type Plain, packFrame, unpackFrame } from '../../adapters/codec/msgpack.ts';

/** What a client asks on a connection of frames. docs/http-api-v2.md, Frames */
export interface FramedRequest {
  /** Chosen by the client; the answer has the same one. */
  readonly id: number;
  readonly method: string;
  /** With its query, as in HTTP. */
  readonly path: string;
  /** Name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

export interface FramedAnswer {
  readonly id: number;
  readonly status: number;
  /** Name, value, name, value; names in lower case. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** Where a connection leaves HTTP for frames. */
export const framesPath = '/v2/frames';
/** The protocol that the client names in `Upgrade`. */
export const framesProtocol = 'raftchart-frames';
/** The largest frame that a client may send. Larger requests go by HTTP, where bodies wait for room. */
export const maxRequestFrameBytes = 32 * 1024;
/** The largest frame that a node sends: an answer has up to 3 MiB, and JSON takes six characters for some bytes of a key. */
export const maxAnswerFrameBytes = 32 * 1024 * 1024;
/** The id in the answer to a frame that could not be read: the connection ends with that answer. */
export const noRequestId = 0;

const methods = /^[A-Z]{1,16}$/;
const maxId = 0xffff_ffff;

/** The id after `id`: from 1 again after the last one. */
export const idAfter = (id: number): number => (id === maxId ? 1 : id + 1);

/** With its length in front, as it is sent. */
export const encodeRequest = ({ id, method, path, headers, body }: FramedRequest): Uint8Array =>
  prefixed([id, method, path, headers, body]);

/** With its length in front, as it is sent. */
export const encodeAnswer = ({ id, status, headers, body }: FramedAnswer): Uint8Array =>
  prefixed([id, status, headers, body]);

/** `frame` is without its length. Never throws. The body is a view of it. */
export const decodeRequest = (frame: Uint8Array): FramedRequest | Malformed => {
  const items = unpackFrame(frame);
  if (isMalformed(items)) return items;
  const [id, method, path, headers, body] = items;
  if (items.length !== 5) return malformed(`a request of ${items.length} items, not 5`);
  if (!isId(id)) return malformed(`an id is a whole number from 1 to ${maxId}`);
  if (typeof method !== 'string' || !methods.test(method))
    return malformed('a method has up to 16 capital letters');
  if (typeof path !== 'string' || !isPath.test(path))
    return malformed('a path is visible ASCII that begins with /');
  if (!isHeaders(headers)) return malformed('headers are names and values in turn, all of them strings');
  if (!(body instanceof Uint8Array)) return malformed('a body is a byte string');
  return { id, method, path, headers, body };
};

/** `frame` is without its length. Never throws. The body is a view of it. */
export const decodeAnswer = (frame: Uint8Array): FramedAnswer | Malformed => {
  const items = unpackFrame(frame);
  if (isMalformed(items)) return items;
  const [id, status, headers, body] = items;
  if (items.length !== 4) return malformed(`an answer of ${items.length} items, not 4`);
  if (id !== noRequestId && !isId(id)) return malformed(`an id is a whole number up to ${maxId}`);
  if (typeof status !== 'number' || status < 100 || status > 599)
    return malformed('a status is a number from 100 to 599');
  if (!isHeaders(headers)) return malformed('headers are names and values in turn, all of them strings');
  if (!(body instanceof Uint8Array)) return malformed('a body is a byte string');
  return { id, status, headers, body };
};

/** The value of header `name`; null: there is none. */
export const headerIn = (headers: readonly string[], name: string): string | null => {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return headers[at + 1]!;
  return null;
};

/** What HTTP accepts as a path: the store's keys rely on that. */
const isPath = /^\/[!-~]*$/;

/** A frame has whole numbers only. */
const isId = (id: Plain | undefined): id is number => typeof id === 'number' && id >= 1 && id <= maxId;

const isHeaders = (headers: Plain | undefined): headers is readonly string[] =>
  Array.isArray(headers) && headers.length % 2 === 0 && headers.every((each) => typeof each === 'string');

const prefixed = (items: readonly Plain[]): Uint8Array => {
  const frame = packFrame(items);
  const all = Buffer.allocUnsafe(4 + frame.length);
  all.writeUInt32BE(frame.length);
  all.set(frame, 4);
  return all;
};
