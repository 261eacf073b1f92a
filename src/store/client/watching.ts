import { jsonOf, type Reaching } from './asking.ts';
import { ClientError } from './client-error.ts';
import { eventsIn } from './event-stream.ts';
import { type Keys, type KeyValuePair, keyBytesIn, keysQuery, pairIn } from './key-value.ts';

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
  /** The first revision that is told. Default: what comes after the call. */
  readonly from?: number;
  /** Tell what was there before as well. */
  readonly previous?: boolean;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** Where a watch may ask. */
export interface Endpoints {
  /** In the order in which they are tried. */
  list(): readonly string[];
}

/** A node that says nothing for so long, not even that it lives, has gone. */
const silenceMs = 30_000;
const firstDelayMs = 25;
const maxDelayMs = 1000;

/** One place in the stream: all before it was given out. */
interface Place {
  /** The next revision; null: from now on. */
  next: number | null;
  /** Events of that revision that were given out already: a node tells a whole revision again. */
  given: number;
}

/**
 * What happens to keys, revision by revision, in order, none left out and none twice. Goes on at another node where one fails. Ends with the signal, or with `return`; throws `ClientError` if
 * the past that it needs is forgotten (`compacted`), or a node refuses it.
 */
export async function* watching(
  keys: Keys,
  { from, previous = false, signal }: WatchOptions,
  endpoints: Endpoints,
  reaching: Reaching,
): AsyncGenerator<WatchEvent, void> {
  const place: Place = { next: from ?? null, given: 0 };
  let delayMs = firstDelayMs;
  while (!signal?.aborted) {
    for (const endpoint of endpoints.list()) {
      const opened = await openStream(endpoint, keys, previous, place, reaching, signal);
      if (opened === null) continue;
      try {
        for await (const event of eventsFrom(opened, place)) {
          delayMs = firstDelayMs;
          yield event;
        }
      } catch (error) {
        if (error instanceof ClientError) throw error;
        // The connection broke: another node goes on at this place.
      } finally {
        opened.close();
      }
      if (signal?.aborted) return;
    }
    await pause(delayMs, signal);
    delayMs = Math.min(2 * delayMs, maxDelayMs);
  }
}

interface Opened {
  readonly body: AsyncIterable<Uint8Array>;
  readonly heard: () => void;
  readonly close: () => void;
}

/** Null: not at this node, or not now. */
const openStream = async (
  endpoint: string,
  keys: Keys,
  previous: boolean,
  { next }: Place,
  { fetch, token }: Reaching,
  signal: AbortSignal | undefined,
): Promise<Opened | null> => {
  const aborter = new AbortController();
  const abort = (): void => aborter.abort();
  signal?.addEventListener('abort', abort, { once: true });
  let timer = setTimeout(abort, silenceMs);
  const close = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    abort();
  };
  const query = new URLSearchParams({
    ...keysQuery(keys),
    ...(previous ? { prev: 'true' } : {}),
    // A node that is behind tells what happens when it learns of it: any one will do, once the place is known.
    ...(next === null ? {} : { revision: String(next), consistency: 'stale' }),
  });
  try {
    const response = await fetch(`${endpoint}/v2/watch?${query}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal: aborter.signal,
    });
    if (response.status === 200 && response.body !== null) {
      const heard = (): void => {
        clearTimeout(timer);
        timer = setTimeout(abort, silenceMs);
      };
      return { body: response.body as unknown as AsyncIterable<Uint8Array>, heard, close };
    }
    const body = jsonOf({ body: new Uint8Array(await response.arrayBuffer()) });
    close();
    const isPassing = response.status >= 500 || [421, 429, 408].includes(response.status);
    if (isPassing) return null;
    const { error = 'refused', message = `a node answered ${response.status}` } = body ?? {};
    throw new ClientError(String(error), String(message), response.status);
  } catch (error) {
    close();
    if (error instanceof ClientError) throw error;
    return null;
  }
};

async function* eventsFrom({ body, heard }: Opened, place: Place): AsyncGenerator<WatchEvent, void> {
  /** Events of the revision that is being told, so far. */
  let told = 0;
  for await (const event of eventsIn(body)) {
    heard();
    if (event === null) continue;
    const fields = JSON.parse(event.data) as Readonly<Record<string, unknown>>;
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
    }
  }
}

const watchEventOf = (type: 'put' | 'delete', fields: Readonly<Record<string, unknown>>): WatchEvent => {
  const revision = Number(fields.revision);
  const { prev } = fields;
  const previous =
    prev === undefined
      ? {}
      : { previous: prev === null ? null : pairIn(prev as Readonly<Record<string, unknown>>) };
  if (type === 'put') {
    const pair = pairIn(fields);
    return { type, key: pair.key, pair, revision, ...previous };
  }
  const keyBytes = keyBytesIn(fields);
  return { type, key: new TextDecoder().decode(keyBytes), keyBytes, revision, ...previous };
};

/** Ends early with the signal. */
export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted) done();
  });
