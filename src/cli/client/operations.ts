import { Buffer } from 'node:buffer';
import type { NodeId } from '../../raft/types.ts';
import type { Consistency } from '../../store/http/consistency.ts';
import type { RequestedChange, RequestedReplacement } from '../../store/http/members-request.ts';
import { UsageError } from '../usage-error.ts';
import type { Operation } from './send-request.ts';

/** The requests of docs/http-api.md. Throws `UsageError` for a key that cannot be sent. */
export const putOperation = (key: string, value: Uint8Array): Operation => ({
  method: 'PUT',
  path: keyPath(key),
  body: value,
});

export const getOperation = (key: string, consistency: Consistency): Operation => ({
  method: 'GET',
  // The default is not written out: a node of version 0.1.0 knows nothing else, and takes no query.
  path: `${keyPath(key)}${consistency === 'linearizable' ? '' : `?consistency=${consistency}`}`,
  body: null,
});

export const deleteOperation = (key: string): Operation => ({
  method: 'DELETE',
  path: keyPath(key),
  body: null,
});

/** `from` null: the key must be absent. */
export const casOperation = (key: string, from: string | null, to: string): Operation => ({
  method: 'POST',
  path: `${keyPath(key)}/cas`,
  body: Buffer.from(JSON.stringify({ from, to })),
});

/** `target` null: the leader chooses. */
export const transferOperation = (target: NodeId | null): Operation => ({
  method: 'POST',
  path: '/v1/leader',
  body: Buffer.from(JSON.stringify(target === null ? {} : { target })),
});

/** Asks for other members. */
export const membersOperation = (
  changes: readonly (RequestedChange | RequestedReplacement)[],
): Operation => ({
  method: 'POST',
  path: '/v1/members',
  body: Buffer.from(JSON.stringify({ changes })),
});

export const backupOperation = (consistency: 'linearizable' | 'stale'): Operation => ({
  method: 'GET',
  path: `/v1/backup?consistency=${consistency}`,
  body: null,
});

export const statusOperation: Operation = { method: 'GET', path: '/v1/status', body: null };

/** Of version 2 of the API. */
export const leasedPutOperation = (key: string, value: Uint8Array, lease: string): Operation => ({
  method: 'PUT',
  path: `${keyPath(key).replace('/v1/', '/v2/')}?lease=${lease}`,
  body: value,
});

export const deletePrefixOperation = (prefix: string): Operation => ({
  method: 'DELETE',
  path: `/v2/kv?${queryOf({ prefix })}`,
  body: null,
});

/** One page. */
export const listOperation = (parameters: Parameters): Operation => ({
  method: 'GET',
  path: `/v2/kv?${queryOf(parameters)}`,
  body: null,
});

export const watchOperation = (parameters: Parameters): Operation => ({
  method: 'GET',
  path: `/v2/watch?${queryOf(parameters)}`,
  body: null,
});

export const txnOperation = (body: Uint8Array): Operation => ({ method: 'POST', path: '/v2/txn', body });

/** `path` is what comes behind `/v2/leases`. */
export const leaseOperation = (
  method: 'GET' | 'POST' | 'DELETE',
  path = '',
  body: object | null = null,
): Operation => ({
  method,
  path: `/v2/leases${path}`,
  body: body === null ? null : Buffer.from(JSON.stringify(body)),
});

/** What is undefined is left out. */
export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

const queryOf = (parameters: Parameters): string =>
  Object.entries(parameters)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(wellFormed(`${value}`))}`],
    )
    .join('&');

const wellFormed = (text: string): string => {
  if (!text.isWellFormed()) throw new UsageError('the key is not valid Unicode');
  return text;
};

const keyPath = (key: string): string => {
  if (key === '') throw new UsageError('the key is empty');
  if (!key.isWellFormed()) throw new UsageError('the key is not valid Unicode');
  // Some proxies would take a path of dots for a folder.
  const encoded = encodeURIComponent(key);
  return `/v1/kv/${/^\.+$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded}`;
};
