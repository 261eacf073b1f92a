import type { IncomingMessage } from 'node:http';

/** Traces what clients ask for. Must not throw. */
export interface HttpTracing {
  /** A request for a key has been routed. Continues the trace named by its `traceparent` header. Null: it is not traced. */
  begin(operation: string, request: Pick<IncomingMessage, 'method' | 'headers'>): RequestSpan | null;
}

/** One request, by HTTP or another protocol, whose answers have statuses of type `Status`. It ends with `answered` or `left`. */
export interface RequestSpan<Status = number> {
  /** Runs `work`; what it asks of the node belongs to this request. */
  within(work: () => void): void;
  answered(status: Status): void;
  /** The client disconnected before it was answered. */
  left(): void;
}

/** Asks the node for something, within the trace of a request, if it has one. */
export const askWithin = <Asked>(span: RequestSpan<never> | null, ask: () => Asked): Asked => {
  if (span === null) return ask();
  let asked: Asked;
  span.within(() => {
    asked = ask();
  });
  return asked!;
};
