import type { SecureContextOptions } from 'node:tls';
import { headerIn, maxRequestFrameBytes } from '../../frames/frame-codec.ts';
import type { Fetch, Fetched } from '../fetching.ts';
import { FramedConnection, NotFramed } from './framed-connection.ts';

/** How a client reaches nodes by frames. */
export interface FramesOptions {
  /** For nodes with HTTPS, as `node:tls` takes them: `ca`, which is trusted instead of the authorities that Node.js knows, and `cert` and `key` if the nodes require a certificate. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
  /** For what does not go by frames: watches, large values, and nodes that do not speak them. Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** Reserved for everything in a frame but the body and the path. */
const headRoomBytes = 8 * 1024;
/** Of all headers. Each takes two bytes at most: HTTP allows no others. */
const maxHeaderChars = headRoomBytes / 2 - 1024;
/** When a node that does not speak frames is asked again: a later version may have taken its place. */
const plainMs = 30_000;

/**
 * Reaches nodes by frames: one connection to each, with many requests under way at once. Watches and large values go by HTTP, and so does everything asked of a node that
 * does not speak frames.
 */
export class Frames {
  readonly #tls: SecureContextOptions;
  readonly #plainFetch: typeof fetch;
  readonly #connections = new Map<string, Promise<FramedConnection>>();
  /** Until when the node at an origin is asked by HTTP. */
  readonly #plainUntilMs = new Map<string, number>();

  constructor({ tls = {}, fetch = globalThis.fetch }: FramesOptions = {}) {
    this.#tls = tls;
    this.#plainFetch = (...args) => fetch(...args);
  }

  /** For the option `fetch` of a client. */
  readonly fetch: Fetch = async (url, { method, headers, body, redirect, signal }) => {
    const pathAt = url.indexOf('/', url.indexOf('//') + 2);
    const origin = url.slice(0, pathAt);
    const path = url.slice(pathAt);
    const bytes = typeof body === 'string' ? encoder.encode(body) : (body ?? none);
    // `fetch` trims values, too.
    const pairs = Object.entries(headers).flatMap(([name, value]) => [name, value.trim()]);
    const plain = (): Promise<Fetched> =>
      this.#plainFetch(url, { method, headers, redirect, signal, ...(body === undefined ? {} : { body }) });
    const isPlain =
      !framedPaths.test(path) ||
      bytes.length + path.length > maxRequestFrameBytes - headRoomBytes ||
      pairs.join('').length > maxHeaderChars ||
      (this.#plainUntilMs.get(origin) ?? 0) > performance.now();
    if (isPlain) return plain();
    signal.throwIfAborted();
    let connection: FramedConnection;
    try {
      connection = await orAborted(this.#connectionTo(origin), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NotFramed)) throw new TypeError('fetch failed', { cause: error });
      if (!error.isForNow) this.#plainUntilMs.set(origin, performance.now() + plainMs);
      return plain();
    }
    const answer = await connection
      .ask({ method, path, headers: pairs, body: bytes }, signal)
      .catch((error: unknown) => {
        throw signal.aborted ? error : new TypeError('fetch failed', { cause: error });
      });
    return {
      status: answer.status,
      headers: { get: (name) => headerIn(answer.headers, name) },
      body: null,
      arrayBuffer: async () => answer.body.slice().buffer,
    };
  };

  /** Ends all connections. What is under way fails; what is asked afterwards connects again. */
  close(): void {
    for (const opening of this.#connections.values())
      opening.then(
        (connection) => connection.close(),
        () => {},
      );
    this.#connections.clear();
  }

  async #connectionTo(origin: string): Promise<FramedConnection> {
    const found = this.#connections.get(origin);
    if (found !== undefined) {
      const connection = await found;
      if (connection.isOpen) return connection;
    }
    const latest = this.#connections.get(origin);
    // Another request was the first to notice that the connection is lost.
    if (latest !== undefined && latest !== found) return latest;
    const opening = FramedConnection.open(origin, this.#tls);
    this.#connections.set(origin, opening);
    opening.catch(() => {
      if (this.#connections.get(origin) === opening) this.#connections.delete(origin);
    });
    return opening;
  }
}

/** Those of what the store holds, but for watches, each of which is one long answer. */
const framedPaths = /^\/v1\/kv\/|^\/v2\/(?:kv|txn|leases)(?:[/?]|$)/;
const encoder = new TextEncoder();
const none = new Uint8Array();

/** As `result`, but rejects with the reason of `signal` if it aborts first. */
const orAborted = <Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
