import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Why a request may come from a web page that has no business here; null: it does not. */
export interface Strange {
  readonly error: 'host_not_allowed' | 'origin_not_allowed' | 'not_from_a_form';
  /** One line that names the remedy. */
  readonly message: string;
}

/** Names under which this server is reached, in lower case, besides addresses and localhost. */
export type HostNames = ReadonlySet<string>;

/**
 * What a browser can be made to do by any page that somebody looks at is refused: requests to a name that somebody else has made to point here (DNS rebinding), to
 * another site's origin, and what a form can send. A program that is no browser sends what it likes, and is asked for a token or a certificate instead.
 */
export const strangeIn = (method: string, headers: IncomingHttpHeaders, names: HostNames): Strange | null => {
  const host = hostNameIn(headers.host ?? '');
  if (host === null || !isAllowed(host, names)) {
    return {
      error: 'host_not_allowed',
      message: `this server is not called ${host ?? headers.host}: reach it by its address, or start it with --allow-host`,
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

/** No name points to an address that the sender has written itself. */
const isAllowed = (host: string, names: HostNames): boolean =>
  isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost') || names.has(host);

/** Its scheme is not compared: a proxy may have ended TLS. */
const isOwn = (origin: string, host: string): boolean =>
  /^https?:\/\//i.test(origin) && origin.replace(/^https?:\/\//i, '').toLowerCase() === host.toLowerCase();

/** A page would have to ask first (CORS), and no answer allows it. */
const isBeyondForms = (headers: IncomingHttpHeaders): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '') ||
  headers['x-raft-request'] !== undefined ||
  // No browser leaves out all of these: raft-client did before it sent a type.
  ['content-type', 'origin', 'sec-fetch-site', 'sec-fetch-mode'].every((name) => headers[name] === undefined);
