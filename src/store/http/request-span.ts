import type { IncomingMessage } from 'node:http';

/** Traces what clients ask for. Must not throw. */
export interface HttpTracing {
  /** A request for a key has been routed. Continues the trace named by its `traceparent` header. Null: it is not traced. */
  begin(operation: string, request: Pick<IncomingMessage, 'method' | 'headers'>): RequestSpan | null;
}

/** One request. It ends with `answered` or `left`. */
export interface RequestSpan {
  /** Runs `work`; what it asks of the node belongs to this request. */
  within(work: () => void): void;
  answered(status: number): void;
  /** The client disconnected before it was answered. */
  left(): void;
}
