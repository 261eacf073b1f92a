import { Buffer } from 'node:buffer';
import type { KvOperation, OperationResult, TxnOperation } from '../../kv/operations.ts';
import { tooLargeWords } from '../../kv/perform.ts';
import type { KvRefusalReason } from '../../kv/requests.ts';
import type { KeyValue, Revision, RevisionedStore } from '../../kv/revisioned-store.ts';
import { type Answer, json, type Position } from '../answer.ts';
import { etagOf } from './conditions.ts';
import { pairFields, revisionFields } from './key-fields.ts';
import { maxPageBytes, type Page } from './page.ts';

/** What an answer says of the store, and of the log. */
export interface Told extends Position {
  readonly revision: Revision;
}

export const fieldsAnswer = (
  status: number,
  fields: object,
  { revision, index, term }: Told,
  headers: readonly string[] = [],
): Answer => json(status, JSON.stringify({ ...fields, revision, index, term }), headers);

/** A large one: it counts among what its client has to read. */
export const largeAnswer = (fields: object, { revision, index, term }: Told): Answer =>
  jsonBytes({ revision, ...fields, index, term });

const jsonBytes = (fields: object): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(fields)),
  headers: [],
});

/** A value with all that is known of it; null: there is none. */
export const valueAnswer = (pair: KeyValue | null, isKnown: boolean, told: Told): Answer => {
  const { revision, index, term } = told;
  const store = [
    'x-raft-revision',
    String(revision),
    'x-raft-index',
    String(index),
    'x-raft-term',
    String(term),
  ];
  if (pair === null) return fieldsAnswer(404, { error: 'key_not_found' }, told, store);
  const headers = [
    ...['etag', etagOf(pair.modRevision)],
    ...store,
    ...['x-raft-create-revision', String(pair.createRevision)],
    ...['x-raft-mod-revision', String(pair.modRevision)],
    ...['x-raft-version', String(pair.version)],
    ...(pair.lease === 0n ? [] : ['x-raft-lease', String(pair.lease)]),
  ];
  const answer = { contentType: 'application/octet-stream', headers };
  return isKnown ? { ...answer, status: 304, body: '' } : { ...answer, status: 200, body: pair.value };
};

export const pageAnswer = (
  { pairs, count, next }: Page,
  cursor: string | null,
  hasValues: boolean,
  told: Told,
): Answer =>
  largeAnswer(
    {
      count,
      more: next !== null,
      ...(cursor === null ? {} : { next: cursor }),
      kvs: pairs.map((pair) => pairFields(pair, hasValues)),
    },
    told,
  );

/** The condition of a write did not hold: what is there instead. */
export const preconditionFailed = (current: KeyValue | null, told: Told): Answer =>
  fieldsAnswer(
    412,
    {
      error: 'precondition_failed',
      message:
        current === null
          ? 'the key does not exist; nothing was done'
          : `the key was last written at revision ${current.modRevision}; nothing was done`,
      current: current === null ? null : revisionFields(current),
    },
    told,
    current === null ? [] : ['etag', etagOf(current.modRevision)],
  );

/** The oldest revision as of which the store can be read. */
export const oldestOf = (store: RevisionedStore): Revision =>
  Math.max(store.firstKept - 1, store.compactRevision);

export const compactedAnswer = (oldest: Revision, told: Told): Answer =>
  fieldsAnswer(
    410,
    { error: 'compacted', message: `what was before revision ${oldest} is forgotten`, oldest },
    told,
  );

export const futureRevision = (told: Told): Answer =>
  fieldsAnswer(
    409,
    { error: 'future_revision', message: `that revision has not come yet: this is ${told.revision}` },
    told,
  );

export const leaseNotFound = (told: Told): Answer =>
  fieldsAnswer(
    404,
    { error: 'lease_not_found', message: 'there is no such lease: it has ended, or never began' },
    told,
  );

/** Why a write did nothing. */
export const refusedAnswer = (reason: KvRefusalReason, oldest: Revision, told: Told): Answer => {
  switch (reason) {
    case 'compacted':
      return compactedAnswer(oldest, told);
    case 'futureRevision':
      return futureRevision(told);
    case 'keyNotFound': {
      const message = 'keep_value and keep_lease need a key that exists; nothing was done';
      return fieldsAnswer(404, { error: 'key_not_found', message }, told);
    }
    case 'leaseNotFound':
      return leaseNotFound(told);
    case 'duplicateKey': {
      const message = 'duplicate key: one branch of a transaction writes a key twice';
      return fieldsAnswer(400, { error: 'bad_request', message }, told);
    }
    case 'tooLarge':
      return fieldsAnswer(422, { error: 'too_large', message: tooLargeWords }, told);
    case 'leaseExists':
      return fieldsAnswer(409, { error: 'lease_exists', message: 'a lease has this id already' }, told);
  }
};

/** The result of `txn`: a large answer, too. What does not fit into it is left out, and it says so. */
export const txnAnswer = (result: TxnResult, txn: TxnOperation, { revision, index, term }: Told): Answer => {
  const fields = new ResultFields().txn(result, txn);
  return jsonBytes({ ...fields, revision, index, term });
};

type TxnResult = OperationResult & { readonly type: 'txn' };

class ResultFields {
  #roomBytes = maxPageBytes;

  txn({ succeeded, results }: TxnResult, { success, failure }: TxnOperation): object {
    const operations = succeeded ? success : failure;
    return {
      succeeded,
      results: results.map((each, at) => ({
        type: typeNames[each.type],
        ...this.#of(each, operations[at]!),
      })),
    };
  }

  #of(result: OperationResult, operation: KvOperation): object {
    switch (result.type) {
      case 'range': {
        const hasValues = operation.type !== 'range' || !operation.keysOnly;
        const kvs = this.#fitting(result.pairs);
        const more = result.hasMore || kvs.length < result.pairs.length;
        return { count: result.count, more, kvs: kvs.map((pair) => pairFields(pair, hasValues)) };
      }
      case 'put': {
        const { previous } = result;
        if (previous === null) return {};
        const [prev] = this.#fitting([previous]);
        return prev === undefined ? { prev_omitted: true } : { prev: pairFields(prev) };
      }
      case 'deleteRange': {
        const prev = this.#fitting(result.previous);
        return {
          deleted: result.deleted,
          ...(result.previous.length > 0 ? { prev: prev.map((pair) => pairFields(pair)) } : {}),
          ...(prev.length < result.previous.length ? { prev_omitted: true } : {}),
        };
      }
      case 'txn':
        return operation.type === 'txn' ? this.txn(result, operation) : {};
    }
  }

  /** Those that still fit. */
  #fitting(pairs: readonly KeyValue[]): readonly KeyValue[] {
    const end = pairs.findIndex(({ key, value }) => {
      this.#roomBytes -= key.length + value.length;
      return this.#roomBytes < 0;
    });
    return end === -1 ? pairs : pairs.slice(0, end);
  }
}

const typeNames = {
  range: 'range',
  put: 'put',
  deleteRange: 'delete',
  txn: 'txn',
} as const satisfies Readonly<Record<OperationResult['type'], string>>;
