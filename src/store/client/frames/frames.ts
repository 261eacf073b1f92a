import type { SecureContextOptions } from 'node:tls';
import { headerIn, maxRequestFrameBytes } from '../../frames/frame-codec.ts';
import type { Fetch, Fetched } from '../fetching.ts';
import { FramedConnection, NotFramed } from './framed-connection.ts';

/** How a client reaches nodes by frames. */
export interface FramesOptions {
  /** For nodes with HTTPS, as `node:tls` takes them: `ca`, which is then trusted in place of the authorities that Node.js knows, and `cert` and `key` if the nodes want a certificate. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
  /** For what does not go by frames: watches, large values, and nodes that do not speak them. Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

/** Reserved for everything in a frame but the body and the path. */
const headRoomBytes = 8 * 1024;
/** Two bytes each at most, as HTTP has them. */
const maxHeaderChars = headRoomBytes / 2 - 1024;
/** A node that does not speak frames is asked again after so long: it may have been replaced by a later version. */
const plainMs = 30_000;

/**
 * Reaches nodes by frames: one connection to each, on which many requests are under way at once. Watches and large values go by HTTP, and so does everything with a node that does
 * not speak frames.
 */
export class Frames {
  readonly #tls: SecureContextOptions;
  readonly #plainFetch: typeof fetch;
  readonly #connections = new Map<string, Promise<FramedConnection>>();
  /** Until when what is at an origin is asked by HTTP. */
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
    // As `fetch` does with values.
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
    signal.throwIfAborted();
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
    // Another request has noticed first that it is lost.
    if (latest !== undefined && latest !== found) return latest;
    const opening = FramedConnection.open(origin, this.#tls);
    this.#connections.set(origin, opening);
    opening.catch(() => {
      if (this.#connections.get(origin) === opening) this.#connections.delete(origin);
    });
    return opening;
  }
}

/** What the store holds. A watch is one long answer. */
const framedPaths = /^\/v1\/kv\/|^\/v2\/(?:kv|txn|leases)(?:[/?]|$)/;
const encoder = new TextEncoder();
const none = new Uint8Array();

/** Rejects with the reason of `signal` if that comes first. */
const orAborted = <Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
