import { maxPageLimit } from '../../src/store/http/v2/list-request.ts';
import { ref } from './schemas.ts';

type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** One method at one path. */
export interface OperationText {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly type: string; readonly schema: Schema };
  readonly done: { readonly type: string; readonly schema: Schema; readonly headers?: readonly string[] };
  /** By status, the errors that this one may give, beside those that all of its kind give. */
  readonly errors: Readonly<Record<number, readonly string[]>>;
  /** What errors its kind gives. */
  readonly kind: 'read' | 'write' | 'none';
}

const text: Schema = { type: 'string' };
const number = (minimum: number, maximum?: number): Schema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const flag: Schema = { type: 'boolean', default: false };
const inQuery = (name: string, description: string, schema: Schema): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
const inHeader = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema: text,
});
const inPath = (name: string, description: string, schema: Schema): Parameter => ({
  name,
  in: 'path',
  description,
  required: true,
  schema,
});

const key = inPath('key', 'Percent-encoded bytes: `a/b` is `a%2Fb`.', { ...text, minLength: 1 });
const leaseId = inPath('id', 'Of a lease.', { ...text, pattern: '^[1-9]\\d{0,18}$' });
const consistency = inQuery('consistency', 'What the read promises.', {
  enum: ['linearizable', 'lease', 'stale'],
  default: 'linearizable',
});
const ranges = [
  inQuery('key', 'This key.', text),
  inQuery('prefix', 'All keys that begin so. Empty: all keys.', text),
  inQuery('from', 'Keys from this one on.', text),
  inQuery('to', 'Keys before this one.', text),
];
const revision = inQuery('revision', 'As it was at this revision.', number(1));
const conditions = [
  inHeader('If-Match', '`"REVISION"`: only if the key was last written then. `*`: only if it exists.'),
  inHeader(
    'If-None-Match',
    '`*`: only if the key does not exist. `"REVISION"`: only if it was not last written then.',
  ),
];
const keyed = [
  inHeader(
    'Idempotency-Key',
    'A name that nobody else makes up: the write happens once, however often it is sent.',
  ),
  inHeader(
    'X-Raft-Session',
    '`NAME; sequence=N; received=M; age=MILLISECONDS`: the same, as one of a session.',
  ),
];
const json = (schema: Schema, headers: readonly string[] = []) => ({
  type: 'application/json',
  schema,
  headers,
});
const reading = { kind: 'read', parameters: [consistency] } as const;
const compacted = { 409: ['future_revision'], 410: ['compacted'] } as const;
const atRevision = { ...compacted, 409: ['lease_reads_off', 'future_revision'] } as const;
const noSuchLease = { 404: ['lease_not_found'] } as const;

