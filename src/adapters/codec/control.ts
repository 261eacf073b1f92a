import * as v from 'valibot';
import { maxAddressLength } from '../../ports/address.ts';
import { logIdPattern, type Member, maxRuns, type Run } from '../../ports/disk.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';
import { type Malformed, malformed } from './malformed.ts';
import { type Plain, packFrame, packInteger, unpackFrame } from './msgpack.ts';
import { isSpoken } from './wire-versions.ts';

const magic = 'raftchart';

/** First item of a control frame. */
const controlCodes = { Hello: 0, Welcome: 1, Refused: 2, Ping: 3, Pong: 4, Join: 5, Joined: 6 } as const;

/** What each side says of itself. */
interface Introduction {
  /** Names one run of one process: a nanoid. */
  readonly incarnation: string;
  /** Where clients reach it, such as `http://127.0.0.1:8001`; null if nowhere. */
  readonly clientEndpoint: string | null;
  /** Where its peers reach it, such as `127.0.0.1:7001`; null if only they know. */
  readonly peerEndpoint: string | null;
  /** The index of the latest configuration that it knows. */
  readonly configurationIndex: LogIndex;
  /** The disk that it runs on: `DiskClaim`. */
  readonly logId: string;
  readonly start: number;
  readonly runs: readonly Run[];
  /** Those with which its cluster began, ascending. */
  readonly firstMembers: readonly NodeId[];
}

/** First frame of the side that dialled. */
export interface Hello extends Introduction {
  readonly type: 'Hello';
  readonly version: number;
  readonly clusterId: string;
  readonly from: NodeId;
  /** Whom the dialling side believes to reach. */
  readonly to: NodeId;
}

/** The accepting side's answer to a `Hello` that it takes. */
export interface Welcome extends Introduction {
  readonly type: 'Welcome';
  readonly from: NodeId;
}

/** Its answer to any other; it then closes the connection. */
interface Refused {
  readonly type: 'Refused';
  /** One line that names what differs. */
  readonly reason: string;
}

/** Asks whether the connection still carries frames; the accepting side answers `Pong`. */
interface Ping {
  readonly type: 'Ping';
  /** The start number of the dialling side by now. */
  readonly start: number;
}
interface Pong {
  readonly type: 'Pong';
}

/** First frame of a node that belongs to no cluster yet, and wants to know with whom its cluster began. */
export interface Join {
  readonly type: 'Join';
  readonly version: number;
  readonly clusterId: string;
  readonly from: NodeId;
}

/** The accepting side's answer to a `Join`; it then closes the connection. That makes nobody a member. */
export interface Joined {
  readonly type: 'Joined';
  readonly from: NodeId;
  /** Configuration 0, ascending, with the addresses that this member knows. */
  readonly firstMembers: readonly Member[];
}

export type Control = Hello | Welcome | Refused | Ping | Pong | Join | Joined;

const nodeId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const line = (maxLength: number) =>
  v.pipe(v.string(), v.nonEmpty(), v.maxLength(maxLength), v.regex(/^[^\p{Cc}]*$/u, 'control characters'));
const maxReasonLength = 1024;
const endpoint = v.nullable(line(maxAddressLength));
const logId = v.pipe(v.string(), v.regex(logIdPattern, '16 bytes in hexadecimal'));
const start = nodeId;
const firstMembers = v.pipe(
  v.array(nodeId),
  v.minLength(1),
  v.maxLength(99),
  v.check((ids) => ids.every((id, at) => at === 0 || ids[at - 1]! < id), 'ascending ids'),
);
const runs = v.pipe(
  v.array(v.strictTuple([start, v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/, '4 bytes in hexadecimal'))])),
  v.minLength(1),
  v.maxLength(maxRuns),
  v.check((each) => each.every(([at], i) => i === 0 || each[i - 1]![0] < at), 'ascending runs'),
);
const version = v.pipe(nodeId, v.check(isSpoken, 'a version that is not spoken'));
const logIndex = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const introduction = [line(64), endpoint, logId, start, runs, firstMembers, endpoint, logIndex] as const;
const members = v.pipe(
  v.array(v.strictTuple([nodeId, endpoint])),
  v.minLength(1),
  v.maxLength(99),
  v.check((each) => each.every(([id], at) => at === 0 || each[at - 1]![0] < id), 'ascending ids'),
);

const schemas = {
  Hello: v.strictTuple([
    v.literal(controlCodes.Hello),
    v.literal(magic),
    version,
    line(128),
    nodeId,
    nodeId,
    ...introduction,
  ]),
  Welcome: v.strictTuple([v.literal(controlCodes.Welcome), nodeId, ...introduction]),
  Refused: v.strictTuple([v.literal(controlCodes.Refused), line(maxReasonLength)]),
  Ping: v.strictTuple([v.literal(controlCodes.Ping), start]),
  Pong: v.strictTuple([v.literal(controlCodes.Pong)]),
  Join: v.strictTuple([v.literal(controlCodes.Join), v.literal(magic), version, line(128), nodeId]),
  Joined: v.strictTuple([v.literal(controlCodes.Joined), nodeId, members]),
};

/** A `Hello` or `Join` whose first items say that the rest is of another version. */
export interface OtherVersion {
  readonly type: 'OtherVersion';
  readonly version: number;
}

/** One frame, as in `docs/wire.md`. Throws on a control frame that breaks its schema: that is our own bug. */
export const encodeControl = (control: Control): Uint8Array => {
  const items = itemsOf(control);
  const checked = v.safeParse(schemas[control.type], items);
  if (!checked.success) throw new Error(`${control.type} must not be sent: ${faultOf(checked.issues)}`);
  return packFrame(items.map(packed));
};

