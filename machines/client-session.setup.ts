import { setup } from 'xstate';
import { assert } from '../src/raft/assert.ts';
import { draw } from '../src/raft/random.ts';
import { assigning, type Decided, deciding, enqueueDecided } from './deciding.ts';
import { unbound } from './unbound.ts';

/** What a client asks for, and within what limits. */
export interface ClientSessionInput {
  /** Base addresses such as `http://127.0.0.1:8001`, at least one, in the order in which they are tried. */
  readonly endpoints: readonly string[];
  /** It changes something. Each attempt of a write is sent under the same key, so that it takes effect once; docs/sessions.md. */
  readonly isWrite: boolean;
  /** Asks this one endpoint only; a redirect is then the answer. */
  readonly isTargeted: boolean;
  /** For the whole session. */
  readonly timeoutMs: number;
  /** Any integer; spreads the retries of many clients. */
  readonly seed: number;
}

/** What a node said, without the value: enough to decide what comes next. */
export interface NodeAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The `error` of the body, if it has one. */
  readonly error: string | null;
  /** Where a redirect points to. */
  readonly endpoint: string | null;
  /** Why this client must not send its request there; null: it may. */
  readonly distrust: string | null;
}

export interface ClientSessionContext extends ClientSessionInput {
  /** The endpoint that is asked, or was asked last. */
  readonly endpoint: string;
  /** Counts requests from 1; an event of an earlier one is too late. */
  readonly attempt: number;
  /** Which of `endpoints` is next. */
  readonly nextEndpoint: number;
  /** Of this round, in which each endpoint is tried once before the session waits. */
  readonly tried: number;
  /** Of those: how many led to a problem that trying again does not change, such as a certificate that is not trusted. */
  readonly barred: number;
  readonly redirects: number;
  /** Rounds that ended without a decisive answer. */
  readonly rounds: number;
  readonly retryDelayMs: number;
  /** There is a connection for the open request: it may arrive. */
  readonly isSent: boolean;
  /** Nodes that were given up because they said nothing. */
  readonly silences: number;
  /** Some attempt of a write may have arrived, and nobody has said yet what became of it. */
  readonly isInDoubt: boolean;
  readonly randomState: number;
  /** The answer that ended the session, or the last one that an entry was overwritten. */
  readonly answer: NodeAnswer | null;
  /** Why a redirect was not followed; null: each one was. */
  readonly distrust: string | null;
  /** For people: why the last request did not end the session, unless a redirect was not followed: that says more. */
  readonly problem: string | null;
}

export type ClientSessionEvent =
  /** A complete answer arrived. */
  | { readonly type: 'Answered'; readonly attempt: number; readonly answer: NodeAnswer }
  /** There is a connection: from now on the request may arrive. */
  | { readonly type: 'Sent'; readonly attempt: number }
  /** The request could not be sent, or not to a node: nothing was done. `isLasting`: trying again does not change that, and `reason` names the endpoint. */
  | {
      readonly type: 'Refused';
      readonly attempt: number;
      readonly reason: string;
      readonly isLasting: boolean;
    }
  /** The connection ended before the answer did. What was sent may have been executed. */
  | { readonly type: 'Broken'; readonly attempt: number; readonly reason: string }
  /** The session has run out of time. */
  | { readonly type: 'Expired' };

/** The effect `request`: ask `endpoint`, and report with `attempt` that there is a connection, then the outcome, each once. */
export interface Request {
  readonly endpoint: string;
  readonly attempt: number;
}

const firstRetryDelayMs = 25;
const maxRetryDelayMs = 400;
const maxRedirectsPerRound = 5;
const maxDoublings = 10;

interface Args {
  readonly context: ClientSessionContext;
  readonly event: ClientSessionEvent;
}

const answerOf = (event: ClientSessionEvent): NodeAnswer => {
  assert(event.type === 'Answered', 'only an answer has a status', event);
  return event.answer;
};

