import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Command } from 'commander';
import { Option } from 'commander';
import { readPrivateFile } from '../../adapters/system/private-file.ts';
import { type Address, addressText, parseAddress } from '../../ports/address.ts';
import { isToken } from '../../store/http/access/tokens.ts';
import { UsageError } from '../usage-error.ts';

/** How nodes are reached: where, over what, and as whom. */
export interface Reach {
  /** For https; null: no endpoint has it. */
  readonly tls: SecureContext | null;
  readonly token: string | null;
  /** The endpoints that a person has named. */
  readonly given: ReadonlySet<string>;
  /** Whether the authority is one that a person has named, and no public one. */
  readonly hasOwnAuthority: boolean;
}

/** As a local cluster without any protection is reached. */
export const plainReach: Reach = { tls: null, token: null, given: new Set(), hasOwnAuthority: false };

/** Where nodes are, `scheme` null where that was left open. */
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

/** The flags of every program that talks to the client port of nodes. `environment`: before the name of each. */
export const addReachOptions = (command: Command, environment: string): Command => {
  const flag = (flags: string, description: string, name: string) =>
    command.addOption(new Option(flags, description).env(`${environment}_${name}`));
  flag(
    '--cacert <file>',
    'https: the authorities that certificates of nodes must come from (default: those of Node.js)',
    'CACERT',
  );
  flag('--cert <file>', 'https: the certificate by which this client proves who it is', 'CERT');
  flag('--key <file>', 'https: the private key of --cert', 'KEY');
  flag('--token-file <file>', 'a file with the token that is sent to the nodes', 'TOKEN_FILE');
  return command;
};

/** `host:port`, `:port` (this machine), `[::1]:port`, each also with `http://` or `https://` before and `/` behind it. */
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

/** How those endpoints are reached, and their URLs in their order. Throws `UsageError`. */
export const reachOf = (
  given: readonly GivenEndpoint[],
  flags: ReachFlags,
): { readonly reach: Reach; readonly endpoints: readonly string[] } => {
  const { cacert, cert, key, tokenFile } = flags;
  const wantsTls = [cacert, cert, key].some((file) => file !== undefined);
  const endpoints = given.map(({ scheme, address }) => {
    if (scheme === 'http' && wantsTls)
      throw new UsageError(
        `--cacert, --cert and --key are for https, and http://${addressText(address)} is none`,
      );
    return `${scheme ?? (wantsTls ? 'https' : 'http')}://${addressText(address)}`;
  });
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
 * Why nothing is sent to `endpoint`, which a node has named; null: it may be. A token goes where a person has sent it, or to whoever proves by a certificate of the authority
 * that the person has named that it belongs there; and what began with TLS does not go on without.
 */
export const distrustOf = (
  { tls, token, given, hasOwnAuthority }: Reach,
  endpoint: string,
): string | null => {
  if (given.has(originOf(endpoint))) return null;
  const isTls = endpoint.startsWith('https:');
  if (tls !== null && !isTls)
    return `it is called ${endpoint}, and is not asked without TLS: name it in --endpoints`;
  if (token !== null && !(isTls && hasOwnAuthority))
    return `it is called ${endpoint}, and the token is not sent there unasked: name it in --endpoints`;
  return null;
};

/** However it is spelled. */
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
      throw new UsageError(`--key ${key} is no private key in PEM: ${(error as Error).message}`);
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
