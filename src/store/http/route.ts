import { Buffer } from 'node:buffer';
import { prefixV2, type RouteV2, routeV2Of } from './v2/route.ts';

/** What a request target names. */
export type Route =
  /** `query` is what follows the `?`, null without one. */
  | { readonly type: 'key'; readonly key: string; readonly query: string | null }
  | { readonly type: 'cas'; readonly key: string }
  | { readonly type: 'backup'; readonly query: string | null }
  | {
      readonly type:
        | 'leader'
        | 'members'
        | 'status'
        | 'charts'
        | 'metrics'
        | 'livez'
        | 'readyz'
        | 'unknown'
        | 'keyTooLong';
    }
  | { readonly type: 'bad'; readonly message: string }
  | RouteV2;

const prefix = '/v1/kv/';
const casSuffix = '/cas';
const unknown: Route = { type: 'unknown' };
const keyTooLong: Route = { type: 'keyTooLong' };
const leader: Route = { type: 'leader' };
const members: Route = { type: 'members' };
const status: Route = { type: 'status' };
const charts: Route = { type: 'charts' };
const metrics: Route = { type: 'metrics' };
const livez: Route = { type: 'livez' };
const readyz: Route = { type: 'readyz' };

/** Finds the route of a request target (`/v1/kv/a%2Fb`), decoding its key from percent-encoded UTF-8. */
export const routeOf = (target: string, maxKeyBytes: number): Route =>
  target.startsWith(prefix)
    ? keyRoute(target, maxKeyBytes)
    : target.startsWith(prefixV2)
      ? routeV2Of(target, maxKeyBytes)
      : otherRoute(target, maxKeyBytes);

const keyRoute = (target: string, maxKeyBytes: number): Route => {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? null : target.slice(question + 1);
  const slash = path.indexOf('/', prefix.length);
  if (slash === -1) {
    return decodedKey(path.slice(prefix.length), maxKeyBytes, (key) => ({ type: 'key', key, query }));
  }
  // Only the last segment may follow the key: an unencoded `/` within a key names no route.
  if (slash !== path.length - casSuffix.length || !path.endsWith(casSuffix)) return unknown;
  if (query !== null) return { type: 'bad', message: 'a cas takes no query parameters' };
  return decodedKey(path.slice(prefix.length, slash), maxKeyBytes, (key) => ({ type: 'cas', key }));
};

const decodedKey = (encoded: string, maxKeyBytes: number, routeTo: (key: string) => Route): Route => {
  if (encoded.length > 3 * maxKeyBytes) return keyTooLong;
  if (encoded === '') return { type: 'bad', message: 'the key is empty' };
  if (!isPlain.test(encoded)) return { type: 'bad', message: 'a key must be percent-encoded' };
  if (!encoded.includes('%')) return encoded.length > maxKeyBytes ? keyTooLong : routeTo(encoded);
  try {
    const key = decodeURIComponent(encoded);
    return Buffer.byteLength(key) > maxKeyBytes ? keyTooLong : routeTo(key);
  } catch {
    return { type: 'bad', message: 'the key is not percent-encoded UTF-8' };
  }
};

/** Visible ASCII without `?` and `#`, which start a query or a fragment. */
const isPlain = /^[!"$-.0->@-~]*$/;

/** In `http://host/path`, the form for proxies that every server must take (RFC 9112 §3.2.2), the path. */
const absolute = /^https?:\/\/[^/?#]*(?=\/)/i;

const otherRoute = (target: string, maxKeyBytes: number): Route => {
  const authority = absolute.exec(target);
  if (authority !== null) return routeOf(target.slice(authority[0].length), maxKeyBytes);
  const query = target.indexOf('?');
  switch (query === -1 ? target : target.slice(0, query)) {
    case '/v1/backup':
      return { type: 'backup', query: query === -1 ? null : target.slice(query + 1) };
    case '/v1/leader':
      return leader;
    case '/v1/members':
      return members;
    case '/v1/status':
      return status;
    case '/v1/charts':
      return charts;
    case '/metrics':
      return metrics;
    case '/livez':
      return livez;
    case '/readyz':
      return readyz;
    default:
      return unknown;
  }
};
