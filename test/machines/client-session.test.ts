import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyActorScope, createActor, type SnapshotFrom } from 'xstate';
import { clientSessionMachine } from '../../machines/client-session.machine.ts';
import type {
  ClientSessionEvent,
  ClientSessionInput,
  NodeAnswer,
} from '../../machines/client-session.setup.ts';

const [a, b, c] = ['http://a:1', 'http://b:1', 'http://c:1'];
const read: ClientSessionInput = {
  endpoints: [a!, b!, c!],
  isWrite: false,
  isTargeted: false,
  timeoutMs: 5000,
  seed: 1,
};
const write: ClientSessionInput = { ...read, isWrite: true };
const targeted: ClientSessionInput = { ...write, endpoints: [a!], isTargeted: true };

const timers = {
  session: 'xstate.after.sessionTimeout.clientSession.working',
  answer: 'xstate.after.answerTimeout.clientSession.working.requesting',
  retry: 'xstate.after.retryDelay.clientSession.working.waitingToRetry',
} as const;

interface ExecutedAction {
  readonly type: string;
  readonly params: {
    readonly attempt?: number;
    readonly endpoint?: string;
    readonly delay?: number;
    readonly event?: { readonly type: string };
    readonly sendId?: string;
  };
}

/** A session that is stepped purely, with what it asked for and which timers run. */
class Session {
  #snapshot: SnapshotFrom<typeof clientSessionMachine>;
  readonly #scope: AnyActorScope;
  /** Effects since the last look. */
  #effects: string[] = [];
  readonly running = new Set<string>();
  /** Of all timers that were set. */
  readonly delays: number[] = [];

  constructor(input: ClientSessionInput) {
    const self = createActor(clientSessionMachine, { input });
    this.#scope = {
      self,
      system: self.system,
      defer: () => {},
      logger: () => {},
      stopChild: () => {},
      emit: () => {},
      actionExecutor: (action: ExecutedAction) => this.#record(action),
    } as unknown as AnyActorScope;
    this.#snapshot = clientSessionMachine.getInitialSnapshot(this.#scope as never, input);
  }

  get state(): string {
    const { value } = this.#snapshot;
    return typeof value === 'string' ? value : value.working;
  }

  get context() {
    return this.#snapshot.context;
  }

  get isDone(): boolean {
    return this.#snapshot.status === 'done';
  }

  effects(): readonly string[] {
    return this.#effects.splice(0);
  }

  send(event: ClientSessionEvent): this {
    this.#snapshot = clientSessionMachine.transition(this.#snapshot, event, this.#scope as never);
    return this;
  }

  fire(timer: keyof typeof timers): this {
    expect(this.running).toContain(timers[timer]);
    this.running.delete(timers[timer]);
    return this.send({ type: timers[timer] } as never);
  }

  answer(status: number, more: Partial<NodeAnswer> = {}, attempt = this.context.attempt): this {
    const answer = { status, error: null, endpoint: null, distrust: null, ...more };
    return this.send({ type: 'Answered', attempt, answer });
  }

  sent(attempt = this.context.attempt): this {
    return this.send({ type: 'Sent', attempt });
  }

  refuse(attempt = this.context.attempt): this {
    return this.send({ type: 'Refused', attempt, reason: 'ECONNREFUSED', isLasting: false });
  }

  /** Its certificate, say, is of no authority that is trusted. */
  bar(attempt = this.context.attempt): this {
    const reason = `${this.context.endpoint} is not trusted`;
    return this.send({ type: 'Refused', attempt, reason, isLasting: true });
  }

  /** A follower names a leader to which, say, the token must not be sent. */
  misdirect(): this {
    return this.answer(421, { endpoint: 'http://d:1', distrust: 'nobody named http://d:1' });
  }

  break(attempt = this.context.attempt): this {
    return this.send({ type: 'Broken', attempt, reason: 'ECONNRESET' });
  }

  #record({ type, params }: ExecutedAction): void {
    if (type === 'request') this.#effects.push(`request ${params.attempt} ${params.endpoint}`);
    else if (type === 'cancelRequest') this.#effects.push('cancel');
    else if (type === 'xstate.raise' && params.delay !== undefined) {
      this.running.add(params.event!.type);
      this.delays.push(params.delay);
    } else if (type === 'xstate.cancel') this.running.delete(params.sendId!);
  }
}

