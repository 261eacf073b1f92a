import { ClientSession } from '../sessions/client-session.ts';
import { errorIn } from './answers.ts';
import type { Question, Reply } from './asking.ts';
import { aborted, ClientError, closed } from './client-error.ts';

/** Sends one write, in its place, in the time that is left. */
type Send = (write: NonNullable<Question['write']>, timeoutMs: number) => Promise<Reply>;

/** The writes of a client, each in its place in a session. docs/sessions.md */
export class SessionWrites {
  readonly #closing: AbortSignal;
  #session = newSession();
  /** Writes that wait until the session takes one more, the one that came first in front. */
  readonly #waiting: (() => void)[] = [];

  constructor(closing: AbortSignal) {
    this.#closing = closing;
    // One listener for all: adding one to many of a signal takes time for each of them.
    closing.addEventListener('abort', () => {
      for (const wake of [...this.#waiting]) wake();
    });
  }

  /** Sends one write, again in another session where the nodes have forgotten this one. `timeoutMs` includes the wait for a place. Rejects with `ClientError`, and as `send` does. */
  async write(send: Send, timeoutMs: number, signal: AbortSignal | undefined): Promise<Reply> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const { session, sequence } = await this.#taken(deadlineMs, signal);
      const place = { session: session.name, sequence, received: session.received };
      try {
        const reply = await send(place, Math.max(1, Math.ceil(deadlineMs - performance.now())));
        if (errorIn(reply) !== 'session_expired') {
          session.answered(sequence);
          return reply;
        }
        // Nothing was done: again, in another session.
        session.givenUp(sequence);
        session.expire();
      } catch (error) {
        session.givenUp(sequence);
        throw error;
      } finally {
        this.#waiting[0]?.();
      }
    }
  }

  /** A place in the session for one more write. */
  async #taken(
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly session: ClientSession; readonly sequence: number }> {
    for (let isWaiting = false; ; isWaiting = true) {
      const leftMs = deadlineMs - performance.now();
      const failure = signal?.aborted
        ? aborted()
        : this.#closing.aborted
          ? closed()
          : leftMs <= 0
            ? new ClientError('timed_out', 'earlier writes were not answered in time, and nothing was done')
            : null;
      if (failure !== null) {
        // It may have been told of a place.
        if (isWaiting) this.#waiting[0]?.();
        throw failure;
      }
      if (this.#session.isOver) this.#session = newSession();
      const session = this.#session;
      // Nobody overtakes those who wait.
      const sequence = isWaiting || this.#waiting.length === 0 ? session.take() : null;
      if (sequence !== null) {
        // An answer may have made room for several.
        if (isWaiting) this.#waiting[0]?.();
        return { session, sequence };
      }
      await this.#placeIsFree(leftMs, signal, isWaiting);
    }
  }

  /** Resolves once there may be a place, or the time, the signal or the client has ended: look again. `isAgain`: it has waited in front before. */
  #placeIsFree(ms: number, signal: AbortSignal | undefined, isAgain: boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        const at = this.#waiting.indexOf(wake);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake, { once: true });
      if (isAgain) this.#waiting.unshift(wake);
      else this.#waiting.push(wake);
    });
  }
}

const newSession = (): ClientSession => new ClientSession(crypto.randomUUID());
