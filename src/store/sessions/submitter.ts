import { type AnyActorRef, createActor } from 'xstate';
import { clientSessionMachine } from '../../../machines/client-session.machine.ts';
import type { NodeAnswer, Request } from '../../../machines/client-session.setup.ts';
import type { RaftNode } from '../../node/node.ts';
import type { Clock } from '../../ports/clock.ts';
import { PassingMap } from '../../ports/passing-map.ts';
import { PassingSet } from '../../ports/passing-set.ts';
import type { Random } from '../../ports/random.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import { ClientSession } from './client-session.ts';
import { decodeEnvelope, encodeEnvelope } from './envelope.ts';
import {
  type Attempted,
  attemptedOf,
  decodeForwarded,
  encodeForwarded,
  type Forwarded,
} from './forwarded.ts';
import type { ResultCodec, SessionResult } from './session-state-machine.ts';
import { type CommandTrace, type SubmitTracing, untraced } from './submit-tracing.ts';

/** What a submitter is made of. */
export interface SubmitterParts<Result> {
  /** Its state machine is a `SessionStateMachine`, as on every node of the cluster. */
  readonly node: RaftNode<SessionResult<Result>>;
  /** Those of that state machine. */
  readonly results: ResultCodec<Result>;
  /** Hands `message` to node `to`, which gives it to the `receive` of its own submitter. It may be lost, late or repeated; false says that it is lost, so that another node is asked at once. Must not throw. */
  readonly send: (to: NodeId, message: Uint8Array) => unknown;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** A name that nobody else makes up, such as a nanoid. */
  readonly newName: () => string;
  /** Default: nothing is traced. */
  readonly tracing?: SubmitTracing;
}

/** What became of one command. */
export type SubmitOutcome<Result> =
  /** Once, at `index`, whoever was asked and however often. */
  | { readonly type: 'applied'; readonly index: LogIndex; readonly term: Term; readonly result: Result }
  /** The time is over, and the command has not been applied and will not be. */
  | { readonly type: 'timedOut' }
  /** Too many commands wait here already. Nothing happened. */
  | { readonly type: 'overloaded' }
  /** The submitter was closed before the command was sent anywhere. Nothing happened. */
  | { readonly type: 'closed' }
  /** The time is over, or the submitter was closed. The command may have been applied, or may yet be, though not twice. */
  | { readonly type: 'unknownOutcome' };

interface Job<Result> {
  readonly command: Uint8Array;
  readonly trace: CommandTrace;
  readonly deadlineMs: number;
  readonly resolve: (outcome: SubmitOutcome<Result>) => void;
  readonly reject: (error: Error) => void;
}

interface Run {
  readonly request: (request: Request) => void;
  readonly cancel: () => void;
}

/** A request to another node that is not answered yet. */
interface Asked<Result> {
  readonly to: NodeId;
  readonly answered: (attempted: Attempted<Result>) => void;
}

/** The final states of the chart that a command comes to here: it has no target, and nothing here refuses a connection. */
type Ended = 'succeeded' | 'failed' | 'inconsistent' | 'timedOut' | 'outcomeUnknown';

/** The most commands that wait for their turn. */
const maxWaiting = 4096;
const defaultTimeoutMs = 5000;
/** A timer of JavaScript takes no more. */
const maxTimeoutMs = 2 ** 31 - 1;
/** How often a request that is not answered is sent to the same node again: it may be lost. */
const repeatMs = 200;

/**
 * Has commands applied once, whichever node leads. It asks this node, then the one that is said to lead, and asks again under the same key (docs/sessions.md)
 * over elections and lost messages, until it knows what became of the command or the time is over. What to do next is decided by the chart that
 * `raft-client` runs as well. It serves the submitters of the other nodes in turn.
 */
