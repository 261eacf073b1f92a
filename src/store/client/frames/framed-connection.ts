import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { isMalformed } from '../../../adapters/codec/malformed.ts';
import { request as httpRequest } from '../../../adapters/system/node-http.ts';
import { FrameReader } from '../../../adapters/transport/frame-reader.ts';
import { PassingMap } from '../../../ports/passing-map.ts';
import { FrameBatch } from '../../frames/frame-batch.ts';
import {
  decodeAnswer,
  encodeRequest,
  type FramedAnswer,
  type FramedRequest,
  framesPath,
  framesProtocol,
  idAfter,
  maxAnswerFrameBytes,
  noRequestId,
} from '../../frames/frame-codec.ts';

/** How long a node may take to accept a connection. */
const openTimeoutMs = 5000;
/** If a request is given up after this long and nothing at all has arrived meanwhile, the connection is dead: the system may take minutes to notice. */
const silenceMs = 1000;

/** A request that is under way. */
interface Pending {
  readonly resolve: (answer: FramedAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The node there speaks HTTP only. */
export class NotFramed extends Error {
  override readonly name = 'NotFramed';
  /** It may speak frames at any moment. */
  readonly isForNow: boolean;

  constructor(origin: string, status: number | undefined) {
    super(`${origin} answers ${status}`);
    this.isForNow = status === 503;
  }
}

/** One connection to a node, with many requests under way at once. */
export class FramedConnection {
  readonly #socket: Duplex & { ref?(): void; unref?(): void };
  readonly #pending = new PassingMap<number, Pending>();
  #lastId = 0;
  readonly #leaving: FrameBatch;
  #failure: Error | null = null;
  /** When something arrived last. */
  #heardMs = performance.now();

  private constructor(socket: Duplex, head: Uint8Array) {
    this.#socket = socket;
    this.#leaving = new FrameBatch(socket, setImmediate);
    const reader = new FrameReader(maxAnswerFrameBytes);
    const take = (bytes: Uint8Array): void => {
      this.#heardMs = performance.now();
      const fault = reader.push(bytes, (frame) => this.#take(frame));
      if (fault !== null) this.#fail(broken(`the node sends ${fault}`));
    };
    socket.on('data', take);
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(broken('the connection was closed')));
    if (head.length > 0) take(head);
    this.#socket.unref?.();
  }

  /** To the node at `origin`, `http:` or `https:`. Rejects with `NotFramed`, or with the error of the system. `tls`: for `https:`. */
  static open(origin: string, tls: SecureContextOptions): Promise<FramedConnection> {
    return new Promise((resolve, reject) => {
      const isSecure = origin.startsWith('https:');
      const headers = { connection: 'Upgrade', upgrade: framesProtocol };
      const request = (isSecure ? httpsRequest : httpRequest)(`${origin}${framesPath}`, {
        headers,
        agent: false,
        ...(isSecure ? tls : {}),
      });
      // Not a timeout of silence: nothing that a node sends instead of its answer extends it.
      const timer = setTimeout(() => request.destroy(tooSlow()), openTimeoutMs);
      request.on('close', () => clearTimeout(timer));
      request.on('upgrade', (_, socket, head) => {
        socket.setNoDelay(true);
        socket.setKeepAlive(true, 10_000);
        resolve(new FramedConnection(socket, head));
      });
      request.on('response', (response) => {
        response.destroy();
        reject(new NotFramed(origin, response.statusCode));
      });
      request.on('error', reject);
      request.end();
    });
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /** Rejects if the connection is lost, or with the reason of `signal`: the node may do what was asked all the same. */
  ask(request: Omit<FramedRequest, 'id'>, signal: AbortSignal | undefined): Promise<FramedAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted || this.#failure !== null) {
        reject(signal?.aborted ? signal.reason : this.#failure);
        return;
      }
      const id = this.#nextId();
      const sentMs = performance.now();
      const giveUp = (): void => {
        this.#settle(id);
        reject(signal!.reason);
        const isSilent = this.#heardMs < sentMs && performance.now() - sentMs >= silenceMs;
        if (isSilent) this.#fail(broken('the node is silent'));
      };
      const done = (): void => signal?.removeEventListener('abort', giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#pending.set(id, {
        resolve: (answer) => {
          done();
          resolve(answer);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      if (this.#pending.size === 1) this.#socket.ref?.();
      this.#leaving.add(encodeRequest({ id, ...request }));
    });
  }

  close(): void {
    this.#fail(broken('the connection was closed here'));
  }

  /** Neither 0 nor the id of a request that is under way. */
  #nextId(): number {
    do this.#lastId = idAfter(this.#lastId);
    while (this.#pending.has(this.#lastId));
    return this.#lastId;
  }

  #take(frame: Uint8Array): void {
    const answer = decodeAnswer(frame);
    if (isMalformed(answer)) this.#fail(broken(`the node sends ${answer.malformed}`));
    else if (answer.id === noRequestId) this.#fail(broken(new TextDecoder().decode(answer.body)));
    // Nobody waits any more for what was given up.
    else this.#settle(answer.id)?.resolve(answer);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    // A program that waits for nothing may end.
    if (this.#pending.size === 0) this.#socket.unref?.();
    return pending;
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#socket.destroy();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

const tooSlow = (): Error =>
  Object.assign(new Error('connecting took too long'), { code: 'UND_ERR_CONNECT_TIMEOUT' });

const broken = (message: string): Error => Object.assign(new Error(message), { code: 'ECONNRESET' });