describe('finding the leader', () => {
  it('asks the first endpoint, and is done when it answers', () => {
    const session = new Session(write);
    expect(session.effects()).toEqual([`request 1 ${a}`]);
    session.answer(200);
    expect(session).toMatchObject({ state: 'succeeded', isDone: true });
    expect(session.context.answer?.status).toBe(200);
    expect(session.running.size).toBe(0);
  });

  it('follows the endpoint that a follower names', () => {
    const session = new Session(write).answer(421, { error: 'not_leader', endpoint: 'http://d:1' });
    expect(session.effects()).toEqual([`request 1 ${a}`, 'request 2 http://d:1']);
  });

  it.each([
    ['refuses the connection', (s: Session) => s.refuse()],
    ['knows no leader', (s: Session) => s.answer(503, { error: 'no_leader' })],
    ['cannot say where the leader is', (s: Session) => s.answer(421, { error: 'not_leader' })],
  ])('asks the next endpoint in turn when one %s, each once, then waits, then starts again', (_what, say) => {
    const session = new Session(write);
    for (let i = 0; i < 3; i++) say(session);
    expect(session.effects()).toEqual([`request 1 ${a}`, `request 2 ${b}`, `request 3 ${c}`]);
    expect(session.state).toBe('waitingToRetry');
    session.fire('retry');
    expect(session.effects()).toEqual([`request 4 ${a}`]);
    expect(session.context).toMatchObject({ tried: 1, rounds: 1 });
  });

  it('asks its own endpoints again when the leader that was named is gone', () => {
    const session = new Session(write).answer(421, { endpoint: 'http://d:1' }).refuse();
    expect(session.effects().at(-1)).toBe(`request 3 ${b}`);
  });

  it('does not follow redirects round and round', () => {
    const session = new Session({ ...write, endpoints: [a!] });
    let redirects = 0;
    while (session.state === 'requesting' && redirects < 100) {
      session.answer(421, { endpoint: redirects % 2 ? a! : b! });
      redirects += 1;
    }
    expect(session.state).toBe('waitingToRetry');
    expect(redirects).toBe(6);
    session.fire('retry').answer(421, { endpoint: b! });
    expect(session.effects().at(-1)).toBe(`request 8 ${b}`);
  });

  it('waits when the leader is overloaded', () => {
    expect(new Session(write).answer(429, { error: 'overloaded' }).state).toBe('waitingToRetry');
  });

  it('waits longer each round, from half of the delay on, up to 400 ms, the same for the same seed', () => {
    const delays = (seed: number) => {
      const session = new Session({ ...write, endpoints: [a!], seed });
      return Array.from({ length: 8 }, () => {
        session.refuse();
        const delay = session.context.retryDelayMs;
        session.fire('retry');
        return delay;
      });
    };
    for (const [round, delay] of delays(7).entries()) {
      const full = Math.min(400, 25 * 2 ** round);
      expect(delay).toBeGreaterThanOrEqual(Math.floor(full / 2));
      expect(delay).toBeLessThanOrEqual(full);
    }
    expect(delays(7)).toEqual(delays(7));
    expect(delays(7)).not.toEqual(delays(8));
  });
});

