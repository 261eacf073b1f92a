import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { Message } from '../../../raft/messages.ts';
import type { NodeId } from '../../../raft/types.ts';
import { decodeControl, encodeControl, type Hello, type Join, refusedFor } from '../../codec/control.ts';
import { messageIn, messageJson } from '../../codec/json-message.ts';
import { isMalformed } from '../../codec/malformed.ts';
import { decodeMessage } from '../../codec/message.ts';
import { earlierVersionIn } from '../../codec/wire-versions.ts';
import { Agent, request } from '../../system/node-http.ts';
import type { FrameLimits } from '../frame-limits.ts';
import { reasonOf } from '../tcp/tcp-connection.ts';
import { answerTypes } from './answer.ts';
import { readBody } from './body.ts';
import { addressHeaders, frameOfAnswer, type Headers, helloHeaders } from './control-json.ts';
import { connectionHeader, controlPaths, messagePaths, sequenceHeader } from './routes.ts';

/** A request whose connection moves no byte for so long has failed. */
const idleTimeoutMs = 5000;
/** After `close`, how long what was sent before may take. */
const closeGraceMs = 2000;
/** The most requests under way, besides the one that asks for frames. */
const maxUnderWay = 8;

export interface OutgoingParts {
  readonly address: Address;
  readonly limits: FrameLimits;
  /** A new socket to whoever listens at `address`. */
  readonly connect: () => Socket;
  /** The peer has answered a request with `message`, which it sent over the connection `by` that it has dialled. */
  readonly answered: (message: Message, by: string) => void;
  /** Takes a message as the answer to a request of the peer that waits here. False: none waits for it. */
  readonly answerWith: (message: Message, by: string) => boolean;
  /** Called once. */
  readonly closed: () => void;
}

/** What a frame becomes: a request, and what its answer means. */
interface Post {
  readonly path: string;
  readonly headers: Headers;
  readonly type: 'application/json' | 'application/octet-stream';
  readonly body: Uint8Array;
  readonly asks: Hello | Join | 'Ping' | Message | null;
}

/** The dialling side of a connection over HTTP: each frame is a request, numbered in its order, several under way at a time. */
export class OutgoingConnection implements Connection {
  readonly remote: string;
  readonly id = randomUUID();
  readonly #parts: OutgoingParts;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: maxUnderWay + 1 });
  readonly #handlers: ConnectionHandlers;
  #isOpen = false;
  #isClosed = false;
  #isEnding = false;
  #isOver = false;
  /** By what this side names itself in each request, once it has said so. */
  #address: Headers = {};
  #welcomedBy: NodeId | null = null;
  #sequence = 0;
  #waiting: Post[] = [];
  #waitingBytes = 0;
  #underWay = 0;

