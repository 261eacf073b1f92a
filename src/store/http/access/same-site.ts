import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Why a request may come from another site's web page. */
export interface Strange {
  readonly error: 'host_not_allowed' | 'origin_not_allowed' | 'not_from_a_form';
  /** One line that names the remedy. */
  readonly message: string;
}

/** Names under which this server is reached, in lower case, besides addresses and localhost. */
export type HostNames = ReadonlySet<string>;

/**
 * Why a request must be refused, since any web page could make a browser send it; null: it may be served. Refused are requests for a foreign
 * name that was made to point here (DNS rebinding), requests from another site, and a POST that a form could send. Programs other than
 * browsers can send anything: tokens and certificates are for those.
 */
export const strangeIn = (method: string, headers: IncomingHttpHeaders, names: HostNames): Strange | null => {
  const host = hostNameIn(headers.host ?? '');
  if (headers.host === undefined || headers.host === '') {
    return { error: 'host_not_allowed', message: 'the request names no host: send a Host header' };
  }
  if (host === null || !isAllowed(host, names)) {
    return {
      error: 'host_not_allowed',
      message: `this server is not known as ${host ?? headers.host}: use its address, or start it with --allow-host`,
    };
  }
  const { origin } = headers;
  if ((origin !== undefined && !isOwn(origin, headers.host!)) || headers['sec-fetch-site'] === 'cross-site') {
    return {
      error: 'origin_not_allowed',
      message: `web pages of ${origin ?? 'other sites'} may not send requests here`,
    };
  }
  if (method === 'POST' && !isBeyondForms(headers)) {
    return {
      error: 'not_from_a_form',
      message: 'a POST needs content-type: application/json, or a header x-raft-request',
    };
  }
  return null;
};

/** The name or address in a `Host` header, in lower case; null: there is none. */
const hostNameIn = (host: string): string | null => {
  const [, address, name] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  const found = address ?? name;
  return found === undefined ? null : found.toLowerCase().replace(/\.$/, '');
};

/** An address is safe: DNS rebinding needs a name. */
const isAllowed = (host: string, names: HostNames): boolean =>
  isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost') || names.has(host);

/** The scheme is not compared: a proxy may have terminated TLS. */
const isOwn = (origin: string, host: string): boolean =>
  /^https?:\/\//i.test(origin) && origin.replace(/^https?:\/\//i, '').toLowerCase() === host.toLowerCase();

/** From another site, such a request needs permission first (CORS), which is never given. */
const isBeyondForms = (headers: IncomingHttpHeaders): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '') ||
  headers['x-raft-request'] !== undefined ||
  // No browser omits all of these, as the previous version of raft-client does.
  ['content-type', 'origin', 'sec-fetch-site', 'sec-fetch-mode'].every((name) => headers[name] === undefined);