describe('a write', () => {
  it.each([
    ['is answered unknown_outcome', (s: Session) => s.answer(504, { error: 'unknown_outcome' })],
    ['meets a server error', (s: Session) => s.answer(502)],
    ['breaks off', (s: Session) => s.break()],
    ['is not answered in time', (s: Session) => s.sent().fire('answer')],
  ])('is sent again when it %s, until somebody knows', (_what, say) => {
    const session = say(new Session(write));
    expect(session.effects().filter((effect) => effect !== 'cancel')).toEqual([
      `request 1 ${a}`,
      `request 2 ${b}`,
    ]);
    expect(session.context.problem).toContain(a);
    expect(session.answer(200)).toMatchObject({ state: 'succeeded', isDone: true });
  });

  it.each([
    ['is answered unknown_outcome', (s: Session) => s.answer(504, { error: 'unknown_outcome' })],
    ['meets a server error', (s: Session) => s.answer(502)],
    ['breaks off', (s: Session) => s.break()],
    ['is not answered in time', (s: Session) => s.sent().fire('answer')],
  ])('may have happened if the time ends between two tries after it %s', (_what, say) => {
    const session = say(new Session(write)).refuse().refuse();
    expect(session.state).toBe('waitingToRetry');
    expect(session.fire('session')).toMatchObject({ state: 'outcomeUnknown', isDone: true });
  });

  it('that was overwritten is an inconsistency', () => {
    const session = new Session(write).answer(409, { error: 'overwritten' }).refuse().refuse();
    expect(session.fire('session')).toMatchObject({ state: 'inconsistent', isDone: true });
    expect(session.context.answer).toMatchObject({ error: 'overwritten' });
  });

  it('that was overwritten is sent again, and may have happened if an attempt was lost', () => {
    const session = new Session(write).answer(409, { error: 'overwritten' });
    expect(session.effects()).toEqual([`request 1 ${a}`, `request 2 ${b}`]);
    expect(session.break().refuse().fire('session').state).toBe('outcomeUnknown');
  });

  it('whose answer is late is waited for, longer each time: all nodes may be slow', () => {
    const session = new Session({ ...write, timeoutMs: 8000 });
    const waits = [1, 2, 3].map(() => {
      const [wait] = session.delays.slice(-1);
      session.fire('answer');
      return wait;
    });
    expect(waits).toEqual([2000, 4000, 8000]);
  });

  it('whose request is open when the time ends may have happened', () => {
    const session = new Session(write).sent().fire('session');
    expect(session).toMatchObject({ state: 'outcomeUnknown', isDone: true });
    expect(session.effects()).toEqual([`request 1 ${a}`, 'cancel']);
  });

  it.each([
    [410, 'session_expired'],
    [410, 'answer_forgotten'],
    [400, 'bad_request'],
    [404, null],
  ])('that may have happened is not told by a refusal of another attempt: %i %s', (status, error) => {
    const session = new Session(write).break().answer(status, { error });
    expect(session).toMatchObject({ state: 'outcomeUnknown', isDone: true });
    expect(new Session(write).answer(status, { error })).toMatchObject({ state: 'failed' });
  });

  it('that may have happened is told by a failed cas: it is the first answer again', () => {
    expect(new Session(write).break().answer(409, { error: 'cas_failed' }).state).toBe('failed');
  });

  it('has not happened when there was no connection by the time that ends, nor by the one after which others are asked', () => {
    const session = new Session(write).fire('answer');
    expect(session.effects()).toEqual([`request 1 ${a}`, 'cancel', `request 2 ${b}`]);
    expect(session.fire('session')).toMatchObject({ state: 'timedOut', isDone: true });
    expect(new Session(write).sent().fire('answer').fire('session').state).toBe('outcomeUnknown');
  });

  it('that was overwritten is an inconsistency when the time ends before the next attempt has a connection', () => {
    const session = new Session(write).answer(409, { error: 'overwritten' });
    expect(session.fire('session')).toMatchObject({ state: 'inconsistent', isDone: true });
  });

  it('has not happened when the time ends between two tries', () => {
    const session = new Session(write).refuse().refuse().refuse().fire('session');
    expect(session).toMatchObject({ state: 'timedOut', isDone: true });
    expect(session.context.problem).toBe(`ECONNREFUSED at ${c}`);
  });
});

