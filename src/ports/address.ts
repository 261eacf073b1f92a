/** Where to listen or to dial. `host` is a name or an address, and bare: `::1`, not `[::1]`. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port` or `[::1]:port`; null: `text` is neither. */
export const parseAddress = (text: string): Address | null => {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) return null;
  return { host: (bracketed ?? plain)!, port: Number(port) };
};

/** As `parseAddress` reads it. */
export const addressText = ({ host, port }: Address): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** An address on which one listens, but which nobody can dial. */
export const isWildcard = ({ host }: Pick<Address, 'host'>): boolean => /^(0\.0\.0\.0|[0:]*::0?)$/.test(host);

/** Whether others can dial it. */
export const isDiallable = (address: Address): boolean => address.port > 0 && !isWildcard(address);

/** Whether `text` is a URL for clients, such as `http://127.0.0.1:8001`. */
export const isClientUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/** The longest address that one node tells another. */
export const maxAddressLength = 256;

/** Whether `text`, an address of whatever form, can be told to another node: one line that is not empty, nor too long; null: there is none to tell. */
export const isTellable = (text: string | null): boolean =>
  text === null || (text.length > 0 && text.length <= maxAddressLength && !/\p{Cc}/u.test(text));

/** Whether only this machine reaches it. Any other name than `localhost` may stand for anything. Source: RFC 6890; RFC 6761 §6.3. */
export const isLoopback = ({ host }: Address): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
