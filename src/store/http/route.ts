import { Buffer } from 'node:buffer';

/** What a request target names. */
export type Route =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'cas'; readonly key: string }
  | { readonly type: 'status' | 'charts' | 'livez' | 'readyz' | 'unknown' | 'keyTooLong' }
  | { readonly type: 'bad'; readonly message: string };

const prefix = '/v1/kv/';
const casSuffix = '/cas';
const unknown: Route = { type: 'unknown' };
const keyTooLong: Route = { type: 'keyTooLong' };
const status: Route = { type: 'status' };
const charts: Route = { type: 'charts' };
const livez: Route = { type: 'livez' };
const readyz: Route = { type: 'readyz' };

/** Finds the route of a request target (`/v1/kv/a%2Fb`), decoding its key from percent-encoded UTF-8. */
export const routeOf = (target: string, maxKeyBytes: number): Route =>
  target.startsWith(prefix) ? keyRoute(target, maxKeyBytes) : otherRoute(target, maxKeyBytes);

const keyRoute = (target: string, maxKeyBytes: number): Route => {
  const slash = target.indexOf('/', prefix.length);
  if (slash === -1) return decodedKey('key', target.slice(prefix.length), maxKeyBytes);
  // Only the last segment may follow the key: an unencoded `/` within a key names no route.
  if (slash !== target.length - casSuffix.length || !target.endsWith(casSuffix)) return unknown;
  return decodedKey('cas', target.slice(prefix.length, slash), maxKeyBytes);
};

const decodedKey = (type: 'key' | 'cas', encoded: string, maxKeyBytes: number): Route => {
  if (encoded.length > 3 * maxKeyBytes) return keyTooLong;
  if (encoded === '') return { type: 'bad', message: 'the key is empty' };
  if (!isPlain.test(encoded)) {
    return { type: 'bad', message: 'a key must be percent-encoded; there are no query parameters' };
  }
  if (!encoded.includes('%')) return encoded.length > maxKeyBytes ? keyTooLong : { type, key: encoded };
  try {
    const key = decodeURIComponent(encoded);
    return Buffer.byteLength(key) > maxKeyBytes ? keyTooLong : { type, key };
  } catch {
    return { type: 'bad', message: 'the key is not percent-encoded UTF-8' };
  }
};

/** Visible ASCII without `?` and `#`, which would start a query or a fragment. */
const isPlain = /^[!"$-.0->@-~]*$/;

/** In `http://host/path`, the form for proxies that every server must take (RFC 9112 §3.2.2), the path. */
const absolute = /^https?:\/\/[^/?#]*(?=\/)/i;

const otherRoute = (target: string, maxKeyBytes: number): Route => {
  const authority = absolute.exec(target);
  if (authority !== null) return routeOf(target.slice(authority[0].length), maxKeyBytes);
  const query = target.indexOf('?');
  switch (query === -1 ? target : target.slice(0, query)) {
    case '/v1/status':
      return status;
    case '/v1/charts':
      return charts;
    case '/livez':
      return livez;
    case '/readyz':
      return readyz;
    default:
      return unknown;
  }
};
