import type { Buffer } from 'node:buffer';
import { rangeOfKey } from '../../kv/key-range.ts';
import { leaseIdIn } from '../../kv/lease-id.ts';
import type { KvOperation, OperationResult } from '../../kv/operations.ts';
import type { Answer, Answered } from '../answer.ts';
import {
  compactedAnswer,
  fieldsAnswer,
  futureRevision,
  oldestOf,
  preconditionFailed,
  type Told,
  valueAnswer,
} from './answers.ts';
import type { Asked } from './asked.ts';
import { type Condition, conditionsIn, etagOf, isKnownBy } from './conditions.ts';
import { Query } from './query.ts';
import { badRequest } from './request-refused.ts';
import { resultOf } from './result-of.ts';

/** `/v2/kv/{key}`. Throws `RequestRefused`. */
export const answerKey = (key: string, query: string | null, asked: Asked): Answered => {
  switch (asked.method) {
    case 'PUT': {
      const lease = leaseIn(new Query(query, ['lease']));
      const conditions = conditionsIn(asked.headers);
      return asked.write((keyed) =>
        asked.receive((body) => {
          const put = putOf(key, body, lease);
          return asked.submit(
            conditional(key, conditions, put),
            keyed,
            resultOf(asked.kv.store, conditions.length === 0 ? 'put' : 'txn', (done, told) =>
              writeAnswer(done, told, () => fieldsAnswer(200, {}, told, ['etag', etagOf(told.revision)])),
            ),
          );
        }),
      );
    }
    case 'DELETE': {
      new Query(query, []);
      const conditions = conditionsIn(asked.headers);
      const range = rangeOfKey(key);
      return asked.write((keyed) =>
        asked.submit(
          conditional(key, conditions, { type: 'deleteRange', range, returnsPrevious: false }),
          keyed,
          resultOf(asked.kv.store, conditions.length === 0 ? 'deleteRange' : 'txn', (done, told) =>
            writeAnswer(done, told, (result) =>
              fieldsAnswer(200, { deleted: result.type === 'deleteRange' ? result.deleted : 0 }, told),
            ),
          ),
        ),
      );
    }
    default:
      return readKey(key, query, asked);
  }
};

const readKey = (key: string, query: string | null, asked: Asked): Answered => {
  const parameters = new Query(query, ['revision', 'consistency']);
  const revision = parameters.number('revision', 1, Number.MAX_SAFE_INTEGER);
  return asked.whenBegun(parameters.consistency, () =>
    asked.whenRead(() => {
      const { store } = asked.kv;
      const told = { revision: store.revision, ...asked.position };
      const found = store.at(revision ?? store.revision);
      if (found.type === 'compacted') return compactedAnswer(oldestOf(store), told);
      if (found.type === 'future') return futureRevision(told);
      const pair = found.map.get(key) ?? null;
      return valueAnswer(pair, pair !== null && isKnownBy(asked.headers, pair.modRevision), told);
    }),
  );
};

const leaseIn = (query: Query): bigint => {
  const given = query.bytes('lease');
  if (given === null) return 0n;
  const id = leaseIdIn(given);
  if (id === null) throw badRequest('lease is a decimal number from 1 to 2^63 - 1');
  return id;
};

const putOf = (key: string, body: Buffer, lease: bigint): KvOperation => ({
  type: 'put',
  key,
  value: body,
  lease,
  returnsPrevious: false,
  keepsValue: false,
  keepsLease: false,
});

/** If the conditions do not hold, what is there is looked at instead. */
const conditional = (key: string, conditions: readonly Condition[], write: KvOperation): KvOperation =>
  conditions.length === 0
    ? write
    : {
        type: 'txn',
        compare: conditions.map((condition) => ({ range: rangeOfKey(key), ...condition })),
        success: [write],
        failure: [lookAt(key)],
      };

const lookAt = (key: string): KvOperation => ({
  type: 'range',
  range: rangeOfKey(key),
  limit: 1,
  revision: 0,
  order: 'ascend',
  sortedBy: 'key',
  keysOnly: true,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
});

const writeAnswer = (
  done: OperationResult,
  told: Told,
  written: (result: OperationResult) => Answer,
): Answer => {
  if (done.type !== 'txn') return written(done);
  const [result] = done.results;
  if (done.succeeded) return written(result!);
  return preconditionFailed((result?.type === 'range' && result.pairs[0]) || null, told);
};
