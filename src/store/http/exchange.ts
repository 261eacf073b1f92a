import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { assert } from '../../raft/assert.ts';
import { encodeStamped } from '../kv/commands.ts';
import type { KvResult } from '../kv/kv-state-machine.ts';
import { encodeEnvelope } from '../sessions/envelope.ts';
import {
  type Answer,
  type Answered,
  leaseReadsOff,
  outcomeAnswer,
  overloaded,
  type Position,
  readRefusal,
  readTimedOut,
  refusal,
  stopped,
  unknownOutcome,
} from './answer.ts';
import { answerRequest } from './answer-request.ts';
import type { Asking } from './asking.ts';
import type { Carrier, ClientRequest } from './carrier.ts';
import type { ClientApi } from './client-api.ts';
import type { ClientConnection, Pipelined } from './client-connection.ts';
import { type KeyedBy, keyedBy } from './command-key.ts';
import type { Consistency } from './consistency.ts';
import type { OpenExchange } from './open-exchanges.ts';
import { type Operation, operationOf } from './operation.ts';
import { askWithin, type RequestSpan } from './request-span.ts';
import { type Route, routeOf } from './route.ts';

/** Whether it is about what the store holds: such requests are traced, and refused when the node has too many. */
const namesData = (route: Route): boolean =>
  'key' in route || (route.type === 'v2' && route.resource !== 'watch' && route.resource !== 'openApi');

/** Whether it exists, but for HTTP only. What does not exist at all is answered as it is by HTTP. */
const isOfHttp = (route: Route): boolean =>
  !namesData(route) && route.type !== 'bad' && route.type !== 'keyTooLong' && route.type !== 'unknown';

const notFramed = refusal(
  400,
  'not_framed',
  'frames ask for keys, transactions and leases: ask for this by HTTP',
);

/** One request and its one answer. What arrives after the answer is dropped, and so is an answer for a client that left. */
export class Exchange implements Asking, OpenExchange, Pipelined {
  readonly api: ClientApi;
  readonly #connection: ClientConnection;
  readonly #carrier: Carrier;
  readonly #startMs = performance.now();
  /** For the metrics, and for what a token has to permit. */
  #operation: Operation = 'other';
  #span: RequestSpan | null = null;
  #isAnswered = false;
  /** The answer when it has waited too long. */
  #expired = unknownOutcome;
  deadlineMs = 0;

  constructor(api: ClientApi, connection: ClientConnection, carrier: Carrier) {
    this.api = api;
    this.#connection = connection;
    this.#carrier = carrier;
    carrier.onClosed(() => {
      api.connections.answered(this, connection);
      this.#span?.left();
    });
  }

  get isReceived(): boolean {
    return this.#carrier.isReceived;
  }

  get isSafe(): boolean {
    const { method } = this.request;
    return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  }

  get request(): ClientRequest {
    return this.#carrier.request;
  }

  get response(): ServerResponse {
    return this.#http.response;
  }

  start(): void {
    this.#answer(this.#admitted());
  }

  /** The outcome did not arrive in time. It is still open. */
  expire(): void {
    this.#answer(this.#expired);
  }

