import type { IncomingHttpHeaders } from 'node:http';
import type { KeyRange } from '../../kv/key-range.ts';
import type { Revision } from '../../kv/revisioned-store.ts';
import type { Consistency } from '../consistency.ts';
import { rangeIn, rangeParameters } from './list-request.ts';
import { Query } from './query.ts';
import { badRequest } from './request-refused.ts';

/** What a client wants to be told. */
export interface WatchRequest {
  readonly range: KeyRange;
  /** From what happened at this revision on; null: from now on. */
  readonly from: Revision | null;
  /** Null: both. */
  readonly only: 'put' | 'delete' | null;
  /** With what was there before. */
  readonly hasPrevious: boolean;
  readonly consistency: Consistency;
}

export const watchParameters = [...rangeParameters, 'revision', 'only', 'prev', 'consistency'] as const;

/** Throws `RequestRefused`. */
export const watchRequestIn = (
  query: string | null,
  headers: IncomingHttpHeaders,
  maxKeyBytes: number,
): WatchRequest => {
  const parameters = new Query(query, watchParameters);
  const range = rangeIn(parameters, maxKeyBytes);
  if (range === null)
    throw badRequest('name the keys to watch: a key, a prefix, or from and to; ?prefix= is all keys');
  const given = parameters.number('revision', 1, Number.MAX_SAFE_INTEGER);
  const only = parameters.choice('only', ['both', 'put', 'delete']);
  return {
    range,
    from: resumedAt(headers) ?? given,
    only: only === 'both' ? null : only,
    hasPrevious: parameters.flag('prev'),
    consistency: parameters.consistency,
  };
};

/** Behind what the client was told before its connection broke; null: it was told nothing. */
const resumedAt = (headers: IncomingHttpHeaders): Revision | null => {
  const last = headers['last-event-id'];
  if (last === undefined || last === '') return null;
  if (typeof last !== 'string' || !/^\d{1,15}$/.test(last))
    throw badRequest('Last-Event-ID is a revision, such as 7');
  return Number(last) + 1;
};
