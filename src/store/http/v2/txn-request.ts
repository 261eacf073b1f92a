import { Buffer } from 'node:buffer';
import * as v from 'valibot';
import { leaseIdIn } from '../../kv/lease-id.ts';
import type { Compare, KvOperation, RangeOperation, TxnOperation } from '../../kv/operations.ts';
import { maxTxnDepth } from '../../kv/request-bytes.ts';
import { keyWrittenTwice } from '../../kv/written-twice.ts';
import { bodyIn } from './body.ts';
import { keyFields } from './key-fields.ts';
import { type NamedRange, rangeNamed } from './named-range.ts';
import { badRequest } from './request-refused.ts';

/** In all, however deep; and as many comparisons. */
export const maxTxnOperations = 128;
/** Pairs in a range of a transaction. */
export const maxTxnLimit = 1000;

const text = v.pipe(
  v.string(),
  v.check((given) => given.isWellFormed(), 'is not valid Unicode'),
);
const base64 = v.pipe(v.string(), v.base64('is not base64'));
const number = v.pipe(v.number(), v.safeInteger('must be an integer'), v.minValue(0, 'must not be below 0'));
/** As text: JSON has no numbers of 64 bits. */
export const leaseIdSchema = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,18}$/, 'must be a decimal number in quotes'),
  v.check((given) => leaseIdIn(given) !== null, 'must be from 1 to 2^63 - 1'),
);

const keyEntries = { key: v.optional(text), key_base64: v.optional(base64) };
/** A key; or all with a prefix; or those from one on and before another. */
const rangeEntries = {
  ...keyEntries,
  prefix: v.optional(text),
  prefix_base64: v.optional(base64),
  from: v.optional(text),
  from_base64: v.optional(base64),
  to: v.optional(text),
  to_base64: v.optional(base64),
};
/** Base64, or text under another name. */
const valueEntries = { value: v.optional(base64), value_text: v.optional(text) };

export const compareSchema = v.strictObject({
  ...rangeEntries,
  target: v.picklist(['version', 'create', 'mod', 'lease', 'value']),
  result: v.picklist(['equal', 'not_equal', 'greater', 'less']),
  /** For `version`, `create` and `mod`. */
  number: v.optional(number),
  /** For `lease`; "0" is none. */
  lease: v.optional(v.union([v.literal('0'), leaseIdSchema])),
  ...valueEntries,
});

export const rangeSchema = v.strictObject({
  type: v.literal('range'),
  ...rangeEntries,
  limit: v.optional(v.pipe(number, v.minValue(1), v.maxValue(maxTxnLimit, `is at most ${maxTxnLimit}`))),
  revision: v.optional(number),
  order: v.optional(v.picklist(['asc', 'desc'])),
  sort: v.optional(v.picklist(['key', 'version', 'create', 'mod', 'value'])),
  keys_only: v.optional(v.boolean()),
  count_only: v.optional(v.boolean()),
  min_mod_revision: v.optional(number),
  max_mod_revision: v.optional(number),
  min_create_revision: v.optional(number),
  max_create_revision: v.optional(number),
});

export const putSchema = v.strictObject({
  type: v.literal('put'),
  ...keyEntries,
  ...valueEntries,
  lease: v.optional(leaseIdSchema),
  keep_value: v.optional(v.boolean()),
  keep_lease: v.optional(v.boolean()),
  prev: v.optional(v.boolean()),
});

export const deleteSchema = v.strictObject({
  type: v.literal('delete'),
  ...rangeEntries,
  prev: v.optional(v.boolean()),
});

interface TxnBody {
  readonly compare?: readonly v.InferOutput<typeof compareSchema>[] | undefined;
  readonly success?: readonly OperationBody[] | undefined;
  readonly failure?: readonly OperationBody[] | undefined;
}

type OperationBody =
  | v.InferOutput<typeof rangeSchema>
  | v.InferOutput<typeof putSchema>
  | v.InferOutput<typeof deleteSchema>
  | ({ readonly type: 'txn' } & TxnBody);

export const operationSchema: v.GenericSchema<OperationBody> = v.lazy(() =>
  v.variant('type', [rangeSchema, putSchema, deleteSchema, nestedTxnSchema]),
);

const txnEntries = {
  compare: v.optional(v.array(compareSchema)),
  success: v.optional(v.array(operationSchema)),
  failure: v.optional(v.array(operationSchema)),
};

export const nestedTxnSchema = v.strictObject({ type: v.literal('txn'), ...txnEntries });
export const txnSchema = v.strictObject(txnEntries);

/** The transaction in the body of a request. Throws `RequestRefused`. */
export const txnIn = (body: Buffer, maxKeyBytes: number): TxnOperation => {
  const reading = new TxnReading(maxKeyBytes);
  const txn = reading.txn(bodyIn(body, txnSchema), '', 1);
  const key = keyWrittenTwice(txn);
  if (key === null) return txn;
  throw badRequest(
    `duplicate key: one branch of a transaction writes ${JSON.stringify(keyFields(key))} twice`,
  );
};

/** Counts what it reads. Throws `RequestRefused`. */
class TxnReading {
  readonly #maxKeyBytes: number;
  #operations = 0;
  #compares = 0;

  constructor(maxKeyBytes: number) {
    this.#maxKeyBytes = maxKeyBytes;
  }

