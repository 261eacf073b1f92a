import { AsyncLocalStorage } from 'node:async_hooks';
import { askWithin, type RequestSpan } from '../http/request-span.ts';

/** Traces what etcd's clients ask for. Must not throw. */
export interface EtcdTracing {
  /** A call of the method at `path` (`/etcdserverpb.KV/Put`) has been let in. Continues the trace that `traceparent` names. Null: it is not traced. */
  beginCall(path: string, traceparent: unknown): CallSpan | null;
}

/** One call with one answer. Its status: gRPC's name, such as `UNAVAILABLE`. */
export type CallSpan = RequestSpan<string>;

/** Carried across everything that an answer awaits. */
const current = new AsyncLocalStorage<CallSpan>();

/** Runs `answer` within the span of its call. */
export const spanning = <Answer>(span: CallSpan | null, answer: () => Answer): Answer =>
  span === null ? answer() : current.run(span, answer);

/** Asks the node for something, within the trace of the call that is being answered, if it has one. */
export const askWithinCall = <Asked>(ask: () => Asked): Asked => askWithin(current.getStore() ?? null, ask);
