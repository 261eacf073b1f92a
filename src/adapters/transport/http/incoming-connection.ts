import type { ServerResponse } from 'node:http';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { Message } from '../../../raft/messages.ts';
import type { NodeId } from '../../../raft/types.ts';
import { decodeControl, type Hello } from '../../codec/control.ts';
import { messageJson } from '../../codec/json-message.ts';
import { isMalformed } from '../../codec/malformed.ts';
import type { FrameLimits } from '../frame-limits.ts';
import { answers, type Give, replyTo } from './answer.ts';
import { answerJson } from './control-json.ts';
import { connectionHeader } from './routes.ts';

/** How long a request waits for the node's answer before it is answered 202, and the answer becomes a request of its own. */
const answerTimeoutMs = 150;
/** The same where somebody waits who has nothing else to go by. */
const patientAnswerMs = 4000;
/** How long a request for frames to the dialling side waits for one. */
const pollMs = 2000;
/** A connection whose dialling side asks for no frames for so long is over: that process is gone. */
const goneMs = 1500;
/** Frames that wait for one before them: the dialling side has fewer under way. */
const maxAhead = 64;

/** A request that waits for what the node says to it. */
interface Pending {
  readonly asks: 'Hello' | 'Ping' | 'Join' | Message;
  readonly give: Give;
  readonly timer: NodeJS.Timeout;
}

export interface IncomingParts {
  readonly id: string;
  readonly remote: string;
  readonly limits: FrameLimits;
  /** The node that the certificate of the dialling side names; absent without TLS. */
  readonly provenId?: NodeId;
  /** By hand: no dialling side asks for frames, and only one request will come. */
  readonly isByHand: boolean;
  /** Called once. */
  readonly closed: () => void;
}

/** The accepting side of a connection over HTTP: it gets frames as requests, in their order, and its own leave in answers. */
export class IncomingConnection implements Connection {
  readonly remote: string;
  readonly provenId?: NodeId;
  readonly #parts: IncomingParts;
  #handlers: ConnectionHandlers | null = null;
  /** Who dialled, by its own account; null: it has not said so. */
  hello: Hello | null = null;
  #isWelcomed = false;
  #onEnd: () => void = () => {};
  readonly #begun = Promise.withResolvers<void>();
  #next = 0;
  readonly #ahead = new Map<number, () => void>();
  #pending: Pending[] = [];
  /** Frames to the dialling side, and its request for the next one. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #poll: { readonly answer: ServerResponse; readonly timer: NodeJS.Timeout } | null = null;
  #gone: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** Closed by this side, though frames are left that the dialling side has not asked for. */
  #isEnding = false;
  #reason = 'the other side closed it';

  constructor(parts: IncomingParts) {
    this.#parts = parts;
    this.remote = parts.remote;
    if (parts.provenId !== undefined) this.provenId = parts.provenId;
  }

  get id(): string {
    return this.#parts.id;
  }

  get isByHand(): boolean {
    return this.#parts.isByHand;
  }

  /** Resolves once the first frame has been delivered, or will not be. Nothing longer than that may be is read before. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** The peer that has been welcomed; null: nobody yet. */
  get peer(): NodeId | null {
    return this.#isWelcomed ? (this.hello?.from ?? null) : null;
  }