describe('a problem that trying again does not change', () => {
  it.each([read, write])('ends the session at once if each endpoint comes to one: %#', (input) => {
    const session = new Session(input).bar().answer(421, { endpoint: 'http://d:1' }).bar().bar();
    expect(session).toMatchObject({ state: 'unreachable', isDone: true });
    expect(session.context.problem).toBe(`${c} is not trusted`);
    expect(session.running.size).toBe(0);
  });

  it('is a leader that must not be asked, by whichever follower it is named: nothing is sent there', () => {
    const session = new Session(write).misdirect().misdirect().misdirect();
    expect(session).toMatchObject({ state: 'unreachable', isDone: true });
    expect(session.effects()).toEqual([`request 1 ${a}`, `request 2 ${b}`, `request 3 ${c}`]);
    expect(session.context.problem).toBe(
      'the redirect to the leader is not followed: nobody named http://d:1',
    );
  });

  it('is told even if another endpoint comes to a passing one later, if it is a leader that must not be asked', () => {
    const session = new Session(write).misdirect().refuse().refuse().fire('session');
    expect(session).toMatchObject({ state: 'timedOut', isDone: true });
    expect(session.context.problem).toContain('nobody named http://d:1');
  });

  it('is none for one target: its redirect is the answer', () => {
    expect(new Session(targeted).misdirect().state).toBe('notLeader');
  });

  it.each([
    ['refuses connections', (s: Session) => s.refuse()],
    ['knows no leader', (s: Session) => s.answer(503, { error: 'no_leader' })],
    ['is silent', (s: Session) => s.fire('answer')],
  ])('is tried again in the next round if another endpoint %s', (_what, say) => {
    const session = say(new Session(write).bar()).bar();
    expect(session.state).toBe('waitingToRetry');
    expect(session.fire('retry').bar().bar().bar().state).toBe('unreachable');
  });

  it('of one endpoint ends no session, however many rounds there are, while others may still serve', () => {
    const session = new Session(write).bar().refuse().refuse();
    for (let round = 1; round <= 4; round++) {
      expect(session.state).toBe('waitingToRetry');
      session.fire('retry').bar().refuse().refuse();
    }
  });

  it('ends no session whose write was overwritten: the time decides what is told', () => {
    const session = new Session({ ...write, endpoints: [a!] }).answer(409, { error: 'overwritten' });
    expect(session.fire('retry').bar().state).toBe('waitingToRetry');
    expect(session.fire('session').state).toBe('inconsistent');
  });

  it('does not tell what became of a write that may have arrived', () => {
    const session = new Session({ ...write, endpoints: [a!] }).sent().break().fire('retry').bar();
    expect(session.state).toBe('waitingToRetry');
    expect(session.fire('session').state).toBe('outcomeUnknown');
  });
});

describe('a read', () => {
  it.each([
    ['is answered unknown_outcome', (s: Session) => s.answer(504, { error: 'unknown_outcome' })],
    ['was overwritten', (s: Session) => s.answer(409, { error: 'overwritten' })],
    ['breaks off', (s: Session) => s.break()],
  ])('is asked again elsewhere when it %s', (_what, say) => {
    const session = say(new Session(read));
    expect(session.effects()).toEqual([`request 1 ${a}`, `request 2 ${b}`]);
  });

  it('is asked elsewhere as well when a node stays silent, a sixteenth of the time on, and whoever answers first counts', () => {
    const session = new Session(read).fire('answer');
    expect(session.effects()).toEqual([`request 1 ${a}`, `request 2 ${b}`]);
    expect(session.delays).toEqual([5000, 312, 625]);
    session.answer(503, {}, 1).refuse(1).break(1);
    expect(session).toMatchObject({ state: 'requesting' });
    expect(session.answer(200, {}, 1)).toMatchObject({ state: 'succeeded' });
  });

  it('is served by a node that was slow while the session waits for its next round', () => {
    const session = new Session(read).fire('answer').refuse().refuse();
    expect(session).toMatchObject({ state: 'waitingToRetry' });
    expect(session.answer(200, {}, 1)).toMatchObject({ state: 'succeeded' });
  });

  it('times out without having changed anything', () => {
    const session = new Session(read).fire('session');
    expect(session).toMatchObject({ state: 'timedOut', isDone: true });
    expect(session.effects()).toEqual([`request 1 ${a}`, 'cancel']);
    expect(session.context.problem).toBe(`no answer in time from ${a}`);
  });
});

