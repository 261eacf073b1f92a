import { expect, it } from 'vitest';
import { AnswerRoom } from '../../../src/store/etcd/answer-room.ts';
import { EtcdStore } from '../../../src/store/etcd/etcd-store.ts';
import { kvService } from '../../../src/store/etcd/kv-service.ts';
import { defaultEtcdLimits } from '../../../src/store/etcd/limits.ts';
import type { RangeRequest, RequestOp, TxnRequest } from '../../../src/store/etcd/wire-types.ts';
import { KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';

const range = (serializable: boolean): RequestOp => ({
  request_range: {
    key: Buffer.from('a'),
    range_end: new Uint8Array(),
    limit: '0',
    revision: '0',
    sort_order: 'NONE',
    sort_target: 'KEY',
    serializable,
    keys_only: false,
    count_only: false,
    min_mod_revision: '0',
    max_mod_revision: '0',
    min_create_revision: '0',
    max_create_revision: '0',
  } satisfies RangeRequest,
});

const txn = (success: readonly RequestOp[], failure: readonly RequestOp[] = []): TxnRequest => ({
  compare: [],
  success,
  failure,
});

const within = (...ops: readonly RequestOp[]): RequestOp => ({ request_txn: txn(ops) });

it.each<[string, TxnRequest, boolean]>([
  ['if its reads may', txn([range(true)], [range(true)]), true],
  ['if those within it may', txn([within(range(true))]), true],
  ['not if one read may not', txn([range(true), range(false)]), false],
  ['not if a read of the other branch may not', txn([range(true)], [range(false)]), false],
  ['not if one within it may not', txn([range(true), within(range(true), range(false))]), false],
])('a transaction of the etcd API that only reads may be stale %s', async (_, request, isStale) => {
  const kv = new KvStateMachine();
  kv.store.begin();
  const node = { id: 1, position: () => ({ role: 'follower', term: 1 }), stopped: new Promise(() => {}) };
  const store = new EtcdStore({ node, kv, clusterId: 'test' } as never);
  const asked: (boolean | undefined)[] = [];
  store.readable = async (isSerializable) => void asked.push(isSerializable);
  await kvService(store, new AnswerRoom(defaultEtcdLimits)).Txn(request);
  expect(asked).toEqual([isStale]);
});
