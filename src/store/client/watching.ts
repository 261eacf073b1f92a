import { type Fields, jsonOf, leaderIn, notOfANode, refused } from './answers.ts';
import { authorization, type Reaching } from './asking.ts';
import { ClientError } from './client-error.ts';
import { eventsIn } from './event-stream.ts';
import { failureOf } from './failure.ts';
import { type Keys, type KeyValuePair, keyBytesIn, keysQuery, pairIn, textOf } from './key-value.ts';
import { Listening, silenceMs } from './listening.ts';

/** What happened to a key. */
export type WatchEvent =
  | {
      readonly type: 'put';
      readonly key: string;
      readonly pair: KeyValuePair;
      /** What was there before; null: nothing; undefined: it was not asked for. */
      readonly previous?: KeyValuePair | null;
      readonly revision: number;
    }
  | {
      readonly type: 'delete';
      readonly key: string;
      readonly keyBytes: Uint8Array;
      readonly previous?: KeyValuePair | null;
      readonly revision: number;
    };

export interface WatchOptions {
  /** The first revision that is reported. Default: the one after that at which a node begins to watch; see `Watch.begun`. */
  readonly from?: number;
  /** Reports what was there before as well. Default: false. */
  readonly previous?: boolean;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** Where a watch may ask. */
export interface Endpoints {
  /** In the order in which they are tried. */
  list(): readonly string[];
  /** A node there has begun to watch. */
  opened(endpoint: string): void;
}

/** A node that does not begin to answer for so long is left alone, at first: another one may answer. Longer in each round, since all may be slow. */
const firstPatienceMs = 1000;
const firstDelayMs = 25;
const maxDelayMs = 1000;

/** One place in the stream: all before it was given out. */
interface Place {
  /** The next revision; null: from now on. */
  next: number | null;
  /** Events of that revision that were given out already: a node that is asked for a revision sends all of it. */
  given: number;
}

interface WatchingOptions extends WatchOptions {
  readonly signal: AbortSignal;
  /** Called once the first revision that is reported is certain, and perhaps again. */
  readonly onBegun: (revision: number) => void;
}

/**
 * What happens to keys, revision by revision, in order, none left out and none twice. Goes on at another node where one fails. Ends with the signal, or with `return`; throws `ClientError` if
 * the past that it needs is forgotten (`compacted`), a node refuses it, or no node can ever be reached.
 */
export async function* watching(
  keys: Keys,
  { from, previous = false, signal, onBegun }: WatchingOptions,
  endpoints: Endpoints,
  reaching: Reaching,
): AsyncGenerator<WatchEvent, void> {
  const place: Place = { next: from ?? null, given: 0 };
  if (from !== undefined) onBegun(from);
  let delayMs = firstDelayMs;
  let patienceMs = firstPatienceMs;
  while (!signal.aborted) {
    const untried = [...endpoints.list()];
    const tried = new Set<string>();
    const lasting: string[] = [];
    for (let endpoint = untried.shift(); endpoint !== undefined; endpoint = untried.shift()) {
      if (signal.aborted) return;
      if (tried.has(endpoint)) continue;
      tried.add(endpoint);
      const opened = await openStream(endpoint, keys, previous, place, reaching, signal, patienceMs);
      if (opened.type === 'failed') {
        if (opened.lasting !== null) lasting.push(opened.lasting);
        if (opened.leader !== null) untried.unshift(opened.leader);
        continue;
      }
      endpoints.opened(endpoint);
      patienceMs = firstPatienceMs;
      try {
        for await (const event of eventsFrom(opened.pieces, endpoint, place)) {
          if (place.next !== null) onBegun(place.next);
          if (event === null) continue;
          delayMs = firstDelayMs;
          yield event;
        }
      } catch (error) {
        if (error instanceof ClientError) throw error;
        // The connection broke: another node goes on at this place.
      } finally {
        opened.close();
      }
    }
    if (lasting.length === tried.size)
      throw new ClientError('unreachable', `no node can be reached: ${lasting[0]}`);
    await pause(delayMs, signal);
    delayMs = Math.min(2 * delayMs, maxDelayMs);
    patienceMs = Math.min(2 * patienceMs, silenceMs);
  }
}

type Opened =
  | { readonly type: 'open'; readonly pieces: AsyncIterable<Uint8Array>; readonly close: () => void }
  /** Not at this node, or not now. */
  | {
      readonly type: 'failed';
      /** Who can do it; null: it does not say, or one that must not be asked. */
      readonly leader: string | null;
      /** Why it never will; null: it may yet. */
      readonly lasting: string | null;
    };

const openStream = async (
  endpoint: string,
  keys: Keys,
  previous: boolean,
  { next }: Place,
  { fetch, token }: Reaching,
  signal: AbortSignal,
  patienceMs: number,
): Promise<Opened> => {
  const listening = new Listening(signal);
  const query = new URLSearchParams({
    ...keysQuery(keys),
    ...(previous ? { prev: 'true' } : {}),
    // A node that is behind tells what happens when it learns of it: any one will do, once the place is known.
    ...(next === null ? {} : { revision: String(next), consistency: 'stale' }),
  });
  try {
    const response = await listening.to(
      fetch(`${endpoint}/v2/watch?${query}`, {
        method: 'GET',
        headers: authorization(token),
        redirect: 'manual',
        signal: listening.signal,
      }),
      patienceMs,
    );
    if (response.status === 200 && response.body !== null)
      return { type: 'open', pieces: listening.piecesOf(response.body), close: () => listening.close() };
    const body = new Uint8Array(await listening.to(response.arrayBuffer()));
    listening.close();
    const { status } = response;
    if (status === 421) {
      const { endpoint: leader, distrust } = leaderIn(jsonOf(body), endpoint);
      return { type: 'failed', leader: distrust === null ? leader : null, lasting: distrust };
    }
    if (status >= 500 || status === 429 || status === 408)
      return { type: 'failed', leader: null, lasting: null };
    throw refused({ status, body, endpoint });
  } catch (error) {
    listening.close();
    if (error instanceof ClientError) throw error;
    const { reason, isLasting } = failureOf(endpoint, error);
    return { type: 'failed', leader: null, lasting: isLasting ? reason : null };
  }
};

/** Null: what was heard moved the place at most. */
async function* eventsFrom(
  pieces: AsyncIterable<Uint8Array>,
  endpoint: string,
  place: Place,
): AsyncGenerator<WatchEvent | null, void> {
  /** Events of the revision that is being told, so far. */
  let told = 0;
  for await (const event of eventsIn(pieces)) {
    const fields = jsonOf(event.data);
    if (fields === null) throw notOfANode(endpoint);
    switch (event.type) {
      case 'compacted':
        throw new ClientError(
          'compacted',
          `what happened before revision ${String(fields.oldest)} is forgotten: list the keys, and watch from there`,
          410,
        );
      case 'put':
      case 'delete': {
        told++;
        if (told > place.given) {
          place.next = Number(fields.revision);
          place.given = told;
          yield watchEventOf(event.type, fields);
        }
        if (event.id !== null) {
          told = 0;
          place.next = Number(event.id) + 1;
          place.given = 0;
        }
        break;
      }
      case 'progress':
        place.next = Math.max(place.next ?? 0, Number(fields.revision) + 1);
        yield null;
    }
  }
}

const watchEventOf = (type: 'put' | 'delete', fields: Fields): WatchEvent => {
  const revision = Number(fields.revision);
  const { prev } = fields;
  const previous = prev === undefined ? {} : { previous: prev === null ? null : pairIn(prev as Fields) };
  if (type === 'put') {
    const pair = pairIn(fields);
    return { type, key: pair.key, pair, revision, ...previous };
  }
  const keyBytes = keyBytesIn(fields);
  return { type, key: textOf(keyBytes), keyBytes, revision, ...previous };
};

/** Ends early with the signal. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