/** A `Refused` for any `reason`, which may quote what the peer said: cut to what one line may hold. */
export const refusedFor = (reason: string): Refused => ({
  type: 'Refused',
  reason: reason.replaceAll(/\p{Cc}/gu, ' ').slice(0, maxReasonLength),
});

/** The control frame in `frame`, or why there is none. Never throws; extra items are malformed. */
export const decodeControl = (frame: Uint8Array): Control | OtherVersion | Malformed => {
  if (frame.length > maxControlBytes) return malformed(`a control frame of ${frame.length} bytes`);
  const items = unpackFrame(frame);
  if ('malformed' in items) return items;
  switch (items[0]) {
    case controlCodes.Hello: {
      const other = otherVersionIn(items);
      if (other !== null) return other;
      const hello = v.safeParse(schemas.Hello, items);
      if (!hello.success) return malformed(`Hello: ${faultOf(hello.issues)}`);
      const [, , spoken, clusterId, from, to, ...rest] = hello.output;
      return { type: 'Hello', version: spoken, clusterId, from, to, ...introductionIn(rest) };
    }
    case controlCodes.Welcome: {
      const welcome = v.safeParse(schemas.Welcome, items);
      if (!welcome.success) return malformed(`Welcome: ${faultOf(welcome.issues)}`);
      const [, from, ...rest] = welcome.output;
      return { type: 'Welcome', from, ...introductionIn(rest) };
    }
    case controlCodes.Refused: {
      const refused = v.safeParse(schemas.Refused, items);
      if (!refused.success) return malformed(`Refused: ${faultOf(refused.issues)}`);
      return { type: 'Refused', reason: refused.output[1] };
    }
    case controlCodes.Ping: {
      const ping = v.safeParse(schemas.Ping, items);
      if (!ping.success) return malformed(`Ping: ${faultOf(ping.issues)}`);
      return { type: 'Ping', start: ping.output[1] };
    }
    case controlCodes.Pong:
      return items.length === 1 ? { type: 'Pong' } : malformed('Pong with items');
    case controlCodes.Join: {
      const other = otherVersionIn(items);
      if (other !== null) return other;
      const join = v.safeParse(schemas.Join, items);
      if (!join.success) return malformed(`Join: ${faultOf(join.issues)}`);
      const [, , spoken, clusterId, from] = join.output;
      return { type: 'Join', version: spoken, clusterId, from };
    }
    case controlCodes.Joined: {
      const joined = v.safeParse(schemas.Joined, items);
      if (!joined.success) return malformed(`Joined: ${faultOf(joined.issues)}`);
      const [, from, founders] = joined.output;
      return { type: 'Joined', from, firstMembers: founders.map(([id, peer]) => ({ id, peer })) };
    }
    default:
      return malformed('not a control frame');
  }
};

/** Of a `Hello` or `Join`, whose first three items never change. */
const otherVersionIn = ([, name, said]: readonly Plain[]): OtherVersion | null =>
  name === magic && typeof said === 'number' && !isSpoken(said)
    ? { type: 'OtherVersion', version: said }
    : null;

/** No control frame is longer; a transport may refuse a longer first frame of an incoming connection unread. */
const maxControlBytes = 4096;

/** Whether `frame` means to be a `Ping`: the only control frame between messages. */
export const isPing = (frame: Uint8Array): boolean =>
  frame.length > 1 && (frame[0]! & 0xf0) === 0x90 && frame[1] === controlCodes.Ping;

const itemsOf = (control: Control): readonly Plain[] => {
  switch (control.type) {
    case 'Hello':
      return [
        controlCodes.Hello,
        magic,
        control.version,
        control.clusterId,
        control.from,
        control.to,
        ...itemsOfIntroduction(control),
      ];
    case 'Welcome':
      return [controlCodes.Welcome, control.from, ...itemsOfIntroduction(control)];
    case 'Refused':
      return [controlCodes.Refused, control.reason];
    case 'Ping':
      return [controlCodes.Ping, control.start];
    case 'Pong':
      return [controlCodes.Pong];
    case 'Join':
      return [controlCodes.Join, magic, control.version, control.clusterId, control.from];
    case 'Joined':
      return [controlCodes.Joined, control.from, control.firstMembers.map(({ id, peer }) => [id, peer])];
  }
};

const itemsOfIntroduction = (said: Introduction): readonly Plain[] => [
  said.incarnation,
  said.clientEndpoint,
  said.logId,
  said.start,
  said.runs.map((run) => [run.start, run.tag]),
  said.firstMembers,
  said.peerEndpoint,
  said.configurationIndex,
];

const introductionIn = ([
  incarnation,
  clientEndpoint,
  logId,
  start,
  told,
  firstMembers,
  peerEndpoint,
  configurationIndex,
]: readonly [
  string,
  string | null,
  string,
  number,
  readonly (readonly [number, string])[],
  readonly NodeId[],
  string | null,
  LogIndex,
]): Introduction => ({
  incarnation,
  clientEndpoint,
  peerEndpoint,
  configurationIndex,
  logId,
  start,
  runs: told.map(([from, tag]) => ({ start: from, tag })),
  firstMembers,
});

const packed = (item: Plain): Plain => {
  if (typeof item === 'number') return packInteger(item);
  return Array.isArray(item) ? item.map(packed) : item;
};

const faultOf = (issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string =>
  `expected item ${issues[0].path?.[0]?.key} to be ${issues[0].expected ?? 'valid'}`;
