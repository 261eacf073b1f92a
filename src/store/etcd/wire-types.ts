/*
 * The messages of proto/*.proto as gRPC hands them over. Numbers of 64 bits are decimal text in what arrives, and whichever of the three is at hand in what is sent. Every field of
 * what arrives is there, with its default if it was not sent; of what is sent, the others may be missing.
 */

export type Int64 = string | number;

export interface Header {
  readonly cluster_id: Int64;
  readonly member_id: Int64;
  readonly revision: Int64;
  readonly raft_term: Int64;
}

/** Of an answer within a transaction. */
export type InnerHeader = Pick<Header, 'revision'>;

export interface WireKeyValue {
  readonly key: Uint8Array;
  readonly create_revision?: Int64;
  readonly mod_revision?: Int64;
  readonly version?: Int64;
  readonly value?: Uint8Array;
  readonly lease?: Int64;
}

export interface RangeRequest {
  readonly key: Uint8Array;
  readonly range_end: Uint8Array;
  readonly limit: string;
  readonly revision: string;
  readonly sort_order: 'NONE' | 'ASCEND' | 'DESCEND';
  readonly sort_target: 'KEY' | 'VERSION' | 'CREATE' | 'MOD' | 'VALUE';
  readonly serializable: boolean;
  readonly keys_only: boolean;
  readonly count_only: boolean;
  readonly min_mod_revision: string;
  readonly max_mod_revision: string;
  readonly min_create_revision: string;
  readonly max_create_revision: string;
}

export interface RangeResponse {
  readonly header?: Header | InnerHeader;
  readonly kvs: readonly WireKeyValue[];
  readonly more: boolean;
  readonly count: Int64;
}

export interface PutRequest {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly lease: string;
  readonly prev_kv: boolean;
  readonly ignore_value: boolean;
  readonly ignore_lease: boolean;
}

export interface PutResponse {
  readonly header?: Header | InnerHeader;
  readonly prev_kv?: WireKeyValue;
}

export interface DeleteRangeRequest {
  readonly key: Uint8Array;
  readonly range_end: Uint8Array;
  readonly prev_kv: boolean;
}

export interface DeleteRangeResponse {
  readonly header?: Header | InnerHeader;
  readonly deleted: Int64;
  readonly prev_kvs: readonly WireKeyValue[];
}

/** One of these, or none in a message that makes no sense. */
export interface RequestOp {
  readonly request_range?: RangeRequest | null;
  readonly request_put?: PutRequest | null;
  readonly request_delete_range?: DeleteRangeRequest | null;
  readonly request_txn?: TxnRequest | null;
}

export interface ResponseOp {
  readonly response_range?: RangeResponse;
  readonly response_put?: PutResponse;
  readonly response_delete_range?: DeleteRangeResponse;
  readonly response_txn?: TxnResponse;
}

export interface WireCompare {
  readonly result: 'EQUAL' | 'GREATER' | 'LESS' | 'NOT_EQUAL';
  readonly target: 'VERSION' | 'CREATE' | 'MOD' | 'VALUE' | 'LEASE';
  readonly key: Uint8Array;
  readonly range_end: Uint8Array;
  readonly version?: string;
  readonly create_revision?: string;
  readonly mod_revision?: string;
  readonly value?: Uint8Array;
  readonly lease?: string;
}

export interface TxnRequest {
  readonly compare: readonly WireCompare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

export interface TxnResponse {
  readonly header?: Header | InnerHeader;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}

export interface CompactionRequest {
  readonly revision: string;
}

export interface WatchRequest {
  readonly create_request?: WatchCreateRequest | null;
  readonly cancel_request?: { readonly watch_id: string } | null;
  readonly progress_request?: object | null;
}

export interface WatchCreateRequest {
  readonly key: Uint8Array;
  readonly range_end: Uint8Array;
  readonly start_revision: string;
  readonly progress_notify: boolean;
  readonly filters: readonly ('NOPUT' | 'NODELETE')[];
  readonly prev_kv: boolean;
  readonly watch_id: string;
  readonly fragment: boolean;
}

export interface WireEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: WireKeyValue;
  readonly prev_kv?: WireKeyValue;
}

export interface WatchResponse {
  readonly header: Header;
  readonly watch_id: Int64;
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compact_revision?: Int64;
  readonly cancel_reason?: string;
  readonly fragment?: boolean;
  readonly events?: readonly WireEvent[];
}

export interface LeaseGrantRequest {
  readonly TTL: string;
  readonly ID: string;
}

/** Of all requests about one lease. */
export interface LeaseRequest {
  readonly ID: string;
}

export interface LeaseTimeToLiveRequest extends LeaseRequest {
  readonly keys: boolean;
}

export interface WireMember {
  readonly ID: Int64;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

export interface AlarmRequest {
  readonly action: 'GET' | 'ACTIVATE' | 'DEACTIVATE';
}