  answer(answer: Answered): void {
    if (!this.#isAnswered) this.#answer(answer);
  }

  wait(expired: Answer): void {
    this.#expired = expired;
    this.api.open.wait(this);
  }

  waitPatiently(): void {
    this.api.open.leave(this);
    const { socket } = this.#http.request;
    socket.setTimeout(0);
    socket.setKeepAlive(true, 10_000);
  }

  whenReadable(consistency: Consistency, read: () => Answered): Answered {
    const { node, leaseReads, isNodeStopped, clientEndpointOf } = this.api;
    if (isNodeStopped) return stopped;
    if (consistency === 'stale') return read();
    if (consistency === 'lease' && !leaseReads) return leaseReadsOff;
    this.wait(readTimedOut);
    askWithin(this.#span, () =>
      node.read((outcome) => {
        if (this.#isAnswered) return;
        this.#answer(outcome.type === 'ready' ? read() : readRefusal(outcome, clientEndpointOf));
      }),
    );
    return null;
  }

  whenBegun(consistency: Consistency, read: () => Answered): Answered {
    return this.whenReadable(consistency, () => this.#begun(read));
  }

  whenRead(answer: () => Answer): null {
    this.api.open.leave(this);
    this.#connection.whenRead(this, () => this.#answer(this.#counted(answer(), false)));
    return null;
  }

  write(go: (keyed: KeyedBy | null) => Answered): Answered {
    const keyed = keyedBy(this.request.headers);
    return typeof keyed === 'string' ? refusal(400, 'bad_request', keyed) : go(keyed);
  }

  receive(complete: (body: Buffer) => Answered): Answered {
    return this.#carrier.receive(
      {
        isAnswered: () => this.#isAnswered,
        answer: (answer) => this.#answer(answer),
        left: () => this.#leave(),
      },
      complete,
    );
  }

  submit(
    command: Uint8Array,
    keyed: KeyedBy | null,
    answerTo?: (result: KvResult, position: Position) => Answer,
  ): null {
    const { node, clientEndpointOf, wallClock } = this.api;
    this.wait(unknownOutcome);
    const payload = keyed === null ? command : encodeEnvelope({ ...keyed, stampMs: wallClock(), command });
    askWithin(this.#span, () =>
      node.submit(payload, (outcome) => {
        if (this.#isAnswered) return;
        this.#answer(this.#counted(outcomeAnswer(outcome, clientEndpointOf, answerTo), true));
      }),
    );
    return null;
  }

  stream(cut: (reason: string) => void): void {
    this.api.open.leave(this);
    this.#isAnswered = true;
    const { access, limits } = this.api;
    const release = access.whileAllowed(this.request, this.#operation, () =>
      cut('its token was revoked, or no longer allows it'),
    );
    this.#carrier.onClosed(release);
    this.#http.request.socket.setTimeout(limits.idleTimeoutMs);
  }

  measured(status: number): void {
    this.api.metrics?.answered(this.#operation, status, (performance.now() - this.#startMs) / 1000);
  }

  #admitted(): Answered {
    const { limits, access, tracing, connections } = this.api;
    const route = routeOf(this.request.url!, limits.maxKeyBytes);
    this.#operation = operationOf(route, this.request.method);
    const refused = access.refusalOf(this.request, this.#operation);
    if (refused !== null) return refused;
    if (this.#carrier.http === null && isOfHttp(route)) return notFramed;
    if (namesData(route)) this.#span = tracing?.begin(this.#operation, this.request) ?? null;
    // What tells how the node is doing costs little, and is asked for most when it is overloaded.
    if (namesData(route) && connections.isOverloaded) return overloaded;
    return answerRequest(route, this);
  }

  /** Goes on once the store's revisions have begun. */
  #begun(go: () => Answered): Answered {
    const { node, kv, open, wallClock, clientEndpointOf } = this.api;
    if (kv.store.isBegun) return go();
    // Its turn begins anew.
    open.leave(this);
    this.wait(readTimedOut);
    askWithin(this.#span, () =>
      node.submit(encodeStamped(wallClock(), { type: 'passTime' }), (outcome) => {
        if (this.#isAnswered) return;
        if (outcome.type === 'notLeader' || outcome.type === 'overloaded')
          this.#answer(outcomeAnswer(outcome, clientEndpointOf));
        else this.#answer(kv.store.isBegun ? go() : readTimedOut);
      }),
    );
    return null;
  }

  /** `answer` if it is due or there is room for it among what clients have yet to read, else a refusal: what a write has done is told in any case. */
  #counted(answer: Answer, isDue: boolean): Answer {
    const { body } = answer;
    // Short ones are texts. The answer to a HEAD has no body.
    const bytes = typeof body === 'string' || this.request.method === 'HEAD' ? 0 : body.length;
    if (bytes > 0) {
      if (!this.#connection.send(bytes, isDue)) return overloaded;
      this.#carrier.onClosed(() => this.#connection.sent(bytes));
    }
    return answer;
  }

  /** Asks the node for something within the trace of this request, if it has one. */

  #answer(answer: Answered): void {
    if (answer === null) return;
    if (this.#isAnswered) throw new Error(`a request was answered twice, now with ${answer.status}`);
    this.#isAnswered = true;
    this.#leave();
    this.measured(answer.status);
    this.#span?.answered(answer.status);
    this.#span = null;
    this.#carrier.send(answer);
  }

  /** Nobody waits for it any more. */
  #leave(): void {
    this.api.open.leave(this);
    this.#carrier.leave();
  }

  get #http(): NonNullable<Carrier['http']> {
    const { http } = this.#carrier;
    assert(http !== null, 'what is not about the store comes by HTTP', http, 'HTTP');
    return http;
  }
}
