/**
 * The protocol of `@statelyai/inspect` 0.5 to 0.7, one JSON text a message, and what this package adds to it: a program may say who it
 * is (`@raftchart.hello`), and is then sent events for its actors (`@raftchart.send`). Others ignore both.
 */

/** What a program sends. Ids are session ids of actors. */
export type ProgramMessage = ActorMessage | EventMessage | SnapshotMessage | HelloMessage;

export interface ActorMessage {
  readonly type: '@xstate.actor';
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly name: string;
  /** The config of its machine as JSON; of an actor of another kind, at most its id. */
  readonly definition: string | null;
  readonly snapshot: SentSnapshot;
}

export interface EventMessage {
  readonly type: '@xstate.event';
  readonly sessionId: string;
  readonly sourceId: string | null;
  readonly event: SentEventObject;
}

export interface SnapshotMessage {
  readonly type: '@xstate.snapshot';
  readonly sessionId: string;
  readonly event: SentEventObject;
  readonly snapshot: SentSnapshot;
}

export interface HelloMessage {
  readonly type: '@raftchart.hello';
  readonly name: string;
  readonly takesEvents: boolean;
  /** The same each time that one program connects; null for none. */
  readonly instance: string | null;
  /** Where the messages come from that a page forwards; null for a program that speaks for itself. */
  readonly origin: string | null;
}

/** An event for an actor of the program: the only thing that a program is sent. */
export interface SendMessage {
  readonly type: '@raftchart.send';
  readonly actor: string;
  readonly event: SentEventObject;
}

export interface SentEventObject {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type SentSnapshot = Readonly<Record<string, unknown>>;

/** Why a message is not taken, in one line. */
export interface RefusedMessage {
  readonly problem: string;
}

/** Of a message that is taken, in characters. */
export const maxMessageLength = 4 * 1024 * 1024;
const maxNameLength = 500;

/** Reads what a program has sent. Null for a message that says nothing to an inspector. */
export const readMessage = (text: string): ProgramMessage | RefusedMessage | null => {
  const fields = objectIn(text);
  if ('problem' in fields) return fields as unknown as RefusedMessage;
  const { type } = fields;
  switch (type) {
    case '@xstate.actor':
      return readActor(fields);
    case '@xstate.event':
      return readEvent(fields);
    case '@xstate.snapshot':
      return readSnapshot(fields);
    case '@raftchart.hello':
      return readHello(fields);
    default:
      // XState's other inspection events, and the farewell of a window.
      return typeof type === 'string' && /^@(xstate|statelyai)\./.test(type)
        ? null
        : { problem: `it is of type ${quoted(type)}, which no inspector knows` };
  }
};

/** Reads what an inspector has sent; null for anything but an event for an actor. */
export const readSend = (text: string): SendMessage | null => {
  const { type, actor, event } = objectIn(text);
  if (type !== '@raftchart.send' || !isName(actor) || !isEvent(event)) return null;
  return { type, actor, event };
};

type Fields = Readonly<Record<string, unknown>>;

/** An object in `text`; else one with a problem and nothing else. */
const objectIn = (text: string): Fields => {
  if (text.length > maxMessageLength) {
    return {
      problem: `it has ${text.length} characters, more than ${maxMessageLength}: send less of contexts and events (sanitizeContext, sanitizeEvent)`,
    };
  }
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return { problem: `it is ${quoted(value)}, not an object` };
    const { problem: _, ...fields } = value;
    return fields;
  } catch {
    return { problem: `it is not JSON: ${quoted(text)}` };
  }
};

const readActor = (fields: Fields): ActorMessage | RefusedMessage => {
  const { type, sessionId, parentId = null, name, definition = null, snapshot } = fields;
  if (type !== '@xstate.actor' || !isName(sessionId)) return wrong(fields, 'sessionId');
  if (parentId !== null && !isName(parentId)) return wrong(fields, 'parentId');
  if (definition !== null && typeof definition !== 'string') return wrong(fields, 'definition');
  if (!isObject(snapshot ?? {})) return wrong(fields, 'snapshot');
  return {
    type,
    sessionId,
    parentId,
    name: isName(name) ? name : sessionId,
    definition,
    snapshot: (snapshot ?? {}) as SentSnapshot,
  };
};

const readEvent = (fields: Fields): EventMessage | RefusedMessage => {
  const { type, sessionId, sourceId = null, event } = fields;
  if (type !== '@xstate.event' || !isName(sessionId)) return wrong(fields, 'sessionId');
  if (sourceId !== null && !isName(sourceId)) return wrong(fields, 'sourceId');
  if (!isEvent(event)) return wrong(fields, 'event');
  return { type, sessionId, sourceId, event };
};

const readSnapshot = (fields: Fields): SnapshotMessage | RefusedMessage => {
  const { type, sessionId, event, snapshot } = fields;
  if (type !== '@xstate.snapshot' || !isName(sessionId)) return wrong(fields, 'sessionId');
  if (!isEvent(event)) return wrong(fields, 'event');
  if (!isObject(snapshot)) return wrong(fields, 'snapshot');
  return { type, sessionId, event, snapshot };
};

const readHello = (fields: Fields): HelloMessage | RefusedMessage => {
  const { type, name, takesEvents = false, instance = null, origin = null } = fields;
  if (type !== '@raftchart.hello' || !isName(name)) return wrong(fields, 'name');
  if (typeof takesEvents !== 'boolean') return wrong(fields, 'takesEvents');
  if (instance !== null && !isName(instance)) return wrong(fields, 'instance');
  if (origin !== null && !isName(origin)) return wrong(fields, 'origin');
  return { type, name, takesEvents, instance, origin };
};

const wrong = (fields: Fields, field: string): RefusedMessage => ({
  problem: `${field} of its ${quoted(fields.type)} is ${quoted(fields[field])}`,
});

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxNameLength;

export const isEvent = (value: unknown): value is SentEventObject =>
  isObject(value) && typeof value.type === 'string' && value.type.length <= maxNameLength;

const maxQuoted = 60;

/** A value of a stranger in one short line. */
const quoted = (value: unknown): string => {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = typeof value === 'string' ? value : String(value);
  const short = text.length <= maxQuoted ? text : `${text.slice(0, maxQuoted)}…`;
  return typeof value === 'string'
    ? JSON.stringify(short).replace(/[\u007f-\u009f\u2028\u2029]/g, ' ')
    : short;
};
