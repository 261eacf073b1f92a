import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RaftNode } from '../../node/node.ts';
import { assert } from '../../raft/assert.ts';
import type { NodeId } from '../../raft/types.ts';
import { encodeCas, encodeDelete, encodePut, encodeStamped } from '../kv/commands.ts';
import type { KvResult, KvStateMachine } from '../kv/kv-state-machine.ts';
import { oldMembersWords } from '../old-members.ts';
import { encodeEnvelope } from '../sessions/envelope.ts';
import type { SessionResult } from '../sessions/session-state-machine.ts';
import type { Access } from './access/access.ts';
import { protectiveHeaders } from './access/protective-headers.ts';
import {
  type Answer,
  bodyTooLarge,
  chartsAnswer,
  leaderAnswer,
  leaderUnknown,
  leaseReadsOff,
  membersAnswer,
  methodNotAllowed,
  notLeaderAnswer,
  outcomeAnswer,
  overloaded,
  type Position,
  readRefusal,
  readTimedOut,
  refusal,
  reportAnswer,
  requestTimeout,
  stopped,
  transferAnswer,
  unknownOutcome,
  valueAnswer,
} from './answer.ts';
import type { Backups } from './backup.ts';
import type { ByteBudget } from './byte-budget.ts';
import { parseCasRequest } from './cas-request.ts';
import { changeMembers } from './change-members.ts';
import type { ClientConnection, Pipelined } from './client-connection.ts';
import type { ClientConnections } from './client-connections.ts';
import { type KeyedBy, keyedBy } from './command-key.ts';
import { type Consistency, consistencyIn } from './consistency.ts';
import type { HttpLimits } from './limits.ts';
import { type HttpLoad, type HttpMetrics, metricsAnswer } from './metrics-answer.ts';
import type { OpenExchange, OpenExchanges } from './open-exchanges.ts';
import { type Operation, operationOf } from './operation.ts';
import { RequestBody } from './request-body.ts';
import type { HttpTracing, RequestSpan } from './request-span.ts';
import { type Route, routeOf } from './route.ts';
import { sendAnswer } from './send-answer.ts';
import { parseTransferRequest } from './transfer-request.ts';
import type { Upload, UploadRoom } from './upload-room.ts';
import { answerV2 } from './v2/answer-v2.ts';
import { answerWatch } from './v2/answer-watch.ts';
import type { Asked } from './v2/asked.ts';
import type { RouteV2 } from './v2/route.ts';
import type { WatchRequest } from './v2/watch-request.ts';
import type { WatchStreams } from './v2/watch-streams.ts';

/** What all exchanges of one server share. */
export interface ClientApi {
  readonly node: RaftNode<SessionResult<KvResult>>;
  /** Reads the state machine of `node` where it stands. */
  readonly readValue: (key: string) => Uint8Array | null;
  /** That state machine, for version 2 of the API. */
  readonly kv: KvStateMachine;
  readonly watchStreams: WatchStreams;
  /** The description of version 2 in OpenAPI, as JSON; null: there is none. */
  readonly openApi: () => Uint8Array | null;
  readonly leaseReads: boolean;
  /** Null: this API gives none. */
  readonly backups: Backups | null;
  readonly metrics: HttpMetrics | null;
  readonly tracing: HttpTracing | null;
  readonly load: () => HttpLoad;
  readonly limits: HttpLimits;
  readonly budget: ByteBudget;
  readonly uploads: UploadRoom;
  readonly connections: ClientConnections;
  readonly access: Access;
  readonly open: OpenExchanges;
  readonly clientEndpointOf: (id: NodeId) => string | null;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** The server takes no new work: connections end with the answer that they wait for. */
  readonly isClosing: boolean;
  isNodeStopped: boolean;
}

/** A refusal, or null: the answer is still to come. */
type Answered = Answer | null;

const notFound = refusal(404, 'not_found', 'no such path; a / within a key is written %2F');

/** Whether it is about what the store holds: that is traced, and refused where too much is asked for. */
const namesData = (route: Route): boolean =>
  'key' in route || (route.type === 'v2' && route.resource !== 'watch' && route.resource !== 'openApi');

const openApiAnswer = (description: Uint8Array | null): Answer =>
  description === null
    ? notFound
    : { status: 200, contentType: 'application/json', body: description, headers: [] };

