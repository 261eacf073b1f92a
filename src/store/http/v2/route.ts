import { leaseIdIn } from '../../kv/lease-id.ts';
import { bytesEncodedIn } from './percent-encoding.ts';
import { type Resource, resources } from './resources.ts';

/** What a target of version 2 names. `query` is what follows the `?`, null without one. */
export type RouteV2 = {
  readonly type: 'v2';
  readonly query: string | null;
} & (
  | { readonly resource: Exclude<Resource, 'key' | 'lease' | 'keepAlive'> }
  /** `key` as the store has it: a byte is a character. */
  | { readonly resource: 'key'; readonly key: string }
  | { readonly resource: 'lease' | 'keepAlive'; readonly id: bigint }
);

/** A sentence for the client if the path makes no sense. */
export type RouteFault =
  | { readonly type: 'unknown' | 'keyTooLong' }
  | { readonly type: 'bad'; readonly message: string };

export const prefixV2 = '/v2/';

/** Finds the route of a target that begins with `/v2/`. */
export const routeV2Of = (target: string, maxKeyBytes: number): RouteV2 | RouteFault => {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? null : target.slice(question + 1);
  if (path.startsWith(keyPrefix)) {
    const key = keyIn(path.slice(keyPrefix.length), maxKeyBytes);
    return typeof key === 'string' ? { type: 'v2', resource: 'key', key, query } : key;
  }
  if (path.startsWith(leasePrefix)) {
    const [, text, keepAlive] = /^([^/]*)(\/keepalive)?$/.exec(path.slice(leasePrefix.length)) ?? [];
    if (text === undefined) return { type: 'unknown' };
    const id = leaseIdIn(text);
    if (id === null)
      return { type: 'bad', message: 'the id of a lease is a decimal number from 1 to 2^63 - 1' };
    return { type: 'v2', resource: keepAlive === undefined ? 'lease' : 'keepAlive', id, query };
  }
  const resource = fixed.get(path);
  return resource === undefined ? { type: 'unknown' } : { type: 'v2', resource, query };
};

const keyPrefix = '/v2/kv/';
const leasePrefix = '/v2/leases/';

const withoutPlace = ['keys', 'txn', 'leases', 'watch', 'compact', 'openApi'] as const;
const fixed: ReadonlyMap<string, (typeof withoutPlace)[number]> = new Map(
  withoutPlace.map((resource) => [resources[resource].path, resource]),
);

const keyIn = (encoded: string, maxKeyBytes: number): string | RouteFault => {
  if (encoded === '') return { type: 'bad', message: 'the key is empty' };
  if (encoded.includes('/')) return { type: 'unknown' };
  if (encoded.length > 3 * maxKeyBytes) return { type: 'keyTooLong' };
  const key = bytesEncodedIn(encoded);
  if (key === null) return { type: 'bad', message: 'a key must be percent-encoded' };
  return key.length > maxKeyBytes ? { type: 'keyTooLong' } : key;
};