  constructor(parts: OutgoingParts, handlers: ConnectionHandlers) {
    this.#parts = parts;
    this.#agent.createConnection = parts.connect;
    this.#handlers = handlers;
    this.remote = addressText(parts.address);
    this.#send('POST', controlPaths.connect, {}, null)
      .then(async (answer) => {
        if (answer.statusCode !== 201) throw await refusal(answer);
        await readBody(answer, parts.limits.maxFrameBytes);
        if (this.#isClosed) return;
        this.#isOpen = true;
        handlers.opened();
        void this.#poll();
      })
      .catch((error: Error) => this.#fail(this.#wordsOf(error)));
  }

  isWelcomedBy(peer: NodeId): boolean {
    return this.#isOpen && !this.#isClosed && this.#welcomedBy === peer;
  }

  send(frame: Uint8Array): boolean {
    if (this.#isClosed || this.#isEnding || !this.#isOpen || frame.length > this.#parts.limits.maxFrameBytes)
      return false;
    const message = decodeMessage(frame);
    if (!isMalformed(message) && this.#parts.answerWith(message, this.id)) return true;
    const post = isMalformed(message) ? this.#postOf(frame) : postOfMessage(message);
    const bytes = post.body.length;
    const { maxWaitingBytes } = this.#parts.limits;
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > maxWaitingBytes) return false;
    this.#waiting.push(post);
    this.#waitingBytes += bytes;
    this.#pump();
    return true;
  }

  close(): void {
    if (this.#isClosed || this.#isEnding) return;
    if (!this.#isOpen) {
      this.#fail('closed by this side');
      return;
    }
    this.#isEnding = true;
    this.#pump();
    setTimeout(() => this.#fail('closed by this side'), closeGraceMs).unref();
  }

  #postOf(frame: Uint8Array): Post {
    const control = decodeControl(frame);
    const json = { type: 'application/json', body: empty } as const;
    if (!isMalformed(control)) {
      if (control.type === 'Hello') {
        this.#address = addressHeaders(control, control.to);
        return { ...json, path: controlPaths.hello, headers: helloHeaders(control), asks: control };
      }
      if (control.type === 'Join') {
        this.#address = addressHeaders(control, null);
        return { ...json, path: controlPaths.join, headers: {}, asks: control };
      }
      if (control.type === 'Ping') {
        const body = Buffer.from(JSON.stringify({ start: control.start }));
        return { ...json, path: controlPaths.ping, headers: {}, body, asks: 'Ping' };
      }
    }
    return {
      path: controlPaths.frame,
      headers: {},
      type: 'application/octet-stream',
      body: frame,
      asks: null,
    };
  }

  #pump(): void {
    while (this.#underWay < maxUnderWay) {
      const post = this.#waiting.shift();
      if (post === undefined) break;
      this.#post(post);
    }
    if (!this.#isEnding || this.#isOver || this.#waiting.length > 0) return;
    // Numbered as well: it does not overtake what was sent before.
    this.#isOver = true;
    this.#send('POST', controlPaths.close, { [sequenceHeader]: `${this.#sequence}` }, empty).then(
      (answer) => {
        answer.resume();
        this.#fail('closed by this side');
      },
      () => this.#fail('closed by this side'),
    );
  }

  #post({ path, headers, type, body, asks }: Post): void {
    this.#underWay += 1;
    const all = {
      'content-type': type,
      ...this.#address,
      ...headers,
      [sequenceHeader]: `${this.#sequence}`,
    };
    this.#sequence += 1;
    this.#send('POST', path, all, body)
      .then((answer) => this.#onAnswer(answer, asks))
      .then(() => {
        this.#underWay -= 1;
        this.#waitingBytes -= body.length;
        if (!this.#isClosed) this.#pump();
      })
      .catch((error: Error) => this.#fail(this.#wordsOf(error)));
  }

  async #onAnswer(answer: IncomingMessage, asks: Post['asks']): Promise<void> {
    const { statusCode } = answer;
    if (statusCode !== 200 && statusCode !== 202 && statusCode !== 204) {
      const error = await refusal(answer);
      if (!isRefusal(statusCode, error, asks)) throw error;
      if (!this.#isClosed) this.#handlers.frame(encodeControl(refusedFor(error.message)));
      return;
    }
    const body = await readBody(answer, this.#parts.limits.maxFrameBytes * 2);
    if (this.#isClosed || asks === null || statusCode === 204) return;
    const json = jsonIn(body);
    // Its answer comes as a request of the peer's own.
    if (statusCode === 202) return;
    if (asks === 'Ping') {
      this.#handlers.frame(encodeControl({ type: 'Pong' }));
      return;
    }
    if (isGreeting(asks)) {
      const said = frameOfAnswer(asks.type === 'Hello' ? 'Welcome' : 'Joined', json);
      if ('malformed' in said) throw new Error(`it answers with a malformed ${said.malformed}`);
      if (asks.type === 'Hello') this.#welcomedBy = asks.to;
      this.#handlers.frame(said.frame);
      return;
    }
    const type = answerTypes[asks.type as keyof typeof answerTypes];
    if (type === undefined) return;
    const message = messageIn(type, asks.to, asks.from, json);
    if (isMalformed(message)) throw new Error(`it answers with a malformed ${message.malformed}`);
    const by = answer.headers[connectionHeader];
    if (typeof by === 'string') this.#parts.answered(message, by);
  }

  /** Asks for the frames that the other side sends, one after the other. */
  async #poll(): Promise<void> {
    try {
      while (!this.#isClosed) {
        const answer = await this.#send('GET', controlPaths.frame, this.#address, null);
        if (answer.statusCode !== 200 && answer.statusCode !== 204) throw await refusal(answer);
        const frame = await readBody(answer, this.#parts.limits.maxFrameBytes);
        if (answer.statusCode === 200 && !this.#isClosed && !this.#isEnding)
          this.#handlers.frame(new Uint8Array(frame));
      }
    } catch (error) {
      this.#fail(this.#wordsOf(error as Error));
    }
  }

  #send(
    method: 'GET' | 'POST',
    path: string,
    headers: Headers,
    body: Uint8Array | null,
  ): Promise<IncomingMessage> {
    const { host, port } = this.#parts.address;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          host,
          port,
          method,
          path,
          headers: { ...headers, [connectionHeader]: this.id, 'content-length': body?.length ?? 0 },
        },
        resolve,
      );
      sent.setNoDelay(true);
      sent.setTimeout(idleTimeoutMs, () =>
        sent.destroy(new Error(`no answer to ${path} within ${idleTimeoutMs} ms`)),
      );
      sent.on('error', reject);
      sent.end(body ?? undefined);
    });
  }

  #fail(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    this.#parts.closed();
    setImmediate(() => {
      this.#agent.destroy();
      this.#handlers.closed(this.#isEnding ? 'closed by this side' : reason);
    });
  }

  #wordsOf(error: Error): string {
    const reason = reasonOf(error);
    // What a node with another transport does to a request.
    const isNoHttp = /socket hang up|Parse Error/.test(reason) && !this.#isOpen;
    return isNoHttp
      ? `${reason}: the program at ${this.remote} does not speak HTTP, or only over TLS; start all nodes with the same --transport, and all with --peer-cert or none`
      : reason;
  }
}

const empty = new Uint8Array(0);

const postOfMessage = (message: Message): Post => ({
  path: messagePaths[message.type],
  headers: {},
  type: 'application/json',
  body: Buffer.from(JSON.stringify(messageJson(message))),
  asks: message,
});

const isGreeting = (asks: Hello | Join | 'Ping' | Message): asks is Hello | Join =>
  typeof asks === 'object' && (asks.type === 'Hello' || asks.type === 'Join');

/** Whether the answer refuses a greeting, so that nothing is wrong with the connection. A node calls a version that it does not speak malformed. */
const isRefusal = (status: number | undefined, { message }: Error, asks: Post['asks']): boolean =>
  asks !== null &&
  typeof asks === 'object' &&
  isGreeting(asks) &&
  (status === 403 || (status === 400 && earlierVersionIn(message, asks.version) !== null));

const jsonIn = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new Error('it answers with something that is not JSON');
  }
};

const errorIn = (json: unknown): string | null => {
  const error = (json as { readonly error?: unknown } | null)?.error;
  return typeof error === 'string' ? error : null;
};

/** Why a request was refused, as an error. */
const refusal = async (answer: IncomingMessage): Promise<Error> => {
  const body = await readBody(answer, 4096).catch(() => empty);
  let said: string | null = null;
  try {
    said = errorIn(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    // It says nothing that can be read.
  }
  return new Error(said ?? `it answers ${answer.statusCode}`);
};