/** One request and its one answer. What arrives after the answer is dropped, and so is an answer for a client that left. */
export class Exchange implements OpenExchange, Pipelined {
  readonly #api: ClientApi;
  readonly #connection: ClientConnection;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  /** The client waits for leave to send the body (`Expect: 100-continue`). */
  readonly #isAnnounced: boolean;
  readonly #startMs = performance.now();
  /** For the metrics, and for what it needs. */
  #operation: Operation = 'other';
  #span: RequestSpan | null = null;
  #isAnswered = false;
  /** Its body is large, and has or waits for room. */
  #upload: Upload | null = null;
  /** What it is answered when it has waited too long. */
  #expired = unknownOutcome;
  deadlineMs = 0;

  constructor(
    api: ClientApi,
    connection: ClientConnection,
    request: IncomingMessage,
    response: ServerResponse,
    isAnnounced: boolean,
  ) {
    this.#api = api;
    this.#connection = connection;
    this.#request = request;
    this.#response = response;
    this.#isAnnounced = isAnnounced;
    response.on('close', () => {
      api.connections.answered(this, connection);
      this.#span?.left();
    });
  }

  get isReceived(): boolean {
    return this.#request.complete;
  }

  start(): void {
    this.#answer(this.#route());
  }

  /** The outcome did not arrive in time. It is still open. */
  expire(): void {
    this.#answer(this.#expired);
  }

  #route(): Answered {
    const { maxKeyBytes } = this.#api.limits;
    const route = routeOf(this.#request.url!, maxKeyBytes);
    this.#operation = operationOf(route, this.#request.method);
    const refused = this.#api.access.refusalOf(this.#request, this.#operation);
    if (refused !== null) {
      // The client may still send the body, which must not be read as its next request.
      if (this.#isAnnounced) this.#response.shouldKeepAlive = false;
      return refused;
    }
    if (namesData(route)) this.#span = this.#api.tracing?.begin(this.#operation, this.#request) ?? null;
    // What tells how the node is doing costs little, and is asked for most when it is overloaded.
    if (namesData(route) && this.#api.connections.isOverloaded) return overloaded;
    switch (route.type) {
      case 'key':
        return this.#onKey(route.key, route.query);
      case 'cas':
        if (this.#request.method !== 'POST') return methodNotAllowed('POST');
        return this.#write((keyed) => this.#receive((body) => this.#cas(route.key, body, keyed)));
      case 'v2':
        return this.#onV2(route);
      case 'backup':
        return this.#onBackup(route.query);
      case 'leader':
        return this.#onLeader();
      case 'members':
        return this.#onMembers();
      case 'metrics':
        return this.#onMetrics();
      case 'keyTooLong':
        return refusal(414, 'key_too_long', `a key has at most ${maxKeyBytes} bytes`);
      case 'bad':
        return refusal(400, 'bad_request', route.message);
      case 'unknown':
        return notFound;
      default:
        return this.#report(route.type);
    }
  }

  #onKey(key: string, query: string | null): Answered {
    const { method } = this.#request;
    if (method === 'GET' || method === 'HEAD') return this.#read(key, query);
    if (query !== null && (method === 'PUT' || method === 'DELETE')) {
      return refusal(400, 'bad_request', `a ${method} takes no query parameters`);
    }
    switch (method) {
      case 'PUT':
        return this.#write((keyed) => this.#receive((body) => this.#submit(encodePut(key, body), keyed)));
      case 'DELETE':
        return this.#write((keyed) => this.#submit(encodeDelete(key), keyed));
      default:
        return methodNotAllowed('GET, HEAD, PUT, DELETE');
    }
  }

  #onBackup(query: string | null): Answered {
    const { backups } = this.#api;
    if (backups === null) return notFound;
    if (this.#request.method !== 'GET') return methodNotAllowed('GET');
    const asked = consistencyIn(query);
    if (typeof asked === 'string') return refusal(400, 'bad_request', asked);
    const { consistency } = asked;
    return this.#whenReadable(consistency, () => {
      this.#api.open.leave(this);
      this.#waitPatiently();
      void backups
        .give(consistency, this.#response, (cut) => this.#stream(cut))
        .then((refused) => {
          this.#api.open.leave(this);
          if (!this.#isAnswered) this.#answer(refused);
        });
      return null;
    });
  }

  /** The answer begins, and is sent as fast as the client takes it. */
  #stream(cut: (reason: string) => void): void {
    this.#isAnswered = true;
    const { access } = this.#api;
    const release = access.whileAllowed(this.#request, this.#operation, () =>
      cut('its token was revoked, or no longer allows it'),
    );
    this.#response.on('close', release);
    this.#request.socket.setTimeout(this.#api.limits.idleTimeoutMs);
  }

  #onLeader(): Answered {
    const { node, isNodeStopped, clientEndpointOf } = this.#api;
    switch (this.#request.method) {
      case 'GET':
      case 'HEAD':
        return leaderAnswer(isNodeStopped ? null : node.status(), clientEndpointOf);
      case 'POST':
        if (this.#request.url!.includes('?')) {
          return refusal(400, 'bad_request', 'a POST takes no query parameters: the target is in the body');
        }
        return this.#receive((body) => this.#transfer(body));
      default:
        return methodNotAllowed('GET, HEAD, POST');
    }
  }

