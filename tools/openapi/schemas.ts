import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import { compactSchema, grantSchema } from '../../src/store/http/v2/answer-leases.ts';
import {
  compareSchema,
  deleteSchema,
  nestedTxnSchema,
  operationSchema,
  putSchema,
  rangeSchema,
  txnSchema,
} from '../../src/store/http/v2/txn-request.ts';

type Schema = Readonly<Record<string, unknown>>;

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const described = (schema: Schema, description: string): Schema => ({ ...schema, description });
const count: Schema = { type: 'integer', minimum: 0 };
const yes: Schema = { type: 'boolean' };
const base64: Schema = { type: 'string', contentEncoding: 'base64' };
const text: Schema = { type: 'string' };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
/** All of `properties` are there, but for `optional`. */
const object = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const revision = described(count, 'Of the store: each change raises it by one.');
const leaseId = described(
  { type: 'string', pattern: '^[1-9]\\d{0,18}$' },
  'The id of a lease: a number of 64 bits, as text.',
);
/** Behind every answer to a write, and to a read that is not a value. */
const position = {
  revision,
  index: described(count, 'In the log.'),
  term: described(count, 'Of the leader.'),
};

const key = {
  key: described(text, 'The key, if it is UTF-8.'),
  key_base64: described(base64, 'The key, if it is not UTF-8.'),
};
const keyNames = Object.keys(key);
const revisions = {
  create_revision: described(count, 'At which the key came into being.'),
  mod_revision: described(count, 'At which it was last written.'),
  version: described(count, 'Writes since it came into being, from 1 on.'),
  lease: described(leaseId, 'The lease that the key ends with; not there if it has none.'),
};

const lease = {
  id: leaseId,
  ttl: described(count, 'Granted, in seconds.'),
  remaining: described(count, 'Seconds until it ends, by the time of the log.'),
};

/** What a request brings. Read by the server with the very schemas that these are made from. */
const requests = toJsonSchemaDefs(
  {
    Txn: txnSchema,
    Compare: compareSchema,
    Operation: operationSchema,
    Range: rangeSchema,
    Put: putSchema,
    Delete: deleteSchema,
    NestedTxn: nestedTxnSchema,
    Grant: grantSchema,
    Compact: compactSchema,
  },
  // That a text is Unicode, and an id below 2^63, is said in words.
  { target: 'draft-2020-12', typeMode: 'input', errorMode: 'ignore' },
);

const descriptions: Readonly<Record<keyof typeof requests, string>> = {
  Txn: 'What is done if all of `compare` hold, and what if not. At most 128 operations and 128 comparisons in all.',
  Compare:
    'Holds if it holds for each key in the range. Where there is none, as if all its numbers were 0; a value equals nothing then, and differs from nothing. Give `number` for `version`, `create` and `mod`, a `lease` ("0": none) for `lease`, a `value` or a `value_text` for `value`.',
  Operation: 'What a transaction reads or writes. One branch must not write a key twice.',
  Range: 'Reads a key, all with a prefix, or those from one on and before another.',
  Put: 'Writes a key, or with `keep_value` its lease only. `prev`: the answer has what was there before.',
  Delete:
    'Deletes a key, all with a prefix, or those from one on and before another. `prev`: the answer has what was there.',
  NestedTxn: 'A transaction within another one: at most 16 deep.',
  Grant: 'A lease of so many seconds, at least 2. An id is drawn at random where none is given.',
  Compact: 'Forgets what was before this revision.',
};

const answers: Readonly<Record<string, Schema>> = {
  Position: object(position),
  Deleted: object({ ...position, deleted: described(count, 'How many keys there were.') }),
  Pair: object({ ...key, value: base64, ...revisions }, [...keyNames, 'value', 'lease']),
  Revisions: object(revisions, ['lease']),
  List: object(
    {
      ...position,
      revision: described(count, 'The list is as of this revision.'),
      count: described(count, 'Keys in the range, whatever limit and bounds leave out.'),
      more: described(yes, 'Whether there is another page.'),
      next: described(text, 'The cursor of the next page.'),
      kvs: listOf(ref('Pair')),
    },
    ['next'],
  ),
  TxnResult: object({ ...position, succeeded: yes, results: listOf(ref('OperationResult')) }),
  OperationResult: {
    description: 'Of each operation that was done, in order.',
    oneOf: ['RangeResult', 'PutResult', 'DeleteResult', 'NestedTxnResult'].map(ref),
  },
  RangeResult: object({ type: { const: 'range' }, count, more: yes, kvs: listOf(ref('Pair')) }),
  PutResult: object(
    {
      type: { const: 'put' },
      prev: ref('Pair'),
      prev_omitted: described({ const: true }, 'The answer would have become too large.'),
    },
    ['prev', 'prev_omitted'],
  ),
  DeleteResult: object(
    {
      type: { const: 'delete' },
      deleted: count,
      prev: listOf(ref('Pair')),
      prev_omitted: described({ const: true }, 'Some are left out: the answer would have become too large.'),
    },
    ['prev', 'prev_omitted'],
  ),
  NestedTxnResult: object({
    type: { const: 'txn' },
    succeeded: yes,
    results: listOf(ref('OperationResult')),
  }),
  Leases: object({
    ...position,
    count: described(count, 'How many there are.'),
    more: described(yes, 'Whether there are more: ask with `after`.'),
    leases: listOf(object(lease)),
  }),
  Lease: object({
    ...position,
    ...lease,
    key_count: count,
    more: described(yes, 'Whether it has more keys than are listed.'),
    keys: listOf(object(key, keyNames)),
  }),
  Granted: object({ ...position, id: lease.id, ttl: lease.ttl }),
  Revoked: object({ ...position, id: lease.id }),
  Error: {
    ...object(
      {
        error: described(text, 'For programs: never changes.'),
        message: described(text, 'For people.'),
        ...position,
        leader: described(text, 'Who leads, such as "node1".'),
        endpoint: described({ type: ['string', 'null'] }, 'Where it serves clients; null: not known yet.'),
        oldest: described(count, 'The oldest revision that is kept.'),
        current: {
          description: 'What is there instead; null: the key does not exist.',
          oneOf: [ref('Revisions'), { type: 'null' }],
        },
      },
      ['message', 'revision', 'index', 'term', 'leader', 'endpoint', 'oldest', 'current'],
    ),
  },
  WatchEvent: {
    description: 'The data of an event `put` or `delete`.',
    ...object(
      {
        revision: described(count, 'At which it happened.'),
        ...key,
        value: base64,
        ...revisions,
        prev: {
          description: 'With `prev=true`: what was there before; null: nothing.',
          oneOf: [ref('Pair'), { type: 'null' }],
        },
      },
      [...keyNames, 'value', ...Object.keys(revisions), 'prev'],
    ),
  },
  WatchProgress: {
    description: 'The data of an event `progress`.',
    ...object({
      revision: described(count, 'All up to this has been told.'),
      current: described(count, 'Of the store.'),
    }),
  },
  WatchCompacted: {
    description: 'The data of the last event, `compacted`.',
    ...object({ oldest: described(count, 'Another watch may begin here.') }),
  },
};

export const schemas: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    Object.entries(requests).map(([name, schema]) => [
      name,
      { description: descriptions[name as keyof typeof requests], ...inComponents(schema) },
    ]),
  ),
  ...answers,
};

/** With references to where the schemas stand in the document. */
function inComponents(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as object;
}
