import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Command } from 'commander';
import { Option } from 'commander';
import { readPrivateFile } from '../../adapters/system/private-file.ts';
import { type Address, addressText, parseAddress } from '../../ports/address.ts';
import { isToken } from '../../store/http/access/tokens.ts';
import { UsageError } from '../usage-error.ts';

/** How the client connects to nodes, and how it authenticates. */
export interface Reach {
  /** Null: no endpoint uses https. */
  readonly tls: SecureContext | null;
  readonly token: string | null;
  /** The origins that the user named. */
  readonly given: ReadonlySet<string>;
  /** Whether the user named the trusted authorities, rather than relying on public ones. */
  readonly hasOwnAuthority: boolean;
}

/** For an unprotected local cluster. */
export const plainReach: Reach = { tls: null, token: null, given: new Set(), hasOwnAuthority: false };

/** An endpoint as the user gave it; `scheme` null: not given. */
export interface GivenEndpoint {
  readonly scheme: 'http' | 'https' | null;
  readonly address: Address;
}

export interface ReachFlags {
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly tokenFile?: string;
}

/** Adds the flags of every program that talks to client ports. `environment` is the prefix of their variables. */
export const addReachOptions = (command: Command, environment: string): Command => {
  const flag = (flags: string, description: string, name: string) =>
    command.addOption(new Option(flags, description).env(`${environment}_${name}`));
  flag(
    '--cacert <file>',
    'https: the authorities trusted to issue the certificates of nodes (default: those of Node.js)',
    'CACERT',
  );
  flag('--cert <file>', 'https: the certificate that proves who this client is', 'CERT');
  flag('--key <file>', 'https: the private key of --cert', 'KEY');
  flag('--token-file <file>', 'a file with the token to send to the nodes', 'TOKEN_FILE');
  return command;
};

/** `host:port`, `:port` (this machine), `[::1]:port`, each optionally with `http://` or `https://` in front and `/` at the end. */
export const parseGivenEndpoint = (text: string): GivenEndpoint => {
  const [, scheme = null, bare] = /^(?:(https?):\/\/)?(.*?)\/?$/.exec(text)!;
  const address = parseAddress(bare!.startsWith(':') ? `127.0.0.1${bare}` : bare!);
  if (address !== null) return { scheme: scheme as GivenEndpoint['scheme'], address };
  throw new Error(
    `expected host:port such as 127.0.0.1:8001, [::1]:8001 or https://raft.example:8001, got "${text}"`,
  );
};

/** Such endpoints separated by commas, at least one. */
export const parseGivenEndpoints = (text: string): readonly GivenEndpoint[] =>
  text.split(',').map((each) => parseGivenEndpoint(each.trim()));

/** How to reach `given`, and their URLs in the same order. Throws `UsageError`. */
export const reachOf = (
  given: readonly GivenEndpoint[],
  flags: ReachFlags,
): { readonly reach: Reach; readonly endpoints: readonly string[] } => {
  const { cacert, cert, key, tokenFile } = flags;
  const wantsTls = [cacert, cert, key].some((file) => file !== undefined);
  if (wantsTls && given.every(({ scheme }) => scheme === 'http'))
    throw new UsageError(
      '--cacert, --cert and --key are for https, but each address in --endpoints has http:// in front',
    );
  // In the clear only where the user said so: a cluster may be half switched to HTTPS.
  const usual = wantsTls || given.some(({ scheme }) => scheme === 'https') ? 'https' : 'http';
  const endpoints = given.map(({ scheme, address }) => `${scheme ?? usual}://${addressText(address)}`);
  const isTls = endpoints.some((endpoint) => endpoint.startsWith('https:'));
  const reach: Reach = {
    tls: isTls ? contextOf(flags) : null,
    token: tokenFile === undefined ? null : tokenIn(tokenFile),
    given: new Set(endpoints.map(originOf)),
    hasOwnAuthority: cacert !== undefined,
  };
  return { reach, endpoints };
};

/**
 * Why nothing may be sent to `endpoint`, which a node named; null: it may. A token goes only to endpoints that the user named, or to
 * nodes with a certificate from an authority that the user named. A session that began with TLS never continues without it.
 */
export const distrustOf = (
  { tls, token, given, hasOwnAuthority }: Reach,
  endpoint: string,
): string | null => {
  if (given.has(originOf(endpoint))) return null;
  const isTls = endpoint.startsWith('https:');
  if (tls !== null && !isTls)
    return `${endpoint} is not asked without TLS: to allow it, add it to --endpoints`;
  if (token !== null && !(isTls && hasOwnAuthority))
    return `the token is not sent to ${endpoint}, which only a node has named: to allow it, add it to --endpoints`;
  return null;
};

/** The same for all spellings of an endpoint. */
const originOf = (endpoint: string): string => new URL(endpoint).origin;

const contextOf = ({ cacert, cert, key }: ReachFlags): SecureContext => {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--cert and --key belong together: give both');
  const ca = cacert === undefined ? null : pemIn('--cacert', cacert);
  const own = cert === undefined ? null : { cert: pemIn('--cert', cert), key: secretIn('--key', key!) };
  if (own !== null) {
    let belongs: boolean;
    try {
      belongs = new X509Certificate(own.cert).checkPrivateKey(createPrivateKey(own.key));
    } catch (error) {
      throw new UsageError(`--key ${key} is not a private key in PEM: ${(error as Error).message}`);
    }
    if (!belongs)
      throw new UsageError(
        `--key ${key} is not the key of --cert ${cert}: name the two that belong together`,
      );
  }
  return createSecureContext({ ...(ca === null ? {} : { ca }), ...own, minVersion: 'TLSv1.3' });
};

const pemIn = (flag: string, path: string): string => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag}: cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    new X509Certificate(text);
  } catch {
    throw new UsageError(`${flag}: ${path} holds no certificate in PEM`);
  }
  return text;
};

const secretIn = (flag: string, path: string): string => {
  try {
    return readPrivateFile(path, 'read');
  } catch (error) {
    throw new UsageError(`${flag}: ${(error as Error).message}`);
  }
};

const tokenIn = (path: string): string => {
  const token = secretIn('--token-file', path).trim();
  if (isToken(token)) return token;
  throw new UsageError(
    `--token-file: ${path} holds no token: expected the one line that raftchart token prints, not the file of hashes that nodes are given`,
  );
};