  #onMembers(): Answered {
    const { node, isNodeStopped } = this.#api;
    switch (this.#request.method) {
      case 'GET':
      case 'HEAD':
        return membersAnswer(isNodeStopped ? null : node.status());
      case 'POST':
        if (this.#request.url!.includes('?')) {
          return refusal(400, 'bad_request', 'a POST takes no query parameters: the changes are in the body');
        }
        return this.#receive((body) => this.#changeMembers(body));
      default:
        return methodNotAllowed('GET, HEAD, POST');
    }
  }

  #onMetrics(): Answered {
    const { metrics, load, isNodeStopped } = this.#api;
    if (isNodeStopped) return stopped;
    const { connections, waiting } = load();
    const others = () => ({ connections, waiting: waiting - 1 });
    void metricsAnswer(metrics, this.#request.method, others).then((answer) => this.#answer(answer));
    return null;
  }

  #changeMembers(body: Buffer): Answered {
    return changeMembers(body, this.#api, {
      patiently: () => this.#waitPatiently(),
      answer: (answer) => {
        if (!this.#isAnswered) this.#answer(answer);
      },
    });
  }

  /** The client may be silent for as long as it takes; whether it is still there is asked below HTTP. */
  #waitPatiently(): void {
    this.#api.open.leave(this);
    this.#request.socket.setTimeout(0);
    this.#request.socket.setKeepAlive(true, 10_000);
  }

  #transfer(body: Buffer): Answered {
    const request = parseTransferRequest(body);
    if (typeof request === 'string') return refusal(400, 'bad_request', request);
    const { node, open, isNodeStopped, clientEndpointOf } = this.#api;
    if (isNodeStopped) return stopped;
    this.#expired = leaderUnknown;
    open.wait(this);
    node.transferLeadership(request.target).then((outcome) => {
      if (!this.#isAnswered) this.#answer(transferAnswer(outcome, clientEndpointOf));
    });
    return null;
  }

  #read(key: string, query: string | null): Answered {
    const asked = consistencyIn(query);
    if (typeof asked === 'string') return refusal(400, 'bad_request', asked);
    return this.#whenReadable(asked.consistency, () => this.#whenRead(() => this.#value(key)));
  }

  /** Answers with what `read` gives once the state machine may be read. */
  #whenReadable(consistency: Consistency, read: () => Answered): Answered {
    const { node, open, leaseReads, isNodeStopped, clientEndpointOf } = this.#api;
    if (isNodeStopped) return stopped;
    if (consistency === 'stale') return read();
    if (consistency === 'lease' && !leaseReads) return leaseReadsOff;
    this.#expired = readTimedOut;
    open.wait(this);
    this.#ask(() =>
      node.read((outcome) => {
        if (this.#isAnswered) return;
        this.#answer(outcome.type === 'ready' ? read() : readRefusal(outcome, clientEndpointOf));
      }),
    );
    return null;
  }

  /** Answers once the client has read enough of what it asked for before. It may take its time for that. */
  #whenRead(answer: () => Answer): null {
    this.#api.open.leave(this);
    this.#connection.whenRead(this, () => this.#answer(this.#counted(answer(), false)));
    return null;
  }

  /** The answer, if there is room for it among what clients have to read, or it is due: what a write has done is told in any case. */
  #counted(answer: Answer, isDue: boolean): Answer {
    const { body } = answer;
    // Short ones are texts. The answer to a HEAD has no body.
    const bytes = typeof body === 'string' || this.#request.method === 'HEAD' ? 0 : body.length;
    if (bytes > 0) {
      if (!this.#connection.send(bytes, isDue)) return overloaded;
      this.#response.on('close', () => this.#connection.sent(bytes));
    }
    return answer;
  }

  #value(key: string): Answer {
    const { node, readValue } = this.#api;
    const { lastApplied, term } = node.status();
    return valueAnswer(readValue(key), { index: lastApplied, term });
  }

  #onV2(route: RouteV2): Answered {
    const asked = this.#asked();
    const { watchStreams } = this.#api;
    return answerV2(route, asked, {
      watch: () => answerWatch(route.query, asked, watchStreams, (request) => this.#watch(request)),
      openApi: () => openApiAnswer(this.#api.openApi()),
    });
  }

  #watch(request: WatchRequest): null {
    const { open, node, metrics, watchStreams } = this.#api;
    open.leave(this);
    metrics?.answered(this.#operation, 200, (performance.now() - this.#startMs) / 1000);
    const headers = [
      'content-type',
      'text/event-stream',
      'x-raft-node',
      String(node.id),
      ...protectiveHeaders,
    ];
    this.#response.writeHead(200, headers);
    watchStreams.open(this.#response, request);
    this.#stream(() => this.#response.destroy());
    return null;
  }

  #asked(): Asked {
    const { node, kv, limits, wallClock } = this.#api;
    return {
      method: this.#request.method,
      headers: this.#request.headers,
      kv,
      maxKeyBytes: limits.maxKeyBytes,
      get oldMembers() {
        return oldMembersWords(node.status());
      },
      get position() {
        const { lastApplied, term } = node.status();
        return { index: lastApplied, term };
      },
      whenReadable: (consistency, read) => this.#whenReadable(consistency, () => this.#whenBegun(read)),
      whenRead: (answer) => this.#whenRead(answer),
      write: (go) => this.#write(go),
      receive: (complete) => this.#receive(complete),
      submit: (request, keyed, answer) =>
        this.#submit(encodeStamped(wallClock(), request), keyed, (result, position) => {
          assert(result.type === 'requested', 'a request is answered as one', result.type, 'requested');
          return answer(result.result, position);
        }),
    };
  }

  /** Goes on once the store's revisions have begun, as the first stamped command makes them. */
  #whenBegun(go: () => Answered): Answered {
    const { node, kv, open, wallClock, clientEndpointOf } = this.#api;
    if (kv.store.isBegun) return go();
    this.#expired = readTimedOut;
    // Its turn begins anew.
    open.leave(this);
    open.wait(this);
    this.#ask(() =>
      node.submit(encodeStamped(wallClock(), { type: 'passTime' }), (outcome) => {
        if (this.#isAnswered) return;
        if (outcome.type === 'notLeader' || outcome.type === 'overloaded')
          this.#answer(outcomeAnswer(outcome, clientEndpointOf));
        else this.#answer(kv.store.isBegun ? go() : readTimedOut);
      }),
    );
    return null;
  }

  /** Looks what the write is to be known by before its body is read. */
  #write(go: (keyed: KeyedBy | null) => Answered): Answered {
    const keyed = keyedBy(this.#request.headers);
    return typeof keyed === 'string' ? refusal(400, 'bad_request', keyed) : go(keyed);
  }

  #cas(key: string, body: Buffer, keyed: KeyedBy | null): Answered {
    const cas = parseCasRequest(body);
    if (typeof cas === 'string') return refusal(400, 'bad_request', cas);
    return this.#submit(encodeCas(key, cas.from, cas.to), keyed);
  }

  #report(report: 'status' | 'charts' | 'livez' | 'readyz'): Answered {
    const { method } = this.#request;
    if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD');
    const node = this.#api.isNodeStopped ? null : this.#api.node;
    if (report === 'charts') return chartsAnswer(node?.charts() ?? null);
    return reportAnswer(report, node?.status() ?? null);
  }

  /** Calls `complete` once the whole body is here. An upload that breaks off ends here without a trace. */
  #receive(complete: (body: Buffer) => Answered): Answered {
    const { limits, budget, uploads } = this.#api;
    const request = this.#request;
    const announced = Number(request.headers['content-length'] ?? limits.maxBodyBytes);
    if (this.#isAnnounced) {
      const refused =
        announced > limits.maxBodyBytes
          ? bodyTooLarge(limits.maxBodyBytes)
          : uploads.isFull
            ? overloaded
            : null;
      if (refused !== null) {
        // It may send the body all the same: nobody reads it as its next request.
        this.#response.shouldKeepAlive = false;
        return refused;
      }
      this.#response.writeContinue();
    }
    const body = new RequestBody(limits.maxBodyBytes, budget);
    const refuse = (answer: Answer): void => {
      body.release();
      this.#answer(answer);
      // What follows is read and dropped: closing now could cost the client the answer. But a client that sends it all the same has to wait for its next try.
      request.pause();
      uploads.drop(() => request.resume());
    };
    request.on('data', (chunk: Buffer) => {
      if (this.#isAnswered) return;
      const failure = body.add(chunk);
      if (failure === 'overloaded') refuse(overloaded);
      else if (failure === 'bodyTooLarge') refuse(bodyTooLarge(limits.maxBodyBytes));
      else if (this.#upload === null && body.length > limits.smallBodyBytes) {
        const bytes = Math.min(announced, limits.maxBodyBytes);
        if (request.headers['content-length'] !== undefined) body.expect(bytes);
        this.#askForRoom(bytes, refuse);
      }
    });
    request.on('end', () => {
      if (this.#upload !== null) uploads.received(this.#upload);
      if (!this.#isAnswered) this.#answer(complete(body.bytes));
      body.release();
    });
    request.on('close', () => {
      body.release();
      if (!request.readableEnded) this.#leave();
    });
    return null;
  }

  /**
   * A large body is not read until there is room for all of it, so its client has to wait. If the command seems bound to fail, it is refused at once. That is
   * a guess, which costs a client one more request if wrong: for each command that is read, the chart decides.
   */
  #askForRoom(bytes: number, refuse: (answer: Answer) => void): void {
    const { node, uploads, clientEndpointOf } = this.#api;
    const { role, leader } = node.status();
    if (role !== 'leader') {
      refuse(notLeaderAnswer(leader, clientEndpointOf));
      return;
    }
    const request = this.#request;
    request.pause();
    this.#upload = {
      bytes,
      admitted: () => request.resume(),
      refused: () => refuse(overloaded),
      tooSlow: () => refuse(requestTimeout),
    };
    uploads.ask(this.#upload);
  }

  #submit(
    command: Uint8Array,
    keyed: KeyedBy | null,
    answerTo?: (result: KvResult, position: Position) => Answer,
  ): null {
    const { node, open, clientEndpointOf, wallClock } = this.#api;
    open.wait(this);
    const payload = keyed === null ? command : encodeEnvelope({ ...keyed, stampMs: wallClock(), command });
    this.#ask(() =>
      node.submit(payload, (outcome) => {
        if (this.#isAnswered) return;
        this.#answer(this.#counted(outcomeAnswer(outcome, clientEndpointOf, answerTo), true));
      }),
    );
    return null;
  }

  /** Asks the node for something within the trace of this request, if it has one. */
  #ask(ask: () => void): void {
    if (this.#span === null) ask();
    else this.#span.within(ask);
  }

  #answer(answer: Answered): void {
    if (answer === null) return;
    if (this.#isAnswered) throw new Error(`a request was answered twice, now with ${answer.status}`);
    this.#isAnswered = true;
    this.#leave();
    const { metrics } = this.#api;
    metrics?.answered(this.#operation, answer.status, (performance.now() - this.#startMs) / 1000);
    this.#span?.answered(answer.status);
    this.#span = null;
    sendAnswer(this.#response, answer, this.#api.node.id, this.#api.isClosing);
  }

  /** Nobody waits for it any more. */
  #leave(): void {
    this.#api.open.leave(this);
    if (this.#upload !== null) this.#api.uploads.leave(this.#upload);
  }
}
