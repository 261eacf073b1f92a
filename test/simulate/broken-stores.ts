import type { Service } from '../../src/simulate/service.ts';
import { txnService } from '../../src/simulate/txn-service.ts';
import { decodeCommand, encodeStamped } from '../../src/store/kv/commands.ts';
import { type KvResult, KvStateMachine } from '../../src/store/kv/kv-state-machine.ts';
import type { OperationResult, PutOperation, TxnOperation } from '../../src/store/kv/operations.ts';

/** Does a transaction in another way; `apply` applies one of the real store. */
type Broken = (txn: TxnOperation, store: KvStateMachine, apply: (txn: TxnOperation) => KvResult) => KvResult;

/** The workload of several keys on a store that does transactions in another way. */
const onStore = (broken: Broken): Service<KvResult> => {
  class BrokenStore extends KvStateMachine {
    override apply(command: Uint8Array): KvResult {
      const decoded = decodeCommand(command);
      if (decoded?.type !== 'stamped' || decoded.request.type !== 'txn') return super.apply(command);
      const { stampMs, request } = decoded;
      return broken(request, this, (txn) => super.apply(encodeStamped(stampMs, txn)));
    }
  }
  return { ...txnService, stateMachine: () => new BrokenStore() };
};

/** Its first write is made before anything is compared. */
export const comparesAfterFirstWrite = onStore((txn, _, apply) => {
  apply({ ...txn, compare: [], success: txn.success.slice(0, 1) });
  return apply(txn);
});

/** Of what is to be written together, the last put is left out, and acknowledged. */
export const txnAppliedHalf = onStore((txn, store, apply) => {
  const puts = txn.success.filter((each): each is PutOperation => each.type === 'put');
  const forgotten = puts.at(-1);
  if (forgotten === undefined || puts.length < 2) return apply(txn);
  const previous = store.store.map.get(forgotten.key) ?? null;
  const at = txn.success.indexOf(forgotten);
  const result = apply({ ...txn, success: txn.success.filter((each) => each !== forgotten) });
  return changed(result, (done) =>
    done.type === 'txn' && done.succeeded
      ? { ...done, results: done.results.toSpliced(at, 0, { type: 'put', previous }) }
      : done,
  );
});

const changed = (result: KvResult, change: (done: OperationResult) => OperationResult): KvResult => {
  if (result.type !== 'requested' || result.result.type !== 'done') return result;
  const { done } = result.result;
  return { ...result, result: { ...result.result, done: change(done as OperationResult) } };
};

/** A range shows only the first of the keys that were written together. */
export const rangeMissesWrittenTogether: Service<KvResult> = {
  ...txnService,
  stateMachine: () => {
    class BrokenStore extends KvStateMachine {
      override apply(command: Uint8Array): KvResult {
        return changed(super.apply(command), (done) => {
          if (done.type !== 'range') return done;
          const pairs = done.pairs.filter(
            ({ modRevision }, at) => done.pairs.findIndex((each) => each.modRevision === modRevision) === at,
          );
          return { ...done, pairs, count: pairs.length };
        });
      }
    }
    return new BrokenStore();
  },
};
