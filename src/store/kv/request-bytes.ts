import { ByteReader, MalformedBytes, UnknownChoice } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { KeyRange } from './key-range.ts';
import type { Compare, KvOperation, OperationResult, RangeOperation, TxnOperation } from './operations.ts';
import type { Done, KvRefusalReason, KvRequest, KvRequestResult } from './requests.ts';
import type { KeyValue } from './revisioned-store.ts';

/*
 * Requests and their results as bytes: a byte for the type, its place in the list below, then the fields in the order in which they are written here. Logs and snapshots hold them, so types,
 * choices and flags are only ever added, at the end of their list. A version that does not know one must stop there, wherever in a request it stands: `UnknownChoice`.
 */

const requestTypes = [
  'range',
  'put',
  'deleteRange',
  'txn',
  'passTime',
  'grant',
  'renew',
  'revoke',
  'compact',
] as const;
const orders = ['ascend', 'descend'] as const;
const sortings = ['key', 'version', 'create', 'mod', 'value'] as const;
const comparisons = ['equal', 'notEqual', 'greater', 'less'] as const;
const targets = ['version', 'create', 'mod', 'lease', 'value'] as const;

/** Transactions within transactions, at most. */
export const maxTxnDepth = 16;

export const writeRequest = (to: ByteWriter, request: KvRequest): void => {
  to.u8(requestTypes.indexOf(request.type));
  switch (request.type) {
    case 'range':
      writeRange(to, request);
      return;
    case 'put':
      to.key(request.key)
        .u64(request.lease)
        .u8(flags(request.returnsPrevious, request.keepsValue, request.keepsLease))
        .value(request.value);
      return;
    case 'deleteRange':
      writeKeyRange(to, request.range);
      to.u8(flags(request.returnsPrevious));
      return;
    case 'txn':
      writeList(to, request.compare, (each) => writeCompare(to, each));
      writeList(to, request.success, (each) => writeRequest(to, each));
      writeList(to, request.failure, (each) => writeRequest(to, each));
      return;
    case 'passTime':
      return;
    case 'grant':
      to.u64(request.id).u56(request.ttlSeconds);
      return;
    case 'renew':
    case 'revoke':
      to.u64(request.id);
      return;
    case 'compact':
      to.u56(request.revision);
  }
};

/** The request that all of `bytes` are; null: they are none; a text: what in them a later version has added. */
export const readRequest = (bytes: Uint8Array): KvRequest | string | null => {
  try {
    const from = new ByteReader(bytes);
    const request = requestIn(from);
    return from.isAtEnd ? request : null;
  } catch (error) {
    if (error instanceof UnknownChoice) return error.message;
    if (error instanceof MalformedBytes) return null;
    throw error;
  }
};

const requestIn = (from: ByteReader): KvRequest => {
  const type = from.oneOf(requestTypes);
  switch (type) {
    case 'passTime':
      return { type };
    case 'grant':
      return { type, id: from.u64(), ttlSeconds: from.u56() };
    case 'renew':
    case 'revoke':
      return { type, id: from.u64() };
    case 'compact':
      return { type, revision: from.u56() };
    default:
      return operationOf(type, from, 0);
  }
};

/** Transactions are made of these alone. */
const operationTypeIn = (from: ByteReader): KvOperation['type'] => {
  const type = from.oneOf(requestTypes);
  if (type === 'range' || type === 'put' || type === 'deleteRange' || type === 'txn') return type;
  throw new MalformedBytes(`there is no ${type} in a transaction`);
};

const operationOf = (type: KvOperation['type'], from: ByteReader, depth: number): KvOperation => {
  switch (type) {
    case 'range':
      return rangeIn(from);
    case 'put': {
      const key = from.key();
      if (key === '') throw new MalformedBytes('a key is empty');
      const lease = from.u64();
      const [returnsPrevious, keepsValue, keepsLease] = from.flags(3);
      return { type, key, lease, returnsPrevious, keepsValue, keepsLease, value: from.value() };
    }
    case 'deleteRange': {
      const range = keyRangeIn(from);
      const [returnsPrevious] = from.flags(1);
      return { type, range, returnsPrevious };
    }
    case 'txn':
      return txnIn(from, depth + 1);
  }
};

const txnIn = (from: ByteReader, depth: number): TxnOperation => {
  if (depth > maxTxnDepth)
    throw new MalformedBytes(`more than ${maxTxnDepth} transactions within each other`);
  const compare = from.list(() => compareIn(from));
  const success = from.list(() => operationOf(operationTypeIn(from), from, depth));
  const failure = from.list(() => operationOf(operationTypeIn(from), from, depth));
  return { type: 'txn', compare, success, failure };
};

const writeRange = (to: ByteWriter, operation: RangeOperation): void => {
  writeKeyRange(to, operation.range);
  to.u56(operation.limit)
    .u56(operation.revision)
    .u8(orders.indexOf(operation.order))
    .u8(sortings.indexOf(operation.sortedBy))
    .u8(flags(operation.keysOnly, operation.countOnly))
    .u56(operation.minModRevision)
    .u56(operation.maxModRevision)
    .u56(operation.minCreateRevision)
    .u56(operation.maxCreateRevision);
};

const rangeIn = (from: ByteReader): RangeOperation => {
  const range = keyRangeIn(from);
  const limit = from.u56();
  const revision = from.u56();
  const order = from.oneOf(orders);
  const sortedBy = from.oneOf(sortings);
  const [keysOnly, countOnly] = from.flags(2);
  return {
    type: 'range',
    range,
    limit,
    revision,
    order,
    sortedBy,
    keysOnly,
    countOnly,
    minModRevision: from.u56(),
    maxModRevision: from.u56(),
    minCreateRevision: from.u56(),
    maxCreateRevision: from.u56(),
  };
};