  attach(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    setImmediate(() => {
      if (!this.#isClosed) handlers.opened();
    });
    this.#awaitPoll();
  }

  /** Calls `deliver` once all frames before number `sequence` have been delivered. Returns what is wrong with that, or null. */
  inOrder(sequence: number, deliver: () => void): string | null {
    if (this.#isClosed || this.#isEnding) return this.#reason;
    if (sequence < this.#next || this.#ahead.has(sequence)) return `frame ${sequence} came twice`;
    if (sequence >= this.#next + maxAhead) return `frame ${sequence} came when ${this.#next} was to be next`;
    this.#ahead.set(sequence, deliver);
    for (;;) {
      const run = this.#ahead.get(this.#next);
      if (run === undefined) return null;
      this.#ahead.delete(this.#next);
      this.#next += 1;
      run();
      this.#begun.resolve();
    }
  }

  /** Hands `frame` to the node. If `asks` asks for something, `give` waits for what the node says to that. */
  deliver(frame: Uint8Array, asks: Pending['asks'] | null, give: Give): void {
    if (this.#isClosed || this.#isEnding || this.#handlers === null) {
      give(410, { error: this.#reason });
      return;
    }
    if (asks === null) {
      this.#handlers.frame(frame);
      give(204, null);
      return;
    }
    // Whoever says hello waits for its welcome: the node has a timeout of its own for that.
    const isPatient = typeof asks === 'string' || this.isByHand;
    const timer = setTimeout(
      () => this.#settle(pending, 202, {}),
      isPatient ? patientAnswerMs : answerTimeoutMs,
    );
    const pending: Pending = { asks, give, timer };
    this.#pending.push(pending);
    this.#handlers.frame(frame);
  }

  /** Gives `response`, which this node sends to the peer over its connection `by`, as the answer to a request that waits for it. */
  answerWith(response: Message, by: string): boolean {
    if (this.#isClosed) return false;
    const pending = this.#pending.find(({ asks }) => typeof asks !== 'string' && answers(response, asks));
    if (pending === undefined) return false;
    return this.#settle(pending, 200, messageJson(response), { [connectionHeader]: by });
  }

  /** The dialling side asks for the next frame. */
  poll(answer: ServerResponse): void {
    this.#endPoll(204);
    if (this.#gone !== null) clearTimeout(this.#gone);
    this.#gone = null;
    const timer = setTimeout(() => this.#endPoll(204), pollMs);
    this.#poll = { answer, timer };
    answer.once('close', () => {
      clearTimeout(timer);
      if (this.#poll?.answer === answer) this.#poll = null;
      // The other process asks again, or is gone.
      this.#awaitPoll();
    });
    this.#flush();
  }

  send(frame: Uint8Array): boolean {
    if (this.#isClosed || this.#isEnding || frame.length > this.#parts.limits.maxFrameBytes) return false;
    const control = decodeControl(frame);
    if (!isMalformed(control)) {
      switch (control.type) {
        case 'Welcome':
          this.#isWelcomed = true;
          if (this.#answerTo(['Hello'], 200, answerJson(control))) return true;
          break;
        case 'Joined':
          if (this.#answerTo(['Join'], 200, answerJson(control))) return true;
          break;
        case 'Pong':
          if (this.#answerTo(['Ping'], 200, {})) return true;
          break;
        case 'Refused':
          this.#reason = control.reason;
          if (this.#answerTo(['Hello', 'Join'], 403, { error: control.reason })) return true;
      }
    }
    if (this.isByHand) return true;
    if (this.#waitingBytes > 0 && this.#waitingBytes + frame.length > this.#parts.limits.maxWaitingBytes)
      return false;
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    setImmediate(() => this.#flush());
    return true;
  }

  /** `run` is called when it is over. */
  onEnd(run: () => void): void {
    this.#onEnd = run;
  }

  close(): void {
    if (this.#isClosed || this.#isEnding) return;
    if (this.#reason === 'the other side closed it') this.#reason = 'closed by the other side';
    this.#isEnding = true;
    setImmediate(() => this.#flush());
    // A dialling side that asks for nothing more does not learn the end, and need not.
    setTimeout(() => this.end(this.#reason), this.isByHand ? 0 : goneMs).unref();
  }

  /** It is over: whatever waits is answered with the reason. */
  end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    if (this.#gone !== null) clearTimeout(this.#gone);
    for (const pending of [...this.#pending]) this.#settle(pending, 410, { error: reason });
    // Delivers nothing any more, but answers.
    for (const run of this.#ahead.values()) run();
    this.#ahead.clear();
    this.#begun.resolve();
    this.#endPoll(410);
    const handlers = this.#handlers;
    this.#parts.closed();
    this.#onEnd();
    setImmediate(() => handlers?.closed(reason));
  }

  #answerTo(kinds: readonly Pending['asks'][], status: number, json: object): boolean {
    const pending = this.#pending.find(({ asks }) => kinds.includes(asks));
    if (pending === undefined) return false;
    this.#settle(pending, status, json);
    return true;
  }

  #settle(
    pending: Pending,
    status: number,
    json: object,
    headers: Readonly<Record<string, string>> = {},
  ): boolean {
    clearTimeout(pending.timer);
    this.#pending = this.#pending.filter((each) => each !== pending);
    return pending.give(status, json, headers);
  }

  #flush(): void {
    if (this.#poll !== null && this.#waiting.length > 0) {
      const { answer, timer } = this.#poll;
      clearTimeout(timer);
      this.#poll = null;
      const frame = this.#waiting.shift()!;
      this.#waitingBytes -= frame.length;
      answer.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': frame.length });
      answer.end(frame);
    }
    if (this.#isEnding && this.#waiting.length === 0 && (this.#poll !== null || this.isByHand))
      this.end(this.#reason);
  }

  #endPoll(status: 204 | 410): void {
    if (this.#poll === null) return;
    const { answer, timer } = this.#poll;
    clearTimeout(timer);
    this.#poll = null;
    replyTo(answer)(status, status === 410 ? { error: this.#reason } : null);
  }

  #awaitPoll(): void {
    if (this.isByHand || this.#isClosed || this.#poll !== null) return;
    if (this.#gone !== null) clearTimeout(this.#gone);
    this.#gone = setTimeout(() => this.end('the other side is gone'), goneMs);
    this.#gone.unref();
  }
}
