import type { KvOperation, KvRefusal, OperationResult } from './operations.ts';
import type { Revision } from './revisioned-store.ts';

/** What a client asks of the store with revisions. Each becomes one command in the log, stamped with the wall clock of the node that proposes it. */
export type KvRequest =
  | KvOperation
  /** Nothing but the stamp: it begins the revisions of a store that has none yet, and ends leases whose time is over. */
  | { readonly type: 'passTime' }
  /** `id`: from 1 to 2^63 − 1. A TTL below `minTtlSeconds` is granted as that. */
  | { readonly type: 'grant'; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly type: 'renew'; readonly id: bigint }
  | { readonly type: 'revoke'; readonly id: bigint }
  /** Forgets what was before `revision`. */
  | { readonly type: 'compact'; readonly revision: Revision };

/** What a request did, or why it did nothing. */
export type KvRequestResult =
  | { readonly type: 'done'; readonly done: Done; readonly revision: Revision }
  | { readonly type: 'refused'; readonly reason: KvRefusalReason; readonly revision: Revision };

export type Done =
  | OperationResult
  | { readonly type: 'passedTime' }
  | { readonly type: 'granted'; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly type: 'renewed'; readonly id: bigint; readonly ttlSeconds: number }
  | { readonly type: 'revoked'; readonly id: bigint }
  | { readonly type: 'compacted' };

export type KvRefusalReason = KvRefusal['reason'] | 'leaseExists';

/** Leases of less would end with a change of leader. */
export const minTtlSeconds = 2;
/** As in etcd. */
export const maxTtlSeconds = 9_000_000_000;
