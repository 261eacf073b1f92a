import { AsyncLocalStorage } from 'node:async_hooks';

/** Traces what etcd's clients ask for. Must not throw. */
export interface EtcdTracing {
  /** A call of the method at `path` (`/etcdserverpb.KV/Put`) has been let in. Continues the trace that `traceparent` names. Null: it is not traced. */
  beginCall(path: string, traceparent: unknown): CallSpan | null;
}

/** One call with one answer. It ends with `answered` or `left`. */
export interface CallSpan {
  /** Runs `work`; what it asks of the node meanwhile belongs to this call. */
  within(work: () => void): void;
  /** `code`: gRPC's name, such as `UNAVAILABLE`. */
  answered(code: string): void;
  /** The client left before it was answered. */
  left(): void;
}

/** Over all that an answer waits for. */
const answering = new AsyncLocalStorage<CallSpan>();

/** Has a call answered whose span this is. */
export const spanning = <Answer>(span: CallSpan | null, answer: () => Answer): Answer =>
  span === null ? answer() : answering.run(span, answer);

/** Asks the node for something, within the trace of the call that is being answered, if it has one. */
export const asking = <Asked>(ask: () => Asked): Asked => {
  const span = answering.getStore();
  if (span === undefined) return ask();
  let asked: Asked;
  span.within(() => {
    asked = ask();
  });
  return asked!;
};
