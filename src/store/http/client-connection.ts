import type { Socket } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import { PassingSet } from '../../ports/passing-set.ts';
import type { ByteBudget } from './byte-budget.ts';
import { type Pace, PacedSocket } from './paced-socket.ts';
import type { ReadingTurns } from './reading-turns.ts';

/** Bounds of one connection. */
export interface ConnectionLimits {
  readonly maxPipelined: number;
  readonly maxFramed: number;
  readonly maxUnreadBytes: number;
  readonly stallTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** What the connections of one server share. */
export interface ConnectionParts {
  readonly limits: ConnectionLimits;
  readonly answerBudget: ByteBudget;
  readonly turns: ReadingTurns;
  readonly clock: Clock;
}

/** A request of a connection, from its head to the last byte of its answer. */
export interface Pipelined {
  /** It has been received to its last byte. */
  readonly isReceived: boolean;
  /** It changes nothing, so it may be answered together with others like it. */
  readonly isSafe: boolean;
  /** Is called once, in the order of arrival. */
  start(): void;
}

/**
 * One client and its pipelined requests. What a client sends faster than it is answered, or asks for faster than it reads, stays with it: the connection is
 * not read meanwhile. Requests that were parsed together with the last one that fits wait for their turn. So does one that changes something, and what comes after it, until
 * everything before is answered: RFC 9112, §9.3.2.
 */
export class ClientConnection {
  readonly socket: PacedSocket;
  readonly #limits: ConnectionLimits;
  readonly #answerBudget: ByteBudget;
  /** In order of arrival, which is the order of the answers. */
  readonly #requests = new PassingSet<Pipelined>();
  readonly #unstarted: Pipelined[] = [];
  #isUnsafeUnderWay = false;
  #isFramed = false;
  /** The one that arrived last. */
  #latest: Pipelined | null = null;
  /** Those whose values wait for the client to read earlier ones. */
  readonly #waiting = new Map<Pipelined, () => void>();
  #unreadBytes = 0;
  #maxUnderWay: number;

  constructor(raw: Socket, { limits, answerBudget, turns, clock }: ConnectionParts) {
    this.#limits = limits;
    this.#answerBudget = answerBudget;
    this.#maxUnderWay = limits.maxPipelined;
    const isOpen = (): boolean => this.#requests.size < this.#maxUnderWay;
    const isInBody = (): boolean => this.#latest !== null && !this.#latest.isReceived;
    const pace: Pace = {
      get isOpen() {
        return isOpen();
      },
      get isInBody() {
        return isInBody();
      },
      waiting: () => turns.take(this.socket),
    };
    this.socket = new PacedSocket(raw, pace, clock, limits.idleTimeoutMs);
  }

  /** Requests whose answers are not sent to the last byte. */
  get size(): number {
    return this.#requests.size;
  }

  /** Whether it brought a whole request that is still to be answered. */
  get isOwed(): boolean {
    for (const { isReceived } of this.#requests) if (isReceived) return true;
    return false;
  }

  /** From now on its requests come in frames: more of them at once, since none waits for the answer to another. */
  frame(): void {
    this.#maxUnderWay = this.#limits.maxFramed;
    this.#isFramed = true;
  }

  /** Starts `request` once there is room for it among those under way. */
  add(request: Pipelined): void {
    this.#requests.add(request);
    this.#unstarted.push(request);
    this.#latest = request;
    this.#startNext();
  }

  /** The answer has been sent. False: `request` is none of this connection, or not any more. */
  remove(request: Pipelined): boolean {
    if (!this.#requests.delete(request)) return false;
    const place = this.#unstarted.indexOf(request);
    if (place === -1) this.#isUnsafeUnderWay &&= request.isSafe;
    else this.#unstarted.splice(place, 1);
    this.#startNext();
    this.socket.awaken();
    this.#answerWaiting();
    return true;
  }

  #startNext(): void {
    for (;;) {
      const [next] = this.#unstarted;
      if (next === undefined || !this.#mayStart(next)) return;
      this.#unstarted.shift();
      this.#isUnsafeUnderWay = !next.isSafe;
      next.start();
    }
  }

  #mayStart({ isSafe }: Pipelined): boolean {
    const underWay = this.#requests.size - this.#unstarted.length;
    if (underWay >= this.#maxUnderWay) return false;
    return this.#isFramed || underWay === 0 || (isSafe && !this.#isUnsafeUnderWay);
  }

  /** Calls `answer` once the client has read enough of earlier values. The answer that is next in turn never waits. */
  whenRead(request: Pipelined, answer: () => void): void {
    if (this.#hasRoomFor(request)) answer();
    else this.#waiting.set(request, answer);
  }

  /** A large answer of `bytes` is about to be sent. False: too many are on their way to all clients. Never if it is due: what was done is told. */
  send(bytes: number, isDue: boolean): boolean {
    // Nothing will be sent, so nothing would be given back.
    if (this.socket.destroyed) return true;
    if (isDue) this.#answerBudget.force(bytes);
    else if (!this.#answerBudget.take(bytes)) return false;
    this.#unreadBytes += bytes;
    this.socket.setTimeout(this.#limits.stallTimeoutMs);
    return true;
  }

  /** The system has taken it. */
  sent(bytes: number): void {
    // It was given back when the client left.
    if (this.socket.destroyed) return;
    this.#release(bytes);
    this.#answerWaiting();
    if (this.#unreadBytes === 0) this.socket.setTimeout(this.#limits.idleTimeoutMs);
  }

  /** The client has left: nobody waits for anything. Returns how many requests that were. */
  close(): number {
    const { size } = this;
    this.#requests.clear();
    this.#unstarted.length = 0;
    this.#waiting.clear();
    this.#release(this.#unreadBytes);
    return size;
  }

  #release(bytes: number): void {
    this.#unreadBytes -= bytes;
    this.#answerBudget.give(bytes);
  }

  #hasRoomFor(request: Pipelined): boolean {
    const [next] = this.#requests;
    return request === next || this.#unreadBytes < this.#limits.maxUnreadBytes;
  }

  #answerWaiting(): void {
    for (const [request, answer] of this.#waiting) {
      if (!this.#hasRoomFor(request)) continue;
      this.#waiting.delete(request);
      answer();
    }
  }
}
