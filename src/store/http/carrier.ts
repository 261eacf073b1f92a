import type { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Answered } from './answer.ts';

/** What is looked at of a request. */
export interface ClientRequest {
  readonly method?: string | undefined;
  /** The path with its query. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** What is told while a body is received. */
export interface BodyListener {
  readonly isAnswered: () => boolean;
  readonly answer: (answer: Answered) => void;
  /** The upload broke off. */
  readonly left: () => void;
}

/** How one request comes, and how its answer goes. */
export interface Carrier {
  readonly request: ClientRequest;
  /** It has been received to its last byte. */
  readonly isReceived: boolean;
  /** For what is more than one answer to a request about the store; null: it carries nothing else. */
  readonly http: { readonly request: IncomingMessage; readonly response: ServerResponse } | null;
  /** A refusal, or null: `complete` is called once the whole body is here. */
  receive(listener: BodyListener, complete: (body: Buffer) => Answered): Answered;
  /** It is refused, whatever its body is. */
  refuse(): void;
  /** Nothing if the client has left. */
  send(answer: Answer): void;
  /** Nobody waits for it any more. Idempotent. */
  leave(): void;
  /** The answer was sent to its last byte, or the client has left. */
  onClosed(listener: () => void): void;
}