/** By path and method. A HEAD is the GET without its body. */
export const operations: Readonly<Record<string, Readonly<Record<string, OperationText>>>> = {
  '/v2/kv/{key}': {
    get: {
      ...reading,
      id: 'getKey',
      summary: 'The value of a key',
      parameters: [
        key,
        revision,
        consistency,
        inHeader('If-None-Match', 'The revisions that the client has: 304 if it is among them.'),
      ],
      done: {
        type: 'application/octet-stream',
        schema: {},
        headers: [
          'ETag',
          'X-Raft-Revision',
          'X-Raft-Create-Revision',
          'X-Raft-Mod-Revision',
          'X-Raft-Version',
          'X-Raft-Index',
          'X-Raft-Term',
        ],
      },
      errors: { 304: [], 404: ['key_not_found'], 414: ['key_too_long'], ...atRevision },
    },
    put: {
      kind: 'write',
      id: 'putKey',
      summary: 'Writes a key',
      parameters: [key, inQuery('lease', 'The key ends with this lease.', text), ...conditions, ...keyed],
      body: { type: 'application/octet-stream', schema: {} },
      done: json(ref('Position'), ['ETag']),
      errors: { ...noSuchLease, 412: ['precondition_failed'], 414: ['key_too_long'] },
    },
    delete: {
      kind: 'write',
      id: 'deleteKey',
      summary: 'Deletes a key',
      parameters: [key, ...conditions, ...keyed],
      done: json(ref('Deleted')),
      errors: { 412: ['precondition_failed'], 414: ['key_too_long'] },
    },
  },
  '/v2/kv': {
    get: {
      ...reading,
      id: 'listKeys',
      summary: 'Keys and values, page by page',
      description:
        'Without a range: all keys. A page has at most some 1 MiB of keys and values, and may be empty though there are more. `next` leads to the next page, as of the same revision.',
      parameters: [
        ...ranges,
        inQuery('limit', 'At most so many.', { ...number(1, maxPageLimit), default: 100 }),
        inQuery('order', 'Which way.', { enum: ['asc', 'desc'], default: 'asc' }),
        inQuery('sort', 'By what. But for the key, of at most 10000 keys.', {
          enum: ['key', 'version', 'create', 'mod', 'value'],
          default: 'key',
        }),
        revision,
        inQuery('keys_only', 'Without values.', flag),
        inQuery('count_only', 'Nothing but how many there are.', flag),
        ...['min_mod_revision', 'max_mod_revision', 'min_create_revision', 'max_create_revision'].map(
          (name) => inQuery(name, 'Only pairs whose revision lies within this bound; 0: none.', number(0)),
        ),
        inQuery('cursor', 'The `next` of the page before; with `limit` and `consistency` only.', text),
        consistency,
      ],
      done: json(ref('List')),
      errors: atRevision,
    },
    delete: {
      kind: 'write',
      id: 'deleteKeys',
      summary: 'Deletes all keys in a range',
      description: 'Without a range it is refused: `?prefix=` is all keys.',
      parameters: [...ranges, ...keyed],
      done: json(ref('Deleted')),
      errors: { 422: ['too_large'] },
    },
  },
  '/v2/txn': {
    post: {
      kind: 'write',
      id: 'txn',
      summary: 'Several operations at one revision, depending on what is there',
      parameters: keyed,
      body: { type: 'application/json', schema: ref('Txn') },
      done: json(ref('TxnResult')),
      errors: { 404: ['key_not_found', 'lease_not_found'], ...compacted, 422: ['too_large'] },
    },
  },
  '/v2/leases': {
    get: {
      ...reading,
      id: 'listLeases',
      summary: 'The leases, in the order of their ids',
      parameters: [inQuery('after', 'Those behind this one.', text), consistency],
      done: json(ref('Leases')),
      errors: { 409: ['lease_reads_off'] },
    },
    post: {
      kind: 'write',
      id: 'grantLease',
      summary: 'Grants a lease',
      description:
        'A key that is put under a lease is deleted when the lease ends: when it is revoked, or not kept alive for so many seconds.',
      parameters: keyed,
      body: { type: 'application/json', schema: ref('Grant') },
      done: json(ref('Granted')),
      errors: { 409: ['lease_exists'] },
    },
  },
  '/v2/leases/{id}': {
    get: {
      ...reading,
      id: 'getLease',
      summary: 'A lease and its keys',
      parameters: [leaseId, consistency],
      done: json(ref('Lease')),
      errors: { ...noSuchLease, 409: ['lease_reads_off'] },
    },
    delete: {
      kind: 'write',
      id: 'revokeLease',
      summary: 'Ends a lease, and deletes its keys',
      parameters: [leaseId, ...keyed],
      done: json(ref('Revoked')),
      errors: noSuchLease,
    },
  },
  '/v2/leases/{id}/keepalive': {
    post: {
      kind: 'write',
      id: 'keepLeaseAlive',
      summary: 'The time of a lease begins anew',
      parameters: [leaseId, ...keyed],
      done: json(ref('Granted')),
      errors: noSuchLease,
    },
  },
  '/v2/watch': {
    get: {
      kind: 'read',
      id: 'watch',
      summary: 'What happens to keys, as server-sent events',
      description:
        'Events `put` and `delete` (WatchEvent), `progress` (WatchProgress) at the beginning and now and then while nothing happens, and `compacted` (WatchCompacted), with which the stream ends. The id of an event is a revision: all up to it has been told. So of several events at one revision only the last has one, and a client that goes on behind the id that it saw last, as `EventSource` does with `Last-Event-ID`, misses nothing; it may be told a part of a revision twice.',
      parameters: [
        ...ranges,
        inQuery('revision', 'From what happened at this revision on. Not given: from now on.', number(1)),
        inQuery('only', 'Only these events.', { enum: ['both', 'put', 'delete'], default: 'both' }),
        inQuery('prev', 'With what was there before.', flag),
        consistency,
        inHeader('Last-Event-ID', 'Goes on behind this revision, whatever `revision` says.'),
      ],
      done: { type: 'text/event-stream', schema: text },
      errors: { 409: ['lease_reads_off'], 410: ['compacted'], 429: ['too_many_watches'] },
    },
  },
  '/v2/compact': {
    post: {
      kind: 'write',
      id: 'compact',
      summary: 'Forgets what was before a revision',
      parameters: keyed,
      body: { type: 'application/json', schema: ref('Compact') },
      done: json(ref('Position')),
      errors: compacted,
    },
  },
  '/v2/openapi.json': {
    get: {
      kind: 'none',
      id: 'openApi',
      summary: 'This document',
      description:
        'Needs no token: it is the same from every node of this version, and says nothing of this cluster.',
      parameters: [],
      done: json({ type: 'object' }),
      errors: {},
    },
  },
};
