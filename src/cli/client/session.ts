import { randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { nanoid } from 'nanoid';
import { createActor } from 'xstate';
import { clientSessionMachine } from '../../../machines/client-session.machine.ts';
import type { NodeAnswer } from '../../../machines/client-session.setup.ts';
import { contextIn } from '../../adapters/codec/trace-context.ts';
import { distrustOf, plainReach, type Reach } from './reach.ts';
import { type Headers, type Operation, type Reply, sendRequest } from './send-request.ts';

export interface SessionOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  readonly isTargeted: boolean;
  readonly timeoutMs: number;
  /** Default: for an unprotected cluster. */
  readonly reach?: Reach;
  /** Sent with each request. Default: none. */
  readonly headers?: Headers;
  /** Aborted: nobody waits for the outcome any more. */
  readonly signal?: AbortSignal;
  /** Of a read: takes the answer as it arrives, so the reply has no body. */
  readonly takes?: (incoming: IncomingMessage) => void;
}

/** Which write of a client's session this is, and up to which one the client has the answers. docs/sessions.md */
export interface WriteNumber {
  readonly session: string;
  readonly sequence: number;
  readonly received: number;
}

/** The first write of a session that nobody else has. */
export const onlyWrite = (): WriteNumber => ({ session: nanoid(), sequence: 1, received: 0 });

/** How a session ended: the final state of its chart, with what belongs to it. */
export interface SessionEnd {
  readonly state:
    | 'succeeded'
    | 'failed'
    | 'notLeader'
    | 'inconsistent'
    | 'timedOut'
    | 'unreachable'
    | 'outcomeUnknown';
  /** The reply that decided; null if none did. */
  readonly reply: Reply | null;
  /** For people: the last problem met. */
  readonly problem: string | null;
}

/** Runs `operation` to its end, a write as `write`. The chart decides; this sends, and reports the outcome. Never rejects. */
export const runSession = (
  operation: Operation,
  options: SessionOptions,
  write: WriteNumber = onlyWrite(),
): Promise<SessionEnd> =>
  new Promise((resolve) => {
    const isWrite = operation.method !== 'GET';
    const { reach = plainReach, headers: own = {}, takes, signal, ...input } = options;
    const begunMs = performance.now();
    const replies = new WeakMap<NodeAnswer, Reply>();
    let cancel = (): void => {};
    /** Of all requests: a read may have asked several nodes. */
    const cancels: (() => void)[] = [];
    const machine = clientSessionMachine.provide({
      actions: {
        request: (_, { endpoint, attempt }) => {
          const numbered = isWrite ? sessionHeader(write, performance.now() - begunMs) : {};
          const headers = { ...traceHeader(process.env.TRACEPARENT), ...numbered, ...own };
          cancel = sendRequest(reach, endpoint, operation, headers, {
            connected: () => actor.send({ type: 'Sent', attempt }),
            answered: (reply) => {
              const answer = nodeAnswer(reach, reply);
              replies.set(answer, reply);
              actor.send({ type: 'Answered', attempt, answer });
            },
            refused: (reason, isLasting) => actor.send({ type: 'Refused', attempt, reason, isLasting }),
            broken: (reason) => actor.send({ type: 'Broken', attempt, reason }),
            ...(takes === undefined ? {} : { takes }),
          });
          cancels.push(cancel);
        },
        cancelRequest: () => cancel(),
      },
    });
    const actor = createActor(machine, {
      input: { ...input, isWrite, seed: randomInt(2 ** 32) },
    });
    const interrupt = (): void => {
      if (actor.getSnapshot().status !== 'active') return;
      actor.stop();
      for (const each of cancels) each();
      resolve({ state: isWrite ? 'outcomeUnknown' : 'timedOut', reply: null, problem: 'interrupted' });
    };
    actor.subscribe({
      complete: () => {
        signal?.removeEventListener('abort', interrupt);
        for (const each of cancels) each();
        const { value, context } = actor.getSnapshot();
        const reply = context.answer === null ? null : (replies.get(context.answer) ?? null);
        resolve({ state: value as SessionEnd['state'], reply, problem: context.problem });
      },
    });
    actor.start();
    signal?.addEventListener('abort', interrupt, { once: true });
    if (signal?.aborted) interrupt();
  });

const sessionHeader = ({ session, sequence, received }: WriteNumber, ageMs: number): Headers => ({
  'x-raft-session': `${session}; sequence=${sequence}; received=${received}; age=${Math.round(ageMs)}`,
});

/** The caller's trace, as tools pass it on. An invalid one is ignored: W3C Trace Context, 3.2. */
const traceHeader = (traceparent = ''): Headers => (contextIn(traceparent) === null ? {} : { traceparent });

const nodeAnswer = (reach: Reach, reply: Reply): NodeAnswer => {
  // The value of a key may well look like an error, so a success is not read.
  const body = reply.status >= 400 ? jsonBody(reply) : null;
  const error = body?.error;
  const endpoint = typeof body?.endpoint === 'string' ? originOf(body.endpoint) : null;
  return {
    status: reply.status,
    error: typeof error === 'string' ? error : null,
    endpoint,
    distrust: endpoint === null ? null : distrustOf(reach, endpoint),
  };
};

/** Where a redirect points to, if this client can go there. */
const originOf = (endpoint: string): string | null => {
  const url = URL.parse(endpoint);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.origin : null;
};

/** The body as a JSON object; null if it is none. */
export const jsonBody = (reply: Reply): Readonly<Record<string, unknown>> | null =>
  jsonObject(reply.body.toString());

/** Null: `text` is none. */
export const jsonObject = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};
