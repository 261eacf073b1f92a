import type { KeyRange } from './key-range.ts';
import type { KeyValue, Revision } from './revisioned-store.ts';

/** What is read. Fields and their defaults are those of etcd's `RangeRequest`. */
export interface RangeOperation {
  readonly type: 'range';
  readonly range: KeyRange;
  /** At most so many pairs; 0: all. */
  readonly limit: number;
  /** 0: as of now. */
  readonly revision: Revision;
  readonly order: 'ascend' | 'descend';
  readonly sortedBy: 'key' | 'version' | 'create' | 'mod' | 'value';
  /** Without values. */
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  /** Only pairs whose revisions lie in these bounds; 0: no bound. */
  readonly minModRevision: Revision;
  readonly maxModRevision: Revision;
  readonly minCreateRevision: Revision;
  readonly maxCreateRevision: Revision;
}

/** What is written. Fields are those of etcd's `PutRequest`. */
export interface PutOperation {
  readonly type: 'put';
  readonly key: string;
  readonly value: Uint8Array;
  /** 0: the key belongs to no lease. */
  readonly lease: bigint;
  readonly returnsPrevious: boolean;
  /** The value, or the lease, stays what it is: the key must exist. */
  readonly keepsValue: boolean;
  readonly keepsLease: boolean;
}

export interface DeleteRangeOperation {
  readonly type: 'deleteRange';
  readonly range: KeyRange;
  readonly returnsPrevious: boolean;
}

/** `success` where all of `compare` hold, `failure` otherwise, in order, each seeing what those before it wrote. */
export interface TxnOperation {
  readonly type: 'txn';
  readonly compare: readonly Compare[];
  readonly success: readonly KvOperation[];
  readonly failure: readonly KvOperation[];
}

export type KvOperation = RangeOperation | PutOperation | DeleteRangeOperation | TxnOperation;

/** Holds if it holds for each key in the range. Where there is none, as if all numbers of a key were 0; a value equals nothing then, and differs from nothing. */
export interface Compare {
  readonly range: KeyRange;
  readonly result: 'equal' | 'notEqual' | 'greater' | 'less';
  readonly target:
    | { readonly type: 'version' | 'create' | 'mod'; readonly number: number }
    | { readonly type: 'lease'; readonly lease: bigint }
    | { readonly type: 'value'; readonly value: Uint8Array };
}

export type OperationResult =
  | {
      readonly type: 'range';
      readonly pairs: readonly KeyValue[];
      /** Whether the limit has left some out. */
      readonly hasMore: boolean;
      /** Keys in the range, whatever limit and bounds leave out. */
      readonly count: number;
    }
  /** `previous`: null if it was not asked for, or there was none. */
  | { readonly type: 'put'; readonly previous: KeyValue | null }
  | { readonly type: 'deleteRange'; readonly deleted: number; readonly previous: readonly KeyValue[] }
  | {
      readonly type: 'txn';
      readonly succeeded: boolean;
      readonly results: readonly OperationResult[];
    };

/** Why nothing was done. */
type RefusalReason =
  /** The revision that is asked for is kept no more. */
  | 'compacted'
  /** It has not come yet. */
  | 'futureRevision'
  /** A put keeps the value or the lease of a key that does not exist. */
  | 'keyNotFound'
  | 'leaseNotFound'
  /** A transaction puts a key twice, or puts one that it deletes. */
  | 'duplicateKey'
  /** It would look at too many keys, or give out too much: see `Work` in perform.ts. */
  | 'tooLarge';

/** Nothing was done. */
export interface KvRefusal {
  readonly type: 'refused';
  readonly reason: RefusalReason;
}
