import type { IncomingHttpHeaders } from 'node:http';
import { isRequest } from '../../../raft/message-table.ts';
import type { Message } from '../../../raft/messages.ts';
import type { Hello } from '../../codec/control.ts';
import { messageIn } from '../../codec/json-message.ts';
import { isMalformed, type Malformed, malformed } from '../../codec/malformed.ts';
import { encodeMessage } from '../../codec/message.ts';
import { framed, helloIn, joinIn } from './control-json.ts';
import { controlPaths, typeAt } from './routes.ts';

/** A request as the frame that it stands for. */
export interface RequestFrame {
  readonly frame: Uint8Array;
  /** What the node is asked by it; null: it need not answer. */
  readonly asks: 'Hello' | 'Ping' | 'Join' | Message | null;
  /** What a greeting says. */
  readonly hello: Hello | null;
}

/** The frame that is posted at `path`, or what is wrong with it. Never throws. */
export const frameOf = (
  path: string,
  headers: IncomingHttpHeaders,
  body: Uint8Array,
): RequestFrame | Malformed => {
  switch (path) {
    case controlPaths.frame:
      return body.length === 0
        ? malformed('a frame of 0 bytes')
        : { frame: new Uint8Array(body), asks: null, hello: null };
    case controlPaths.hello: {
      const read = helloIn(headers);
      return isMalformed(read) ? read : { ...read, asks: 'Hello' };
    }
    case controlPaths.join: {
      const read = joinIn(headers);
      return isMalformed(read) ? read : { ...read, asks: 'Join', hello: null };
    }
  }
  const json = jsonIn(body);
  if (json === undefined) return malformed('the body is not JSON in UTF-8');
  if (path === controlPaths.ping) {
    const start = (json as { readonly start?: unknown } | null)?.start;
    const read = framed({ type: 'Ping', start: start as number });
    return isMalformed(read) ? read : { ...read, asks: 'Ping', hello: null };
  }
  const [from, to] = [Number(headers['raft-from']), Number(headers['raft-to'])];
  const message = messageIn(typeAt.get(path)!, from, to, json);
  if (isMalformed(message)) return message;
  return { frame: encodeMessage(message), asks: isRequest(message) ? message : null, hello: null };
};

const decoder = new TextDecoder('utf-8', { fatal: true });

const jsonIn = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    return undefined;
  }
};
