import * as v from 'valibot';
import type { NodeId } from '../../raft/types.ts';
import { type Malformed, malformed } from './malformed.ts';
import { type Plain, packFrame, packInteger, unpackFrame } from './msgpack.ts';

/** The version of everything after the handshake. It changes with any change that an older reader would misread. */
export const wireVersion = 1;

const magic = 'raftchart';

/** First item of a control frame. */
const controlCodes = { Hello: 0, Welcome: 1, Refused: 2, Ping: 3, Pong: 4 } as const;

/** First frame of the side that dialled. */
export interface Hello {
  readonly type: 'Hello';
  readonly version: number;
  readonly clusterId: string;
  readonly from: NodeId;
  /** Whom the dialling side believes to reach. */
  readonly to: NodeId;
  /** Names one run of one process: a nanoid. */
  readonly incarnation: string;
  /** Where clients reach `from`, such as `http://127.0.0.1:8001`; null if nowhere. */
  readonly clientEndpoint: string | null;
}

/** The accepting side's answer to a `Hello` that it takes. */
interface Welcome {
  readonly type: 'Welcome';
  readonly from: NodeId;
  readonly incarnation: string;
  readonly clientEndpoint: string | null;
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
}
interface Pong {
  readonly type: 'Pong';
}

export type Control = Hello | Welcome | Refused | Ping | Pong;

const nodeId = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const line = (maxLength: number) =>
  v.pipe(v.string(), v.nonEmpty(), v.maxLength(maxLength), v.regex(/^[^\p{Cc}]*$/u, 'control characters'));
const endpoint = v.nullable(line(256));

const schemas = {
  Hello: v.strictTuple([
    v.literal(controlCodes.Hello),
    v.literal(magic),
    v.literal(wireVersion),
    line(128),
    nodeId,
    nodeId,
    line(64),
    endpoint,
  ]),
  Welcome: v.strictTuple([v.literal(controlCodes.Welcome), nodeId, line(64), endpoint]),
  Refused: v.strictTuple([v.literal(controlCodes.Refused), line(1024)]),
  Ping: v.strictTuple([v.literal(controlCodes.Ping)]),
  Pong: v.strictTuple([v.literal(controlCodes.Pong)]),
};

/** A `Hello` whose first items say that the rest is of another version. */
export interface OtherVersion {
  readonly type: 'OtherVersion';
  readonly version: number;
}

/** One frame, as in `docs/wire.md`. Throws on a control frame that breaks its schema: that is our own bug. */
export const encodeControl = (control: Control): Uint8Array => {
  const items = itemsOf(control);
  const checked = v.safeParse(schemas[control.type], items);
  if (!checked.success) throw new Error(`${control.type} must not be sent: ${faultOf(checked.issues)}`);
  return packFrame(items.map((item) => (typeof item === 'number' ? packInteger(item) : item)));
};

/** The control frame in `frame`, or why there is none. Never throws; extra items are malformed. */
export const decodeControl = (frame: Uint8Array): Control | OtherVersion | Malformed => {
  if (frame.length > maxControlBytes) return malformed(`a control frame of ${frame.length} bytes`);
  const items = unpackFrame(frame);
  if ('malformed' in items) return items;
  switch (items[0]) {
    case controlCodes.Hello: {
      const [, name, version] = items;
      if (name === magic && typeof version === 'number' && version !== wireVersion)
        return { type: 'OtherVersion', version };
      const hello = v.safeParse(schemas.Hello, items);
      if (!hello.success) return malformed(`Hello: ${faultOf(hello.issues)}`);
      const [, , , clusterId, from, to, incarnation, clientEndpoint] = hello.output;
      return { type: 'Hello', version: wireVersion, clusterId, from, to, incarnation, clientEndpoint };
    }
    case controlCodes.Welcome: {
      const welcome = v.safeParse(schemas.Welcome, items);
      if (!welcome.success) return malformed(`Welcome: ${faultOf(welcome.issues)}`);
      const [, from, incarnation, clientEndpoint] = welcome.output;
      return { type: 'Welcome', from, incarnation, clientEndpoint };
    }
    case controlCodes.Refused: {
      const refused = v.safeParse(schemas.Refused, items);
      if (!refused.success) return malformed(`Refused: ${faultOf(refused.issues)}`);
      return { type: 'Refused', reason: refused.output[1] };
    }
    case controlCodes.Ping:
      return items.length === 1 ? { type: 'Ping' } : malformed('Ping with items');
    case controlCodes.Pong:
      return items.length === 1 ? { type: 'Pong' } : malformed('Pong with items');
    default:
      return malformed('not a control frame');
  }
};

/** No control frame is longer; a transport may refuse a longer first frame of an incoming connection unread. */
const maxControlBytes = 4096;

/** Whether `frame` is a `Ping`: the only control frame between messages. */
export const isPing = (frame: Uint8Array): boolean =>
  frame.length === 2 && frame[0] === 0x91 && frame[1] === controlCodes.Ping;

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
        control.incarnation,
        control.clientEndpoint,
      ];
    case 'Welcome':
      return [controlCodes.Welcome, control.from, control.incarnation, control.clientEndpoint];
    case 'Refused':
      return [controlCodes.Refused, control.reason];
    case 'Ping':
    case 'Pong':
      return [controlCodes[control.type]];
  }
};

const faultOf = (issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string =>
  `expected item ${issues[0].path?.[0]?.key} to be ${issues[0].expected ?? 'valid'}`;