/** Errors of writes that were applied, and found that they had nothing to do. */
const outcomes: ReadonlySet<string | null> = new Set([
  'cas_failed',
  'precondition_failed',
  'key_not_found',
  'lease_not_found',
  'lease_exists',
  'compacted',
  'future_revision',
  'too_large',
]);

const saysOutcome = ({ error }: NodeAnswer): boolean => outcomes.has(error);

const guards = {
  isWrite: ({ context }: Args) => context.isWrite,
  isEarlierAttempt: ({ context, event }: Args) =>
    event.type !== 'Expired' && event.attempt !== context.attempt,
  /** A read is not given up while others are asked: any of them may serve it. */
  isLateValue: ({ context, event }: Args) =>
    !context.isWrite &&
    event.type === 'Answered' &&
    event.attempt !== context.attempt &&
    answerOf(event).status === 200,
  isRoundOver: ({ context }: Args) => context.tried >= context.endpoints.length,
  isHopeless: ({ context }: Args) =>
    context.barred >= context.endpoints.length && !context.isInDoubt && context.answer === null,
  isLasting: ({ event }: Args) => event.type === 'Refused' && event.isLasting,
  isUnsentWrite: ({ context }: Args) => context.isWrite && !context.isSent,
  mayHaveArrived: ({ context }: Args) => context.isWrite && (context.isSent || context.isInDoubt),
  isSuccess: ({ event }: Args) => answerOf(event).status >= 200 && answerOf(event).status < 300,
  isTargetNotLeader: ({ context, event }: Args) => context.isTargeted && answerOf(event).status === 421,
  isRedirectDistrusted: ({ event }: Args) =>
    answerOf(event).status === 421 && answerOf(event).distrust !== null,
  isRedirect: ({ context, event }: Args) =>
    answerOf(event).status === 421 &&
    answerOf(event).endpoint !== null &&
    context.redirects < maxRedirectsPerRound,
  isNotLeader: ({ event }: Args) => answerOf(event).status === 421,
  isNoLeader: ({ event }: Args) => answerOf(event).error === 'no_leader',
  isOverloaded: ({ event }: Args) => answerOf(event).status === 429,
  isTargetLostInDoubt: ({ context, event }: Args) =>
    context.isTargeted && context.isInDoubt && answerOf(event).status === 421,
  isWriteUndecided: ({ context, event }: Args) => context.isWrite && answerOf(event).status >= 500,
  isWriteOverwritten: ({ context, event }: Args) =>
    context.isWrite && answerOf(event).error === 'overwritten',
  /** Such as a failed cas: what became of the write, at the first attempt that arrived. Any other no is about this attempt alone. */
  isRefusedInDoubt: ({ context, event }: Args) =>
    context.isInDoubt && answerOf(event).status >= 400 && !saysOutcome(answerOf(event)),
  isInDoubt: ({ context }: Args) => context.isInDoubt,
  hasBeenOverwritten: ({ context }: Args) => context.answer?.error === 'overwritten',
  isReadUndecided: ({ context, event }: Args) =>
    !context.isWrite && (answerOf(event).status >= 500 || answerOf(event).error === 'overwritten'),
};

/** The effects: what leaves the chart. The runner provides them. */
const effects = setup({
  types: {
    context: {} as ClientSessionContext,
    events: {} as ClientSessionEvent,
    input: {} as ClientSessionInput,
    meta: {} as { rule: string },
  },
  guards,
  delays: {
    sessionTimeout: ({ context }) => context.timeoutMs,
    // A node that is stopped or cut off accepts connections and says nothing; another one may answer in time. Longer each time: all may be slow. A read can be
    // asked twice at no risk, so it does not wait long.
    answerTimeout: ({ context }) =>
      Math.max(
        100,
        Math.floor(
          (context.timeoutMs / (context.isWrite ? 4 : 16)) * 2 ** Math.min(context.silences, maxDoublings),
        ),
      ),
    retryDelay: ({ context }) => context.retryDelayMs,
  },
  actions: {
    request: (_, _params: Request) => unbound('request')(),
    cancelRequest: () => unbound('cancelRequest')(),
  },
});

