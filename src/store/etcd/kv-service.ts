import type { KvStateMachine } from '../kv/kv-state-machine.ts';
import type { OperationResult, TxnOperation } from '../kv/operations.ts';
import { perform, readRange } from '../kv/perform.ts';
import { Transaction } from '../kv/revisioned-store.ts';
import type { AnswerRoom } from './answer-room.ts';
import { etcdErrors } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import { numberIn } from './translate-number.ts';
import {
  deleteRangeOperation,
  deleteRangeResponse,
  putOperation,
  putResponse,
  rangeOperation,
  rangeResponse,
} from './translate-operation.ts';
import { isReadOnly, txnOperation, txnResponse } from './translate-txn.ts';
import type {
  CompactionRequest,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  RequestOp,
  TxnRequest,
  TxnResponse,
} from './wire-types.ts';

type Result<Type extends OperationResult['type']> = OperationResult & { readonly type: Type };

/** The service KV. */
export const kvService = (store: EtcdStore, answers: AnswerRoom) => ({
  async Range(request: RangeRequest): Promise<RangeResponse> {
    const operation = rangeOperation(request);
    await store.readable(request.serializable);
    const response = rangeResponse(readRange(operation, store.pairsAt(operation.revision)));
    answers.admit(response);
    return { header: store.header(), ...response };
  },

  async Put(request: PutRequest): Promise<PutResponse> {
    const { done, revision } = await store.submit<Result<'put'>>(putOperation(request));
    return { header: store.header(revision), ...putResponse(done) };
  },

  async DeleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse> {
    const { done, revision } = await store.submit<Result<'deleteRange'>>(deleteRangeOperation(request));
    return { header: store.header(revision), ...deleteRangeResponse(done) };
  },

  async Txn(request: TxnRequest): Promise<TxnResponse> {
    const operation = txnOperation(request);
    if (isReadOnly(operation)) {
      await store.readable(isSerializable(request));
      const result = readNow(store.kv, operation) as Result<'txn'>;
      const response = txnResponse(result, store.kv.store.revision);
      answers.admit(response);
      return { header: store.header(), ...response };
    }
    const { done, revision } = await store.submit<Result<'txn'>>(operation);
    return { header: store.header(revision), ...txnResponse(done, revision) };
  },

  async Compact(request: CompactionRequest): Promise<{ readonly header: Header }> {
    const { revision } = await store.submit({
      type: 'compact',
      revision: Math.max(0, numberIn(request.revision)),
    });
    return { header: store.header(revision) };
  },
});

/** Does what only reads. */
const readNow = ({ store, leases }: KvStateMachine, operation: TxnOperation): OperationResult => {
  const result = perform(operation, new Transaction(store.map, null), {
    at: (revision) => store.at(revision),
    revision: store.revision,
    hasLease: (lease) => leases.has(lease),
  });
  if (result.type !== 'refused') return result;
  if (result.reason === 'tooLarge') throw etcdErrors.tooLarge();
  throw result.reason === 'compacted' ? etcdErrors.compacted() : etcdErrors.futureRevision();
};

/** As in etcd, if each of its reads is. */
const isSerializable = ({ success, failure }: TxnRequest): boolean =>
  [...success, ...failure].every(
    ({ request_range: range, request_txn: txn }: RequestOp) =>
      range?.serializable === true || (txn != null && isSerializable(txn)),
  );