export class Submitter<Result> {
  readonly #parts: SubmitterParts<Result>;
  /** Those that have no key yet, each with the timer that ends its wait. */
  readonly #waiting = new PassingMap<Job<Result>, unknown>();
  readonly #asked = new PassingMap<string, Asked<Result>>();
  /** Requests of others that this node works at: one that is repeated need not be proposed again. */
  readonly #serving = new PassingSet<string>();
  /** What the effects of each command's chart do: to bind them anew to each chart would cost more than all the rest. */
  readonly #runs = new PassingMap<AnyActorRef, Run>();
  readonly #machine = clientSessionMachine.provide({
    actions: {
      request: ({ self }, request) => this.#runs.get(self)!.request(request),
      cancelRequest: ({ self }) => this.#runs.get(self)!.cancel(),
    },
  });
  readonly #tracing: SubmitTracing;
  /** The trace that each node told last: of its next request. */
  readonly #told = new Map<NodeId, { readonly tag: string; readonly context: Uint8Array }>();
  readonly #tagPrefix: string;
  #tags = 0;
  #session: ClientSession;
  #isClosed = false;
  readonly #unsubscribe: () => void;

  constructor(parts: SubmitterParts<Result>) {
    this.#parts = parts;
    this.#tracing = parts.tracing ?? untraced;
    this.#tagPrefix = parts.newName();
    this.#session = new ClientSession(parts.newName());
    this.#unsubscribe = parts.node.onChange(({ leader }) => {
      // Not inside a change of the node: its chart is in the middle of a step.
      if (leader !== null) parts.clock.defer(() => this.#leads(leader));
    });
  }

  /** Rejects only with a `RangeError`, for a command that is larger than the nodes take and for a time that is none. `timeoutMs`: 5000 by default. */
  submit(
    command: Uint8Array,
    { timeoutMs = defaultTimeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<SubmitOutcome<Result>> {
    if (!(timeoutMs > 0 && timeoutMs <= maxTimeoutMs)) {
      const problem = `timeoutMs is above 0 and at most ${maxTimeoutMs}: ${timeoutMs}`;
      return Promise.reject(new RangeError(problem));
    }
    if (this.#isClosed) return Promise.resolve({ type: 'closed' });
    if (this.#waiting.size >= maxWaiting) return Promise.resolve({ type: 'overloaded' });
    const deadlineMs = this.#parts.clock.now() + timeoutMs;
    const trace = this.#tracing.submitted();
    return new Promise((resolve, reject) => this.#enqueue({ command, trace, deadlineMs, resolve, reject }));
  }

  /** Takes and sends nothing more, and leaves no timer. What was submitted and has no outcome yet gets one at once. The node is the caller's to stop. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
    for (const [job, timer] of this.#waiting) {
      this.#parts.clock.clearTimeout(timer);
      job.resolve({ type: 'closed' });
    }
    this.#waiting.clear();
    for (const actor of [...this.#runs.keys()]) actor.stop!();
  }

  /** Takes what the submitter of node `from`, a member of the cluster, has sent; ignores what makes no sense. */
  receive(from: NodeId, message: Uint8Array): void {
    // Not inside the `send` of another submitter: its chart is in the middle of a step.
    this.#parts.clock.defer(() => {
      if (this.#isClosed) return;
      const forwarded = decodeForwarded(message, this.#parts.results);
      if (forwarded !== null) this.#received(from, forwarded);
    });
  }

  #received(from: NodeId, forwarded: Forwarded<Result>): void {
    switch (forwarded.type) {
      case 'request':
        this.#serve(from, forwarded.tag, forwarded.envelope);
        break;
      case 'trace':
        this.#told.set(from, forwarded);
        break;
      case 'answer': {
        const asked = this.#asked.get(forwarded.tag);
        if (asked?.to === from) asked.answered(forwarded.attempted);
      }
    }
  }

  /** Who was asked as the leader before may be gone: nobody waits for its silence. What became of the attempt is not known. */
  #leads(leader: NodeId): void {
    for (const { to, answered } of [...this.#asked.values()])
      if (to !== leader) answered({ type: 'unknownOutcome' });
  }

  #serve(from: NodeId, tag: string, bytes: Uint8Array): void {
    const envelope = decodeEnvelope(bytes);
    const request = `${from} ${tag}`;
    const told = this.#told.get(from);
    this.#told.delete(from);
    if (envelope === null || this.#serving.has(request)) return;
    this.#serving.add(request);
    const { send, results, wallClock } = this.#parts;
    // Stamped here: log time would jump with every change between two nodes whose clocks disagree.
    const stamped = encodeEnvelope({ ...envelope, stampMs: wallClock() });
    this.#tracing.continuing(told?.tag === tag ? told.context : null, () =>
      this.#attempt(stamped, (attempted) => {
        this.#serving.delete(request);
        if (this.#isClosed) return;
        send(from, encodeForwarded({ type: 'answer', tag, attempted }, results));
      }),
    );
  }

  /** Asks this node. */
  #attempt(envelope: Uint8Array, done: (attempted: Attempted<Result>) => void): void {
    this.#parts.node.propose(envelope).then(
      (outcome) => done(attemptedOf(outcome)),
      () => done({ type: 'commandTooLarge' }),
    );
  }

  #enqueue(job: Job<Result>): void {
    const { clock } = this.#parts;
    const timer = clock.setTimeout(
      () => {
        this.#waiting.delete(job);
        job.resolve({ type: 'timedOut' });
      },
      Math.max(0, job.deadlineMs - clock.now()),
    );
    this.#waiting.set(job, timer);
    this.#startWaiting();
  }

  #startWaiting(): void {
    const { clock } = this.#parts;
    for (const [job, timer] of this.#waiting) {
      // Its timer says so.
      if (job.deadlineMs <= clock.now()) continue;
      if (this.#session.isOver) this.#session = new ClientSession(this.#parts.newName());
      const sequence = this.#session.take();
      if (sequence === null) return;
      clock.clearTimeout(timer);
      this.#waiting.delete(job);
      this.#run(job, this.#session, sequence);
    }
  }

  #run(job: Job<Result>, session: ClientSession, sequence: number): void {
    const { node, clock, random, wallClock } = this.#parts;
    const begunMs = clock.now();
    /** What the last answer said. */
    let last: Attempted<Result> | null = null;
    let forget = (): void => {};
    const answered =
      (attempt: number) =>
      (attempted: Attempted<Result>): void => {
        last = attempted;
        if (actor.getSnapshot().status === 'active')
          actor.send({ type: 'Answered', attempt, answer: answerOf(attempted) });
      };
    const actor = createActor(this.#machine, {
      clock,
      input: {
        endpoints: this.#endpoints(),
        isWrite: true,
        isTargeted: false,
        timeoutMs: job.deadlineMs - begunMs,
        seed: random.uint32(),
      },
    });
    this.#runs.set(actor, {
      request: ({ endpoint, attempt }) => {
        forget();
        actor.send({ type: 'Sent', attempt });
        const { name, received } = session;
        const key = { type: 'session', session: name, sequence, received } as const;
        const ageMs = clock.now() - begunMs;
        const envelope = encodeEnvelope({ key, ageMs, stampMs: wallClock(), command: job.command });
        const to = Number(endpoint);
        if (to === node.id) job.trace.within(() => this.#attempt(envelope, answered(attempt)));
        else forget = this.#ask(to, envelope, job.trace, answered(attempt));
      },
      cancel: () => forget(),
    });
    actor.subscribe({
      complete: () => {
        forget();
        this.#runs.delete(actor);
        if (this.#isClosed) job.resolve({ type: 'unknownOutcome' });
        else this.#finish(job, session, sequence, actor.getSnapshot().value as Ended, last);
      },
    });
    actor.start();
  }

  /** Asks node `to` until it answers, or the function that is returned is called. */
  #ask(
    to: NodeId,
    envelope: Uint8Array,
    command: CommandTrace,
    answered: Asked<Result>['answered'],
  ): () => void {
    const { clock, node, results } = this.#parts;
    const { leader } = node.position();
    const tag = `${this.#tagPrefix}.${++this.#tags}`;
    const request = encodeForwarded({ type: 'request', tag, envelope }, results);
    // One that leads no more, as is known here, may be gone: its silence is not waited for.
    const isOther = leader !== null && leader !== to;
    const span = isOther ? null : command.forwarding(to);
    const trace = span && encodeForwarded({ type: 'trace', tag, context: span.context }, results);
    const send = (): boolean => {
      if (trace !== null) this.#parts.send(to, trace);
      return this.#parts.send(to, request) !== false;
    };
    let timer: unknown;
    const ask = (): void => {
      send();
      timer = clock.setTimeout(ask, repeatMs);
    };
    let outcome: string | null = null;
    const told = (attempted: Attempted<Result>): void => {
      outcome = attempted.type;
      answered(attempted);
    };
    this.#asked.set(tag, { to, answered: told });
    if (!isOther && send()) timer = clock.setTimeout(ask, repeatMs);
    else timer = clock.setTimeout(() => told({ type: 'notLeader', leader: isOther ? leader : null }), 0);
    return () => {
      if (!this.#asked.delete(tag)) return;
      clock.clearTimeout(timer);
      span?.ended(outcome);
    };
  }

  #finish(
    job: Job<Result>,
    session: ClientSession,
    sequence: number,
    ended: Ended,
    last: Attempted<Result> | null,
  ): void {
    const isExpired = last?.type === 'sessionExpired';
    if (last?.type === 'applied') session.answered(sequence);
    else session.givenUp(sequence);
    if (isExpired) session.expire();
    if (last?.type === 'applied') job.resolve(last);
    else if (ended === 'failed' && isExpired) this.#enqueue(job);
    else if (ended === 'failed' && last?.type === 'commandTooLarge')
      job.reject(new RangeError(`a command of ${job.command.length} bytes is more than the nodes take`));
    else if (ended === 'timedOut' || ended === 'inconsistent') job.resolve({ type: 'timedOut' });
    else job.resolve({ type: 'unknownOutcome' });
    this.#startWaiting();
  }

  /** This node first: nearly always it knows who leads. */
  #endpoints(): readonly string[] {
    const { id, configuration } = this.#parts.node.status();
    const members = [...new Set([id, ...configuration.voters, ...configuration.outgoing])];
    return members.map(String);
  }
}

/** The chart speaks of nodes as the client API does. */
const answerOf = (attempted: Attempted<unknown>): NodeAnswer => {
  const said = (status: number, error: string | null, endpoint: string | null = null): NodeAnswer => ({
    status,
    error,
    endpoint,
    distrust: null,
  });
  switch (attempted.type) {
    case 'applied':
      return said(200, null);
    case 'notLeader':
      return attempted.leader === null
        ? said(503, 'no_leader')
        : said(421, 'not_leader', String(attempted.leader));
    case 'overloaded':
    case 'sessionsFull':
      return said(429, 'overloaded');
    case 'overwritten':
      return said(409, 'overwritten');
    case 'unknownOutcome':
      return said(504, 'unknown_outcome');
    case 'commandTooLarge':
      return said(413, 'body_too_large');
    case 'keyReused':
    case 'answerForgotten':
    case 'sessionExpired':
      return said(410, attempted.type);
  }
};
