import type {
  DeleteRangeOperation,
  OperationResult,
  PutOperation,
  RangeOperation,
} from '../kv/operations.ts';
import { etcdErrors } from './etcd-error.ts';
import { keyIn, rangeIn } from './translate-key.ts';
import { boundIn, leaseIdOrZero, numberIn } from './translate-number.ts';
import { wirePair } from './translate-pair.ts';
import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
} from './wire-types.ts';

/** Throws an `EtcdError` for what makes no sense, as the other translations do. */
export const rangeOperation = (request: RangeRequest): RangeOperation => ({
  type: 'range',
  range: rangeIn(request.key, request.range_end),
  limit: boundIn(request.limit),
  revision: boundIn(request.revision),
  order: request.sort_order === 'DESCEND' ? 'descend' : 'ascend',
  sortedBy: sortings[request.sort_target],
  keysOnly: request.keys_only,
  // No pair is as old as that.
  countOnly:
    request.count_only || numberIn(request.max_mod_revision) < 0 || numberIn(request.max_create_revision) < 0,
  minModRevision: boundIn(request.min_mod_revision),
  maxModRevision: boundIn(request.max_mod_revision),
  minCreateRevision: boundIn(request.min_create_revision),
  maxCreateRevision: boundIn(request.max_create_revision),
});

const sortings = {
  KEY: 'key',
  VERSION: 'version',
  CREATE: 'create',
  MOD: 'mod',
  VALUE: 'value',
} as const satisfies Readonly<Record<RangeRequest['sort_target'], RangeOperation['sortedBy']>>;

export const putOperation = (request: PutRequest): PutOperation => {
  const key = keyIn(request.key);
  const lease = leaseIdOrZero(request.lease);
  if (request.ignore_value && request.value.length > 0) throw etcdErrors.valueProvided();
  if (request.ignore_lease && lease !== 0n) throw etcdErrors.leaseProvided();
  if (lease === null) throw etcdErrors.leaseNotFound();
  return {
    type: 'put',
    key,
    value: request.value,
    lease,
    returnsPrevious: request.prev_kv,
    keepsValue: request.ignore_value,
    keepsLease: request.ignore_lease,
  };
};

export const deleteRangeOperation = (request: DeleteRangeRequest): DeleteRangeOperation => ({
  type: 'deleteRange',
  range: rangeIn(request.key, request.range_end),
  returnsPrevious: request.prev_kv,
});

export const rangeResponse = (result: OperationResult & { readonly type: 'range' }): RangeResponse => ({
  kvs: result.pairs.map(wirePair),
  more: result.hasMore,
  count: result.count,
});

export const putResponse = ({ previous }: OperationResult & { readonly type: 'put' }): PutResponse =>
  previous === null ? {} : { prev_kv: wirePair(previous) };

export const deleteRangeResponse = (
  result: OperationResult & { readonly type: 'deleteRange' },
): DeleteRangeResponse => ({ deleted: result.deleted, prev_kvs: result.previous.map(wirePair) });
