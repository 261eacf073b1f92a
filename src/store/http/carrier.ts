import type { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Answered } from './answer.ts';

/** The part of a request that is looked at. */
export interface ClientRequest {
  readonly method?: string | undefined;
  /** The path with its query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** What a carrier asks and reports while it receives a body. */
export interface BodyListener {
  readonly isAnswered: () => boolean;
  readonly answer: (answer: Answered) => void;
  /** The upload broke off. */
  readonly left: () => void;
}

/** How one request arrives and its answer leaves. */
export interface Carrier {
  readonly request: ClientRequest;
  /** It has been received to its last byte. */
  readonly isReceived: boolean;
  /** For an answer that is a stream, or takes long; null: there are none of those here. */
  readonly http: { readonly request: IncomingMessage; readonly response: ServerResponse } | null;
  /** Calls `complete` once the whole body is here. Returns the answer if it is known at once, as a refusal is; null: it comes later. */
  receive(listener: BodyListener, complete: (body: Buffer) => Answered): Answered;
  /** Does nothing if the client has left. */
  send(answer: Answer): void;
  /** Nobody waits for it any more. Idempotent. */
  leave(): void;
  /** The answer was sent to its last byte, or the client has left. */
  onClosed(listener: () => void): void;
}