describe('answers that end the session', () => {
  it.each([
    [404, 'key_not_found'],
    [409, 'cas_failed'],
    [400, 'bad_request'],
    [413, 'body_too_large'],
  ])('%i %s', (status, error) => {
    for (const input of [read, write]) {
      const session = new Session(input).answer(status, { error });
      expect(session).toMatchObject({ state: 'failed', isDone: true });
      expect(session.context.answer).toMatchObject({ status, error });
    }
  });
});

describe('one target', () => {
  it('that does not lead is the answer, redirect or not', () => {
    const answer = { error: 'not_leader', endpoint: b! };
    expect(new Session(targeted).answer(421, answer)).toMatchObject({ state: 'notLeader', isDone: true });
  });

  it('that does not lead any more, after an attempt that may have arrived, leaves the write unknown', () => {
    const session = new Session(targeted).break().fire('retry').answer(421, { endpoint: b! });
    expect(session).toMatchObject({ state: 'outcomeUnknown', isDone: true });
  });

  it('that refuses is asked again after a while, and no other', () => {
    const session = new Session(targeted).refuse();
    expect(session.state).toBe('waitingToRetry');
    session.fire('retry');
    expect(session.effects()).toEqual([`request 1 ${a}`, `request 2 ${a}`]);
  });
});

it('late reports between two tries are ignored', () => {
  const session = new Session(write).refuse().refuse().refuse();
  session.answer(200, {}, 2).sent(3).refuse(3).break(1);
  expect(session.state).toBe('waitingToRetry');
});

it('a write ends without an answer only as unknown if an attempt may have arrived, and only as not done if none has', () => {
  const statuses = [200, 404, 409, 410, 421, 429, 502, 503, 504] as const;
  const step = fc.constantFrom(
    ...statuses,
    ...(['sent', 'refuse', 'bar', 'misdirect', 'break', 'retry', 'answer', 'session'] as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer(), fc.boolean(), (steps, seed, isTargeted) => {
      const session = new Session({ ...(isTargeted ? targeted : write), seed });
      session.effects();
      let mayHaveArrived = false;
      let isSent = false;
      for (const next of steps) {
        const wasOpen = session.state === 'requesting';
        if (next === 'sent') session.sent();
        else if (next === 'refuse') session.refuse();
        else if (next === 'bar') session.bar();
        else if (next === 'misdirect') session.misdirect();
        else if (next === 'break') session.break();
        else if (typeof next === 'number')
          session.answer(next, next === 503 ? { error: 'no_leader' } : { endpoint: b! });
        else if (session.running.has(timers[next])) session.fire(next);
        else continue;
        const sent = session.effects().filter((effect) => effect.startsWith('request')).length;
        if (wasOpen && ['break', 502, 504].includes(next)) mayHaveArrived = true;
        if (wasOpen && isSent && ['answer', 'session'].includes(String(next))) mayHaveArrived = true;
        isSent = next === 'sent' ? wasOpen : isSent && sent === 0;
        expect(sent).toBeLessThanOrEqual(1);
        if (session.isDone) break;
      }
      if (!session.isDone) return;
      expect(session.running.size).toBe(0);
      if (session.state === 'outcomeUnknown') expect(mayHaveArrived).toBe(true);
      if (['timedOut', 'unreachable', 'inconsistent', 'notLeader'].includes(session.state))
        expect(mayHaveArrived).toBe(false);
    }),
    { numRuns: 1000 },
  );
});
