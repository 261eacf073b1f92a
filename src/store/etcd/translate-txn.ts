import type { Compare, KvOperation, OperationResult, TxnOperation } from '../kv/operations.ts';
import { maxTxnDepth } from '../kv/request-bytes.ts';
import type { Revision } from '../kv/revisioned-store.ts';
import { keyWrittenTwice } from '../kv/written-twice.ts';
import { etcdErrors } from './etcd-error.ts';
import { rangeIn } from './translate-key.ts';
import { leaseIdOrZero, numberIn } from './translate-number.ts';
import {
  deleteRangeOperation,
  deleteRangeResponse,
  putOperation,
  putResponse,
  rangeOperation,
  rangeResponse,
} from './translate-operation.ts';
import type { RequestOp, ResponseOp, TxnRequest, TxnResponse, WireCompare } from './wire-types.ts';

/** Compares, or operations of one branch, at most: `--max-txn-ops` of etcd, by default. */
const maxOps = 128;

export const txnOperation = (request: TxnRequest): TxnOperation => {
  const txn = txnWithin(request, maxOps, 1);
  if (keyWrittenTwice(txn) !== null) throw etcdErrors.duplicateKey();
  return txn;
};

/** `mostOps` are left for this one: what a transaction within another may have is what is left over by that. */
const txnWithin = (
  { compare, success, failure }: TxnRequest,
  mostOps: number,
  depth: number,
): TxnOperation => {
  const ops = Math.max(compare.length, success.length, failure.length);
  if (ops > mostOps || depth > maxTxnDepth) throw etcdErrors.tooManyOps();
  const operation = (each: RequestOp): KvOperation => operationIn(each, mostOps - ops, depth);
  return {
    type: 'txn',
    compare: compare.map(compareIn),
    success: success.map(operation),
    failure: failure.map(operation),
  };
};

const operationIn = (op: RequestOp, mostOps: number, depth: number): KvOperation => {
  if (op.request_range) return rangeOperation(op.request_range);
  if (op.request_put) return putOperation(op.request_put);
  if (op.request_delete_range) return deleteRangeOperation(op.request_delete_range);
  if (op.request_txn) return txnWithin(op.request_txn, mostOps, depth + 1);
  throw etcdErrors.keyNotFound();
};

const compareIn = (compare: WireCompare): Compare => {
  const range = rangeIn(compare.key, compare.range_end);
  const result = comparisons[compare.result];
  const target = targetIn(compare);
  if (target !== null) return { range, result, target };
  // Nothing that a key has is below 0: the answer is certain.
  const holds = result === 'greater' || result === 'notEqual';
  return { range, result: holds ? 'notEqual' : 'equal', target: { type: 'version', number: noVersion } };
};

/** No key is written so often. */
const noVersion = Number.MAX_SAFE_INTEGER;

const comparisons = {
  EQUAL: 'equal',
  NOT_EQUAL: 'notEqual',
  GREATER: 'greater',
  LESS: 'less',
} as const satisfies Readonly<Record<WireCompare['result'], Compare['result']>>;

/** What it is compared with: 0, or no bytes, unless it was sent. Null: a number below 0. */
const targetIn = (compare: WireCompare): Compare['target'] | null => {
  switch (compare.target) {
    case 'VERSION':
      return countIn('version', compare.version);
    case 'CREATE':
      return countIn('create', compare.create_revision);
    case 'MOD':
      return countIn('mod', compare.mod_revision);
    case 'VALUE':
      return { type: 'value', value: compare.value ?? new Uint8Array() };
    case 'LEASE': {
      const lease = leaseIdOrZero(compare.lease ?? '0');
      return lease === null ? null : { type: 'lease', lease };
    }
  }
};

const countIn = (type: 'version' | 'create' | 'mod', text = '0'): Compare['target'] | null => {
  const number = numberIn(text);
  return number < 0 ? null : { type, number };
};

type TxnResult = OperationResult & { readonly type: 'txn' };

/** `revision`: of the store after it. Each answer within tells the revision that it found or made; programs in Go rely on there being one. */
export const txnResponse = (result: TxnResult, revision: Revision): TxnResponse => {
  let seen = hasWritten(result) ? revision - 1 : revision;
  const responseOp = (each: OperationResult): ResponseOp => {
    if (each.type === 'txn') return { response_txn: { header: { revision: 0 }, ...answered(each) } };
    if (hasWritten(each)) seen = revision;
    const header = { revision: seen };
    switch (each.type) {
      case 'range':
        return { response_range: { header, ...rangeResponse(each) } };
      case 'put':
        return { response_put: { header, ...putResponse(each) } };
      case 'deleteRange':
        return { response_delete_range: { header, ...deleteRangeResponse(each) } };
    }
  };
  const answered = ({ succeeded, results }: TxnResult): TxnResponse => ({
    succeeded,
    responses: results.map(responseOp),
  });
  return answered(result);
};

const hasWritten = (result: OperationResult): boolean => {
  switch (result.type) {
    case 'range':
      return false;
    case 'put':
      return true;
    case 'deleteRange':
      return result.deleted > 0;
    case 'txn':
      return result.results.some(hasWritten);
  }
};

/** Whether nothing in it writes, so that it needs no place in the log. */
export const isReadOnly = (operation: KvOperation): boolean =>
  operation.type === 'range' ||
  (operation.type === 'txn' && [...operation.success, ...operation.failure].every(isReadOnly));
