/** The grammar of flags. Each parser takes the text of one flag and throws an `Error` of one line, without the flag's name. */
import { type Address, addressText, parseAddress } from '../ports/address.ts';
import type { NodeId } from '../raft/types.ts';
import { leaseIdIn } from '../store/kv/lease-id.ts';

const unitMs: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000 };

/** The longest wait of a timer: 2^31 − 1 milliseconds. */
const maxTimerMs = 0x7fffffff;

/** `500ms`, `2s`, `1.5s`, `1m`; a bare number is milliseconds. Returns whole milliseconds, at least 1. */
export const parseDuration = (text: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|)$/.exec(text) ?? [];
  const ms = Math.round(Number(amount) * unitMs[unit ?? '']!);
  if (ms > maxTimerMs) throw new Error(`expected at most ${Math.floor(maxTimerMs / 60_000)}m, got "${text}"`);
  if (amount === undefined || ms < 1) {
    throw new Error(`expected a duration such as 500ms, 2s or 1m, got "${text}"`);
  }
  return ms;
};

/** The same for what no one wants to wait a few milliseconds for: a bare number below 50 is taken for seconds without their unit, and refused. */
export const parseLongDuration = (text: string): number => {
  const ms = parseDuration(text);
  if (/^\d+(\.\d+)?$/.test(text) && ms < 50) {
    throw new Error(`"${text}" is ${ms} ms: say ${text}s or ${text}ms`);
  }
  return ms;
};

/** `150-300`, in milliseconds: `min` is less than `max`. */
export const parseRange = (text: string): { readonly min: number; readonly max: number } => {
  const [, min, max] = /^(\d{1,9})-(\d{1,9})(?:ms)?$/.exec(text) ?? [];
  const range = { min: Number(min), max: Number(max) };
  if (min === undefined || range.min < 1 || range.min >= range.max) {
    throw new Error(`expected a range of milliseconds such as 150-300, got "${text}"`);
  }
  return range;
};

const unitBytes: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `64MiB`, `512KiB`, `1GiB`; a bare number is bytes. At least 1. */
export const parseSize = (text: string): number => {
  const [, amount, unit] = /^(\d{1,15})(KiB|MiB|GiB|)$/.exec(text) ?? [];
  const bytes = Number(amount) * unitBytes[unit ?? '']!;
  if (amount === undefined || bytes < 1 || !Number.isSafeInteger(bytes)) {
    throw new Error(`expected a size such as 512KiB or 64MiB, got "${text}"`);
  }
  return bytes;
};

/** How many: an integer, at least 1. */
export const parseCount = (text: string): number => {
  if (!/^\d{1,15}$/.test(text) || Number(text) < 1)
    throw new Error(`expected a number from 1 on, got "${text}"`);
  return Number(text);
};

/** A revision of the store. */
export const parseRevision = (text: string): number => {
  if (!/^\d{1,15}$/.test(text) || Number(text) < 1)
    throw new Error(`expected a revision such as 7, got "${text}"`);
  return Number(text);
};

/** The id of a lease, which may be too large for a number. */
export const parseLeaseId = (text: string): string => {
  if (leaseIdIn(text) === null)
    throw new Error(`expected the id of a lease, a number from 1 to 2^63 - 1, got "${text}"`);
  return text;
};

/** How many entries: an integer, at least `least`. */
export const parseEntries =
  (least: number) =>
  (text: string): number => {
    const entries = Number(text);
    if (!/^\d{1,15}$/.test(text) || entries < least) {
      throw new Error(`expected a number of entries, ${least} or more, got "${text}"`);
    }
    return entries;
  };

/** How much a clock may gain or lose: a fraction from 0 to below 1. */
export const parseDrift = (text: string): number => {
  const fraction = Number(text);
  if (!/^(0|0?\.\d{1,9})$/.test(text)) {
    throw new Error(`expected a fraction from 0 to below 1 such as 0.1, got "${text}"`);
  }
  return fraction;
};

export const parseShare = (text: string): number => {
  if (!/^(0|1|0?\.\d{1,9}|1\.0{1,9})$/.test(text)) {
    throw new Error(`expected a share from 0 to 1 such as 0.01, got "${text}"`);
  }
  return Number(text);
};

/** Of a flag that is on or off, from an environment variable: `true`, `on`, `1`, or `false`, `off`, `0`. */
export const parseSwitch = (text: string): boolean => {
  if (/^(true|on|1)$/.test(text)) return true;
  if (/^(false|off|0)$/.test(text)) return false;
  throw new Error(`expected on or off, got "${text}"`);
};

/** A node's id: an integer from 1 to 999, so that default ports exist for it. */
export const parseNodeId = (text: string): NodeId => {
  const id = Number(text);
  if (!/^\d{1,3}$/.test(text) || id < 1)
    throw new Error(`expected a node's id, a number from 1 to 999, got "${text}"`);
  return id;
};

/** `host:port`, `:port` (this machine), `[::1]:port`, each also with `http://` before and `/` behind it. */
export const parseEndpoint = (text: string): Address => {
  const bare = text.replace(/^http:\/\//, '').replace(/\/$/, '');
  const address = parseAddress(bare.startsWith(':') ? `127.0.0.1${bare}` : bare);
  if (address !== null) return address;
  throw new Error(`expected host:port such as 127.0.0.1:8001 or [::1]:8001, got "${text}"`);
};

/** Endpoints separated by commas, at least one. */
export const parseEndpoints = (text: string): readonly Address[] =>
  text.split(',').map((each) => parseEndpoint(each.trim()));

/** Host names separated by commas, at least one; returned in lower case. */
export const parseHosts = (text: string): readonly string[] => {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const wrong = names.find((name) => !/^[a-z0-9_-][a-z0-9_.-]{0,252}$/.test(name));
  if (wrong === undefined) return names;
  throw new Error(`expected a host name without scheme and port such as raft.example, got "${wrong}"`);
};

/** `http://host:port`, the way endpoints are written in redirects and messages. */
export const endpointUrl = (address: Address, scheme: 'http' | 'https' = 'http'): string =>
  `${scheme}://${addressText(address)}`;

/** `2,3` or `2=host:port,3=host:port`, also mixed; null where the address is left open. `none`: no peers. */
export const parsePeers = (text: string): Readonly<Record<NodeId, Address | null>> => {
  const peers: Record<NodeId, Address | null> = {};
  if (text === 'none') return peers;
  for (const item of text.split(',')) {
    const [id, address, ...rest] = item.trim().split('=');
    if (!/^\d+$/.test(id!) || rest.length > 0) {
      throw new Error(`expected none, or ids such as 2,3 or 2=host:port,3=host:port, got "${text}"`);
    }
    const peer = parseNodeId(id!);
    if (peer in peers) throw new Error(`node ${peer} is listed twice in "${text}"`);
    peers[peer] = address === undefined ? null : parseEndpoint(address);
  }
  return peers;
};
