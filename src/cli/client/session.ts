import { randomInt } from 'node:crypto';
import { createActor } from 'xstate';
import { clientSessionMachine } from '../../../machines/client-session.machine.ts';
import type { NodeAnswer } from '../../../machines/client-session.setup.ts';
import { type Operation, type Reply, sendRequest } from './send-request.ts';

export interface SessionOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  readonly isTargeted: boolean;
  readonly timeoutMs: number;
}

/** How a session ended: the final state of its chart, with what belongs to it. */
export interface SessionEnd {
  readonly state: 'succeeded' | 'failed' | 'notLeader' | 'inconsistent' | 'timedOut' | 'outcomeUnknown';
  /** The last reply, if there was one. It is the one that decided unless the session timed out. */
  readonly reply: Reply | null;
  /** For people: the last problem met. */
  readonly problem: string | null;
}

/** Runs `operation` to its end. The chart decides; this sends, and reports the outcome. Never rejects. */
export const runSession = (operation: Operation, options: SessionOptions): Promise<SessionEnd> =>
  new Promise((resolve) => {
    let reply: Reply | null = null;
    let cancel = (): void => {};
    const machine = clientSessionMachine.provide({
      actions: {
        request: (_, { endpoint, attempt }) => {
          cancel = sendRequest(endpoint, operation, {
            answered: (received) => {
              reply = received;
              actor.send({ type: 'Answered', attempt, answer: nodeAnswer(received) });
            },
            refused: (reason) => actor.send({ type: 'Refused', attempt, reason }),
            broken: (reason) => actor.send({ type: 'Broken', attempt, reason }),
          });
        },
        cancelRequest: () => cancel(),
      },
    });
    const actor = createActor(machine, {
      input: { ...options, isWrite: operation.method !== 'GET', seed: randomInt(2 ** 32) },
    });
    actor.subscribe({
      complete: () => {
        const { value, context } = actor.getSnapshot();
        resolve({ state: value as SessionEnd['state'], reply, problem: context.problem });
      },
    });
    actor.start();
  });

const nodeAnswer = (reply: Reply): NodeAnswer => {
  // The value of a key may well look like an error, so a success is not read.
  const body = reply.status >= 400 ? jsonBody(reply) : null;
  const error = body?.error;
  const endpoint = body?.endpoint;
  return {
    status: reply.status,
    error: typeof error === 'string' ? error : null,
    endpoint: typeof endpoint === 'string' ? originOf(endpoint) : null,
  };
};

/** Where a redirect points to, if this client can go there. */
const originOf = (endpoint: string): string | null => {
  const url = URL.parse(endpoint);
  return url?.protocol === 'http:' ? url.origin : null;
};

/** The body as a JSON object; null if it is none. */
export const jsonBody = (reply: Reply): Readonly<Record<string, unknown>> | null => {
  try {
    const parsed: unknown = JSON.parse(reply.body.toString());
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};
