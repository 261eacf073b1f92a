import { accepted, errorIn, type Fields, jsonOf, refused } from './answers.ts';
import { ask, type Question, type Reaching, type Reply } from './asking.ts';
import { closed } from './client-error.ts';
import { KeptLease, maxTimerMs } from './kept-lease.ts';
import { type Keys, type KeyValuePair, keysQuery, pairIn, pairInAnswer } from './key-value.ts';
import { KnownNodes } from './known-nodes.ts';
import { SessionWrites } from './session-writes.ts';
import type {
  ListOptions,
  Page,
  ReadOptions,
  RequestOptions,
  StoreClientOptions,
  WriteOptions,
  Written,
} from './store-client-options.ts';
import { type Txn, type TxnResult, type TxnStep, txnBody, txnResultIn } from './txn.ts';
import { Watch } from './watch.ts';
import type { WatchOptions } from './watching.ts';

/**
 * A client of the replicated store, for Node.js and browsers. Each write takes effect once, whatever is lost or sent again: it has its place in a session (docs/sessions.md), and what to do after a
 * failure is decided by the chart that `raft-client` runs as well (machines/client-session.machine.ts). Methods reject with `ClientError`, and with `RangeError` for a `timeoutMs` that is not above 0.
 */
export class StoreClient {
  readonly #reaching: Reaching;
  readonly #timeoutMs: number;
  readonly #nodes: KnownNodes;
  readonly #closing = new AbortController();
  readonly #writes = new SessionWrites(this.#closing.signal);

  /** Throws `RangeError` for no endpoint, one that is not a base address, and a `timeoutMs` that is not above 0. */
  constructor({ endpoints, token, timeoutMs = 10_000, fetch = globalThis.fetch }: StoreClientOptions) {
    this.#timeoutMs = checkedTimeout(timeoutMs);
    // Not called as a method of ours: a browser's `fetch` refuses any other `this` than its own.
    this.#reaching = { fetch: (...args) => fetch(...args), token: token ?? null };
    this.#nodes = new KnownNodes(endpoints, this.#reaching, this.#timeoutMs);
  }

  /** The key's pair; null: there is no such key. */
  async get(key: string, options: ReadOptions = {}): Promise<KeyValuePair | null> {
    if (isFolder(key)) return (await this.page({ key }, options)).pairs[0] ?? null;
    const reply = await this.#read(`${keyPath(key)}${queryOf(readQuery(options))}`, options);
    if (reply.status === 200) return pairInAnswer(key, reply.headers, reply.body);
    if (errorIn(reply) === 'key_not_found') return null;
    throw refused(reply);
  }