const writeCompare = (to: ByteWriter, { range, result, target }: Compare): void => {
  writeKeyRange(to, range);
  to.u8(comparisons.indexOf(result)).u8(targets.indexOf(target.type));
  if (target.type === 'value') to.value(target.value);
  else if (target.type === 'lease') to.u64(target.lease);
  else to.u56(target.number);
};

const compareIn = (from: ByteReader): Compare => {
  const range = keyRangeIn(from);
  const result = from.oneOf(comparisons);
  const type = from.oneOf(targets);
  if (type === 'value') return { range, result, target: { type, value: from.value() } };
  if (type === 'lease') return { range, result, target: { type, lease: from.u64() } };
  return { range, result, target: { type, number: from.u56() } };
};

/** A byte that says whether there is an end, then the ends that there are. */
const writeKeyRange = (to: ByteWriter, range: KeyRange): void => {
  to.u8(flags(range.to !== null)).key(range.from);
  if (range.to !== null) to.key(range.to);
};

const keyRangeIn = (from: ByteReader): KeyRange => {
  const [hasEnd] = from.flags(1);
  return { from: from.key(), to: hasEnd ? from.key() : null };
};

/** The first four are those of the operations. */
const doneTypes = [
  'range',
  'put',
  'deleteRange',
  'txn',
  'passedTime',
  'granted',
  'renewed',
  'revoked',
  'compacted',
] as const satisfies readonly Done['type'][];
const refusals = [
  'compacted',
  'futureRevision',
  'keyNotFound',
  'leaseNotFound',
  'leaseExists',
  'duplicateKey',
  'tooLarge',
] as const satisfies readonly KvRefusalReason[];

export const encodeRequestResult = (result: KvRequestResult): Uint8Array => {
  const to = new ByteWriter(64);
  to.u8(flags(result.type === 'done')).u56(result.revision);
  if (result.type === 'done') writeDone(to, result.done);
  else to.u8(refusals.indexOf(result.reason));
  return to.written;
};

/** Throws for bytes that are no result: only what `encodeRequestResult` made was ever remembered. */
export const decodeRequestResult = (bytes: Uint8Array): KvRequestResult => {
  const from = new ByteReader(bytes);
  const [isDone] = from.flags(1);
  const revision = from.u56();
  return isDone
    ? { type: 'done', revision, done: doneIn(from) }
    : { type: 'refused', revision, reason: from.oneOf(refusals) };
};

const writeDone = (to: ByteWriter, done: Done): void => {
  to.u8(doneTypes.indexOf(done.type));
  switch (done.type) {
    case 'range':
      writeList(to, done.pairs, (pair) => writePair(to, pair));
      to.u8(flags(done.hasMore)).u56(done.count);
      return;
    case 'put':
      writeList(to, done.previous === null ? [] : [done.previous], (pair) => writePair(to, pair));
      return;
    case 'deleteRange':
      to.u56(done.deleted);
      writeList(to, done.previous, (pair) => writePair(to, pair));
      return;
    case 'txn':
      to.u8(flags(done.succeeded));
      writeList(to, done.results, (each) => writeDone(to, each));
      return;
    case 'granted':
    case 'renewed':
      to.u64(done.id).u56(done.ttlSeconds);
      return;
    case 'revoked':
      to.u64(done.id);
  }
};

const doneIn = (from: ByteReader): Done => {
  const type = from.oneOf(doneTypes);
  switch (type) {
    case 'passedTime':
    case 'compacted':
      return { type };
    case 'granted':
    case 'renewed':
      return { type, id: from.u64(), ttlSeconds: from.u56() };
    case 'revoked':
      return { type, id: from.u64() };
    default:
      return operationResultOf(type, from);
  }
};

const operationResultOf = (type: OperationResult['type'], from: ByteReader): OperationResult => {
  switch (type) {
    case 'range': {
      const pairs = from.list(() => pairIn(from));
      const [hasMore] = from.flags(1);
      return { type, pairs, hasMore, count: from.u56() };
    }
    case 'put': {
      const [previous = null] = from.list(() => pairIn(from));
      return { type, previous };
    }
    case 'deleteRange':
      return { type, deleted: from.u56(), previous: from.list(() => pairIn(from)) };
    case 'txn': {
      const [succeeded] = from.flags(1);
      const results = from.list(() => operationResultOf(operationTypeIn(from), from));
      return { type, succeeded, results };
    }
  }
};

export const writePair = (to: ByteWriter, pair: KeyValue): void => {
  to.key(pair.key)
    .u56(pair.createRevision)
    .u56(pair.modRevision)
    .u56(pair.version)
    .u64(pair.lease)
    .value(pair.value);
};

export const pairIn = (from: ByteReader): KeyValue => {
  const key = from.key();
  const createRevision = from.u56();
  const modRevision = from.u56();
  const version = from.u56();
  const lease = from.u64();
  return { key, value: from.value(), createRevision, modRevision, version, lease };
};

const writeList = <Each>(to: ByteWriter, all: readonly Each[], write: (each: Each) => void): void => {
  to.u32(all.length);
  for (const each of all) write(each);
};

/** The first is the lowest bit. */
const flags = (...all: readonly boolean[]): number =>
  all.reduce((sum, isSet, place) => sum + (isSet ? 1 << place : 0), 0);
