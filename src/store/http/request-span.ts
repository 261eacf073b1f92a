import type { IncomingMessage } from 'node:http';

/** Traces what clients ask for. Must not throw. */
export interface HttpTracing {
  /** A request for a key has been routed. It goes on in the trace that its header `traceparent` names. Null: it is not traced. */
  begin(operation: string, request: Pick<IncomingMessage, 'method' | 'headers'>): RequestSpan | null;
}

/** One request. It ends with `answered` or `left`. */
export interface RequestSpan {
  /** What `work` asks of the node belongs to this request. */
  within(work: () => void): void;
  answered(status: number): void;
  /** The client has gone before it was answered. */
  left(): void;
}
