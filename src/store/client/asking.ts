import { type AnyActorRef, createActor } from 'xstate';
import { clientSessionMachine } from '../../../machines/client-session.machine.ts';
import type { NodeAnswer, Request } from '../../../machines/client-session.setup.ts';
import { errorIn, jsonOf, leaderIn } from './answers.ts';
import { aborted, ClientError } from './client-error.ts';
import { failureOf } from './failure.ts';
import type { Fetch, Fetched } from './fetching.ts';

/** How a client reaches nodes. */
export interface Reaching {
  readonly fetch: Fetch;
  /** Null: it has none. */
  readonly token: string | null;
}

/** What is asked of whichever node can answer it. */
export interface Question {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Such as `/v2/kv/a?…`. */
  readonly path: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The same at each attempt, but for the age. Null: it changes nothing. */
  readonly write: { readonly session: string; readonly sequence: number; readonly received: number } | null;
  readonly endpoints: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A node's answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Fetched['headers'];
  readonly body: Uint8Array;
  /** Whose it is. */
  readonly endpoint: string;
}

interface Run {
  readonly request: (asked: Request) => void;
  readonly cancel: () => void;
}

/** What the effects of each question's chart do: to bind them anew to each chart would cost more than all the rest. */
const runs = new WeakMap<AnyActorRef, Run>();
const machine = clientSessionMachine.provide({
  actions: {
    request: ({ self }, asked) => runs.get(self)!.request(asked),
    cancelRequest: ({ self }) => runs.get(self)!.cancel(),
  },
});

/** Asks nodes until the chart of a client's session says what became of it. Rejects with `ClientError`; resolves with the answers of nodes, whether yes or no. */
export const ask = (question: Question, { fetch, token }: Reaching): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { method, path, body, write, endpoints, timeoutMs, signal } = question;
    if (signal?.aborted) {
      reject(aborted());
      return;
    }
    const begunMs = performance.now();
    const replies = new Map<NodeAnswer, Reply>();
    const open = new Set<AbortController>();
    let cancel = (): void => {};
    const request = async (endpoint: string, attempt: number, aborter: AbortController): Promise<void> => {
      const ageMs = Math.round(performance.now() - begunMs);
      const headers: Record<string, string> = {
        ...question.headers,
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...authorization(token),
        ...(write === null
          ? {}
          : {
              'x-raft-session': `${write.session}; sequence=${write.sequence}; received=${write.received}; age=${ageMs}`,
            }),
      };
      try {
        const response = await fetch(`${endpoint}${path}`, {
          method,
          headers,
          // A node redirects by what it says alone. Not `error`: with that, undici sends a body only once, though it has to repeat a request that is answered 421 (Fetch standard, §4.6).
          redirect: 'manual',
          signal: aborter.signal,
          ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> | string }),
        });
        const bytes = new Uint8Array(await response.arrayBuffer());
        const reply = { status: response.status, headers: response.headers, body: bytes, endpoint };
        const answer = answerOf(reply);
        replies.set(answer, reply);
        if (isActive()) actor.send({ type: 'Answered', attempt, answer });
      } catch (error) {
        if (aborter.signal.aborted || !isActive()) return;
        const { reason, isNotSent, isLasting } = failureOf(endpoint, error);
        actor.send(
          isNotSent ? { type: 'Refused', attempt, reason, isLasting } : { type: 'Broken', attempt, reason },
        );
      } finally {
        open.delete(aborter);
      }
    };
    const actor = createActor(machine, {
      input: { endpoints, isWrite: write !== null, isTargeted: false, timeoutMs, seed: seed() },
    });
    runs.set(actor, {
      request: ({ endpoint, attempt }) => {
        const aborter = new AbortController();
        open.add(aborter);
        cancel = () => aborter.abort();
        // Whether it arrives is not known before it is answered, or refused.
        queueMicrotask(() => {
          if (isActive()) actor.send({ type: 'Sent', attempt });
        });
        void request(endpoint, attempt, aborter);
      },
      cancel: () => cancel(),
    });
    const isActive = (): boolean => actor.getSnapshot().status === 'active';
    const stop = (): void => {
      const { isSent, isInDoubt } = actor.getSnapshot().context;
      reject(write !== null && (isSent || isInDoubt) ? writeGivenUp() : aborted());
      actor.stop();
    };
    signal?.addEventListener('abort', stop, { once: true });
    actor.subscribe({
      complete: () => {
        signal?.removeEventListener('abort', stop);
        for (const each of open) each.abort();
        const { value, context } = actor.getSnapshot();
        const reply = context.answer === null ? undefined : replies.get(context.answer);
        if ((value === 'succeeded' || value === 'failed') && reply !== undefined) resolve(reply);
        else reject(endedAs(String(value), context.problem));
      },
    });
    actor.start();
  });

/** The header of a client that has a token. */
export const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Any number: it spreads the retries of many clients. */
const seed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;

const writeGivenUp = (): ClientError =>
  new ClientError('unknown_outcome', 'the write was given up, and may have been done');

const endedAs = (state: string, problem: string | null): ClientError => {
  const last = problem === null ? '' : `: ${problem}`;
  switch (state) {
    case 'outcomeUnknown':
      return new ClientError('unknown_outcome', `no node said in time what became of the write${last}`);
    case 'unreachable':
      return new ClientError('unreachable', `no node can be reached${last}`);
    default:
      return new ClientError('timed_out', `no node answered in time, and nothing was done${last}`);
  }
};

const answerOf = (reply: Reply): NodeAnswer => ({
  status: reply.status,
  error: errorIn(reply),
  // The value of a key may well look like an answer, so a success is not read.
  ...leaderIn(reply.status >= 400 ? jsonOf(reply.body) : null, reply.endpoint),
});