  /** `place` is where it stands in the body. */
  txn({ compare = [], success = [], failure = [] }: TxnBody, place: string, depth: number): TxnOperation {
    if (depth > maxTxnDepth) throw badRequest(`more than ${maxTxnDepth} transactions within each other`);
    this.#operations += success.length + failure.length;
    this.#compares += compare.length;
    if (this.#operations > maxTxnOperations)
      throw badRequest(`a transaction has at most ${maxTxnOperations} operations`);
    if (this.#compares > maxTxnOperations)
      throw badRequest(`a transaction has at most ${maxTxnOperations} comparisons`);
    const operations = (all: readonly OperationBody[], branch: string) =>
      all.map((each, at) => this.#operation(each, `${place}${branch}[${at}]`, depth));
    return {
      type: 'txn',
      compare: compare.map((each, at) => this.#compare(each, `${place}compare[${at}]`)),
      success: operations(success, 'success'),
      failure: operations(failure, 'failure'),
    };
  }

  #operation(body: OperationBody, place: string, depth: number): KvOperation {
    switch (body.type) {
      case 'range':
        return this.#rangeOperation(body, place);
      case 'put': {
        const { keep_value: keepsValue = false, keep_lease: keepsLease = false, lease } = body;
        const value = valueIn(body, place);
        if (keepsValue === (value !== null))
          throw badRequest(`${place}: give a value, a value_text, or keep_value`);
        if (keepsLease && lease !== undefined)
          throw badRequest(`${place}: give a lease or keep_lease, not both`);
        return {
          type: 'put',
          key: this.#key(body, place),
          value: value ?? new Uint8Array(),
          lease: lease === undefined ? 0n : BigInt(lease),
          returnsPrevious: body.prev ?? false,
          keepsValue,
          keepsLease,
        };
      }
      case 'delete':
        return { type: 'deleteRange', range: this.#range(body, place), returnsPrevious: body.prev ?? false };
      case 'txn':
        return this.txn(body, `${place}.`, depth + 1);
    }
  }

  #rangeOperation(body: v.InferOutput<typeof rangeSchema>, place: string): RangeOperation {
    return {
      type: 'range',
      range: this.#range(body, place),
      limit: body.limit ?? maxTxnLimit,
      revision: body.revision ?? 0,
      order: body.order === 'desc' ? 'descend' : 'ascend',
      sortedBy: body.sort ?? 'key',
      keysOnly: body.keys_only ?? false,
      countOnly: body.count_only ?? false,
      minModRevision: body.min_mod_revision ?? 0,
      maxModRevision: body.max_mod_revision ?? 0,
      minCreateRevision: body.min_create_revision ?? 0,
      maxCreateRevision: body.max_create_revision ?? 0,
    };
  }

  #compare(body: v.InferOutput<typeof compareSchema>, place: string): Compare {
    const { target: type, number: given, lease } = body;
    const value = valueIn(body, place);
    const needed = type === 'value' || type === 'lease' ? type : 'number';
    const has = { number: given !== undefined, lease: lease !== undefined, value: value !== null };
    for (const [name, isGiven] of Object.entries(has)) {
      if (isGiven !== (name === needed))
        throw badRequest(`${place}: ${type} is compared with a ${needed}, and with nothing else`);
    }
    return {
      range: this.#range(body, place),
      result: body.result === 'not_equal' ? 'notEqual' : body.result,
      target:
        type === 'value'
          ? { type, value: value! }
          : type === 'lease'
            ? { type, lease: BigInt(lease!) }
            : { type, number: given! },
    };
  }

  #key(body: KeyBody, place: string): string {
    const key = bytesIn(body, 'key', place);
    if (key === null) throw badRequest(`${place}: the key is missing`);
    rangeNamed({ key, prefix: null, from: null, to: null }, this.#maxKeyBytes, `${place}: `);
    return key;
  }

  #range(body: RangeBody, place: string) {
    const named: NamedRange = {
      key: bytesIn(body, 'key', place),
      prefix: bytesIn(body, 'prefix', place),
      from: bytesIn(body, 'from', place),
      to: bytesIn(body, 'to', place),
    };
    const range = rangeNamed(named, this.#maxKeyBytes, `${place}: `);
    if (range === null) throw badRequest(`${place}: give a key, or a prefix, or from and to`);
    return range;
  }
}

type KeyBody = Readonly<Partial<Record<keyof typeof keyEntries, string | undefined>>>;
type RangeBody = Readonly<Partial<Record<keyof typeof rangeEntries, string | undefined>>>;

/** A key, a character for each byte; null: it is not given. */
const bytesIn = (body: RangeBody, name: 'key' | 'prefix' | 'from' | 'to', place: string): string | null => {
  const { [name]: asText, [`${name}_base64` as const]: asBase64 } = body;
  if (asText !== undefined && asBase64 !== undefined)
    throw badRequest(`${place}: give ${name} or ${name}_base64, not both`);
  if (asBase64 !== undefined) return Buffer.from(asBase64, 'base64').toString('latin1');
  return asText === undefined ? null : Buffer.from(asText).toString('latin1');
};

const valueIn = (
  { value, value_text: asText }: Readonly<Partial<Record<keyof typeof valueEntries, string | undefined>>>,
  place: string,
): Uint8Array | null => {
  if (value !== undefined && asText !== undefined)
    throw badRequest(`${place}: give value or value_text, not both`);
  if (value !== undefined) return Buffer.from(value, 'base64');
  return asText === undefined ? null : Buffer.from(asText);
};
