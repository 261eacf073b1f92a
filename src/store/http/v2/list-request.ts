import { Buffer } from 'node:buffer';
import * as v from 'valibot';
import type { KeyRange } from '../../kv/key-range.ts';
import type { RangeOperation } from '../../kv/operations.ts';
import type { Revision } from '../../kv/revisioned-store.ts';
import type { Consistency } from '../consistency.ts';
import { rangeNamed } from './named-range.ts';
import type { Query } from './query.ts';
import { badRequest } from './request-refused.ts';

/** Pairs on a page if the request says nothing, and at most. */
export const defaultPageLimit = 100;
export const maxPageLimit = 1000;

export const rangeParameters = ['key', 'prefix', 'from', 'to'] as const;
export const listParameters = [
  ...rangeParameters,
  'limit',
  'order',
  'sort',
  'revision',
  'keys_only',
  'count_only',
  'min_mod_revision',
  'max_mod_revision',
  'min_create_revision',
  'max_create_revision',
  'cursor',
  'consistency',
] as const;

/** One page of a list. */
export interface ListRequest {
  /** 0: as of now. */
  readonly revision: Revision;
  readonly operation: RangeOperation;
  /** What came last on the page before: its key, or how many pairs there were so far if they are not in the order of the keys. Null: it is the first page. */
  readonly after: string | number | null;
  readonly consistency: Consistency;
}

/** All keys. */
const everything: KeyRange = { from: '', to: null };

/** Throws `RequestRefused`. */
export const listRequestIn = (query: Query, maxKeyBytes: number): ListRequest => {
  const limit = query.number('limit', 1, maxPageLimit);
  const { consistency } = query;
  const cursor = query.bytes('cursor');
  if (cursor !== null) {
    const other = listParameters.find(
      (name) => query.has(name) && !['cursor', 'limit', 'consistency'].includes(name),
    );
    if (other !== undefined)
      throw badRequest(`${other} is in the cursor: give limit and consistency beside it only`);
    const page = pageAt(cursor);
    const operation = limit === null ? page.operation : { ...page.operation, limit };
    return { ...page, operation, consistency };
  }
  const revision = query.number('revision', 1, Number.MAX_SAFE_INTEGER) ?? 0;
  const operation: RangeOperation = {
    type: 'range',
    range: rangeIn(query, maxKeyBytes) ?? everything,
    limit: limit ?? defaultPageLimit,
    revision,
    order: query.choice('order', ['asc', 'desc']) === 'asc' ? 'ascend' : 'descend',
    sortedBy: query.choice('sort', ['key', 'version', 'create', 'mod', 'value']),
    keysOnly: query.flag('keys_only'),
    countOnly: query.flag('count_only'),
    minModRevision: bound(query, 'min_mod_revision'),
    maxModRevision: bound(query, 'max_mod_revision'),
    minCreateRevision: bound(query, 'min_create_revision'),
    maxCreateRevision: bound(query, 'max_create_revision'),
  };
  return { revision, operation, after: null, consistency };
};

/** The range that a query names; null: none. Throws `RequestRefused`. */
export const rangeIn = (query: Query, maxKeyBytes: number): KeyRange | null => {
  const [key, prefix, from, to] = rangeParameters.map((name) => query.bytes(name));
  return rangeNamed({ key: key!, prefix: prefix!, from: from!, to: to! }, maxKeyBytes);
};

const bound = (query: Query, name: string): Revision => query.number(name, 0, Number.MAX_SAFE_INTEGER) ?? 0;

/** For clients, an opaque text: the page after `after` of the list as it was at `revision`. */
export const cursorOf = (revision: Revision, operation: RangeOperation, after: string | number): string =>
  Buffer.from(JSON.stringify({ revision, operation, after })).toString('base64url');

const revisionSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const bytesSchema = v.pipe(v.string(), v.regex(/^[\0-\xff]*$/));

const cursorSchema = v.strictObject({
  revision: revisionSchema,
  operation: v.strictObject({
    type: v.literal('range'),
    range: v.strictObject({ from: bytesSchema, to: v.nullable(bytesSchema) }),
    limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxPageLimit)),
    revision: revisionSchema,
    order: v.picklist(['ascend', 'descend']),
    sortedBy: v.picklist(['key', 'version', 'create', 'mod', 'value']),
    keysOnly: v.boolean(),
    countOnly: v.boolean(),
    minModRevision: revisionSchema,
    maxModRevision: revisionSchema,
    minCreateRevision: revisionSchema,
    maxCreateRevision: revisionSchema,
  }),
  after: v.union([bytesSchema, revisionSchema]),
});

const pageAt = (cursor: string): v.InferOutput<typeof cursorSchema> => {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // It is none.
  }
  const { success, output } = v.safeParse(cursorSchema, parsed);
  if (!success) throw badRequest('cursor is not one that a list has given as next');
  return output;
};
