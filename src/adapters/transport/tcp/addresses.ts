import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/**
 * All addresses of a name. `localhost` is both loopback addresses, whatever this machine's files say of it: who
 * listens on it and who dials it then meet. Source: RFC 6761 §6.3.
 */
export const addressesOf = async (host: string): Promise<readonly LookupAddress[]> =>
  host === 'localhost' ? loopback : await lookup(host, { all: true });

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The same for `net.connect`, which tries one after the other (RFC 8305, "Happy Eyeballs"). */
export const lookupAll: LookupFunction = (host, _options, done) => {
  addressesOf(host).then(
    (addresses) => done(null, [...addresses]),
    (error) => done(error, []),
  );
};