  /** One page: the first, or the one that `cursor` of the page before names; of its range and order the cursor knows, so of the other options only `pageSize` and `consistency` count. To follow what is listed, watch from its `revision` + 1. */
  async page(keys: Keys, options: ListOptions & { readonly cursor?: string } = {}): Promise<Page> {
    const { pageSize = 100, order, sort, keysOnly, maxCreateRevision, cursor } = options;
    const query = {
      ...(cursor === undefined
        ? {
            ...keysQuery(keys),
            ...readQuery(options),
            ...(order === undefined ? {} : { order }),
            ...(sort === undefined ? {} : { sort }),
            ...(keysOnly === undefined ? {} : { keys_only: String(keysOnly) }),
            ...(maxCreateRevision === undefined ? {} : { max_create_revision: String(maxCreateRevision) }),
          }
        : { cursor, ...readQuery({ ...options, revision: undefined }) }),
      limit: String(pageSize),
    };
    const body = accepted(await this.#read(`/v2/kv${queryOf(query)}`, options));
    return {
      pairs: (body.kvs as readonly Fields[]).map(pairIn),
      count: Number(body.count),
      revision: Number(body.revision),
      cursor: typeof body.next === 'string' ? body.next : null,
    };
  }

  /** All pairs, fetched page by page, as of one revision. Throws `compacted` if that is forgotten before the last page. */
  async *list(keys: Keys, options: ListOptions = {}): AsyncGenerator<KeyValuePair, void> {
    let cursor: string | null = null;
    do {
      const page: Page = await this.page(keys, cursor === null ? options : { ...options, cursor });
      yield* page.pairs;
      ({ cursor } = page);
    } while (cursor !== null);
  }

  /** How many keys there are. */
  async count(keys: Keys, options: ReadOptions = {}): Promise<number> {
    const query = queryOf({ ...keysQuery(keys), ...readQuery(options), count_only: 'true' });
    return Number(accepted(await this.#read(`/v2/kv${query}`, options)).count);
  }

  /** Writes one key; a text as UTF-8. Without `ifRevision`, it is always done. */
  put(key: string, value: string | Uint8Array, options: WriteOptions = {}): Promise<Written> {
    const { lease } = options;
    if (isFolder(key))
      return this.#writeByTxn(key, { put: key, value, ...(lease === undefined ? {} : { lease }) }, options);
    const path = `${keyPath(key)}${queryOf(lease === undefined ? {} : { lease })}`;
    return this.#writeKey({ method: 'PUT', path, body: value }, options);
  }

  /** Deletes one key. It is done as well where there was no such key, unless `ifRevision` asks for one. */
  delete(key: string, options: Omit<WriteOptions, 'lease'> = {}): Promise<Written> {
    if (isFolder(key)) return this.#writeByTxn(key, { delete: { key } }, options);
    return this.#writeKey({ method: 'DELETE', path: keyPath(key) }, options);
  }

  /** Deletes all keys of a range, and says how many there were. */
  async deleteAll(keys: Keys, options: RequestOptions = {}): Promise<number> {
    const path = `/v2/kv${queryOf(keysQuery(keys))}`;
    return Number(accepted(await this.#write({ method: 'DELETE', path }, options)).deleted);
  }

  /** One transaction: its changes are all made, at one revision, or none is. */
  async txn(txn: Txn, options: RequestOptions = {}): Promise<TxnResult> {
    return txnResultIn(
      accepted(await this.#write({ method: 'POST', path: '/v2/txn', body: txnBody(txn) }, options)),
    );
  }

  /** What happens to keys from now on, or from a revision on. It connects at once; its `begun` resolves with the first revision that it reports. See `watching` for what it promises. */
  watch(keys: Keys, options: WatchOptions = {}): Watch {
    return new Watch(keys, options, this.#closing.signal, this.#nodes, this.#reaching);
  }

  /** A lease that is kept alive until it is revoked, the client is closed, or no node could renew it in time. `ttlSeconds`: a whole number from 2 on. */
  async lease(ttlSeconds: number, options: RequestOptions = {}): Promise<KeptLease> {
    const sentMs = performance.now();
    const body = JSON.stringify({ ttl: ttlSeconds });
    const granted = accepted(await this.#write({ method: 'POST', path: '/v2/leases', body }, options));
    const id = String(granted.id);
    // A renewal may be done twice, so it needs no place in the session, and waits for none.
    const renew = async (timeoutMs: number): Promise<void> => {
      accepted(
        await this.#ask({ method: 'POST', path: `/v2/leases/${id}/keepalive`, write: null }, { timeoutMs }),
      );
    };
    const revoke = async (): Promise<void> => {
      const reply = await this.#write({ method: 'DELETE', path: `/v2/leases/${id}` }, {});
      if (errorIn(reply) !== 'lease_not_found') accepted(reply);
    };
    return new KeptLease({
      id,
      ttlSeconds: Number(granted.ttl),
      sentMs,
      renew,
      revoke,
      closing: this.#closing.signal,
    });
  }

  /** Ends watches, and renews leases no more, but revokes none. Requests under way go on; what has not been sent yet rejects with `closed`. */
  close(): void {
    this.#closing.abort();
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #writeKey(
    request: Pick<Question, 'method' | 'path' | 'body'>,
    options: WriteOptions,
  ): Promise<Written> {
    const reply = await this.#write({ ...request, headers: conditionHeaders(options) }, options);
    if (errorIn(reply) === 'precondition_failed') {
      const { current } = jsonOf(reply.body) as {
        readonly current: { readonly mod_revision: number } | null;
      };
      return { isDone: false, current: current === null ? null : current.mod_revision };
    }
    return { isDone: true, revision: Number(accepted(reply).revision) };
  }

  async #writeByTxn(key: string, step: TxnStep, options: WriteOptions): Promise<Written> {
    const { ifRevision } = options;
    const when = ifRevision === undefined ? [] : [{ key, modRevision: ifRevision }];
    const look: TxnStep = { range: { key }, keysOnly: true };
    const { succeeded, results, revision } = await this.txn({ when, do: [step], else: [look] }, options);
    if (succeeded) return { isDone: true, revision };
    const [found] = results;
    return { isDone: false, current: (found?.type === 'range' && found.pairs[0]?.modRevision) || null };
  }

  #read(path: string, options: RequestOptions): Promise<Reply> {
    return this.#ask({ method: 'GET', path, write: null }, options);
  }

  async #write(
    request: Pick<Question, 'method' | 'path' | 'body' | 'headers'>,
    { timeoutMs = this.#timeoutMs, signal }: RequestOptions,
  ): Promise<Reply> {
    return this.#writes.write(
      (write, leftMs) => this.#ask({ ...request, write }, { timeoutMs: leftMs, ...(signal && { signal }) }),
      checkedTimeout(timeoutMs),
      signal,
    );
  }

  async #ask(
    question: Omit<Question, 'endpoints' | 'timeoutMs' | 'signal'>,
    { timeoutMs = this.#timeoutMs, signal }: RequestOptions,
  ): Promise<Reply> {
    if (this.isClosed) throw closed();
    const reply = await ask(
      { ...question, endpoints: this.#nodes.list(), timeoutMs: checkedTimeout(timeoutMs), signal },
      this.#reaching,
    );
    this.#nodes.answered(reply.endpoint);
    return reply;
  }
}

/** What a timer can wait for, in whole milliseconds: some take no others. Throws `RangeError` for what is no time. */
const checkedTimeout = (timeoutMs: number): number => {
  if (timeoutMs > 0) return Math.min(Math.ceil(timeoutMs), maxTimerMs);
  throw new RangeError(`timeoutMs is a number of milliseconds above 0, such as 10000, not ${timeoutMs}`);
};

/** A URL cannot name these: they are taken for folders, however they are written. */
const isFolder = (key: string): boolean => key === '.' || key === '..';

const keyPath = (key: string): string => `/v2/kv/${encodeURIComponent(key)}`;

const conditionHeaders = ({ ifRevision }: WriteOptions): Record<string, string> => {
  if (ifRevision === undefined) return {};
  return ifRevision === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${ifRevision}"` };
};

const queryOf = (parameters: Readonly<Record<string, string>>): string => {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? '' : `?${query}`;
};

const readQuery = ({ revision, consistency }: ReadOptions): Record<string, string> => ({
  ...(revision === undefined ? {} : { revision: String(revision) }),
  ...(consistency === undefined ? {} : { consistency }),
});