/** A new attempt, of the endpoint that was chosen. */
const requestSent = (context: ClientSessionContext): Decided<ClientSessionContext> => {
  const attempt = context.attempt + 1;
  const params: Request = { endpoint: context.endpoint, attempt };
  return { context: { ...context, attempt, isSent: false }, actions: [{ type: 'request', params }] };
};

/** Binds each name to what it does. */
export const clientSessionSetup = effects.extend({
  actions: {
    /** The next in turn, round-robin. */
    chooseEndpoint: assigning(effects.assign, ({ context }) => ({
      endpoint: context.endpoints[context.nextEndpoint]!,
      nextEndpoint: (context.nextEndpoint + 1) % context.endpoints.length,
      tried: context.tried + 1,
    })),
    followRedirect: assigning(effects.assign, ({ context, event }) => ({
      endpoint: answerOf(event).endpoint!,
      redirects: context.redirects + 1,
    })),
    sendRequest: deciding(
      effects.enqueueActions(({ context, enqueue }) =>
        enqueueDecided(requestSent(context), enqueue as (action: object) => void),
      ),
      requestSent,
    ),
    recordAnswer: assigning(effects.assign, ({ event }) => ({ answer: answerOf(event) })),
    noteProblem: assigning(effects.assign, ({ context, event }) => ({
      problem: context.distrust ?? problemOf(context, event),
    })),
    noteDistrust: assigning(effects.assign, ({ event }) => ({
      distrust: `the redirect to the leader is not followed: ${answerOf(event).distrust}`,
    })),
    /** Doubles with each round up to a maximum; drawn from its upper half, so that clients spread out. */
    drawRetryDelay: assigning(effects.assign, ({ context }) => {
      const { state, fraction } = draw(context.randomState);
      const delayMs = Math.min(
        maxRetryDelayMs,
        firstRetryDelayMs * 2 ** Math.min(context.rounds, maxDoublings),
      );
      return { randomState: state, retryDelayMs: Math.round(delayMs * (0.5 + fraction / 2)) };
    }),
    startRound: assigning(effects.assign, ({ context }) => ({
      tried: 0,
      barred: 0,
      redirects: 0,
      rounds: context.rounds + 1,
    })),
    noteSent: assigning(effects.assign, () => ({ isSent: true })),
    noteBarred: assigning(effects.assign, ({ context }) => ({ barred: context.barred + 1 })),
    noteSilence: assigning(effects.assign, ({ context }) => ({ silences: context.silences + 1 })),
    noteDoubt: assigning(effects.assign, () => ({ isInDoubt: true })),
    expire: effects.raise({ type: 'Expired' }),
    /** Deliberately does nothing. */
    ignore: () => {},
  },
});

const problemOf = (context: ClientSessionContext, event: ClientSessionEvent): string => {
  switch (event.type) {
    case 'Answered':
      return `${event.answer.error ?? `status ${event.answer.status}`} from ${context.endpoint}`;
    case 'Refused':
      return event.isLasting ? event.reason : `${event.reason} at ${context.endpoint}`;
    case 'Broken':
      return `${event.reason} at ${context.endpoint}`;
    default:
      return `no answer in time from ${context.endpoint}`;
  }
};

export const initialClientSession = (input: ClientSessionInput): ClientSessionContext => {
  assert(input.endpoints.length > 0, 'a session has an endpoint to ask', input.endpoints);
  assert(!input.isTargeted || input.endpoints.length === 1, 'a target is one endpoint', input.endpoints);
  return {
    ...input,
    endpoint: input.endpoints[0]!,
    attempt: 0,
    nextEndpoint: 0,
    tried: 0,
    barred: 0,
    redirects: 0,
    rounds: 0,
    retryDelayMs: 0,
    isSent: false,
    silences: 0,
    isInDoubt: false,
    randomState: input.seed >>> 0,
    answer: null,
    distrust: null,
    problem: null,
  };
};
