import type { Fetch } from './fetching.ts';
import type { KeyValuePair } from './key-value.ts';

/** What a client is made of. */
export interface StoreClientOptions {
  /** Base addresses of nodes, such as `http://127.0.0.1:8001`: one that answers is enough, the others are learned from it. */
  readonly endpoints: readonly string[];
  /** The client's token; docs/security.md. Default: none. */
  readonly token?: string;
  /** For each request, with all its attempts and what it waits for before the first. Above 0. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Sends the requests. Default: that of the platform, which keeps connections open. For certificates of your own authority: that of undici with an `Agent`. For many requests at once: that of `Frames`. docs/client.md */
  readonly fetch?: Fetch;
}

/** For one request. */
export interface RequestOptions {
  /** As in `StoreClientOptions`, for this request. Default: the client's. */
  readonly timeoutMs?: number;
  /** Gives the request up: it rejects with `aborted`, or with `unknown_outcome` where a write may have been done. */
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends RequestOptions {
  /** Reads the store as it was at this revision. Default: as it is now. */
  readonly revision?: number | undefined;
  /** What the read promises; docs/http-api.md, Consistency. Default: `linearizable`. */
  readonly consistency?: 'linearizable' | 'lease' | 'stale';
}

export interface ListOptions extends ReadOptions {
  /** Default: `asc`. */
  readonly order?: 'asc' | 'desc';
  /** Any but `key` is for ranges of at most 10,000 keys. Default: `key`. */
  readonly sort?: 'key' | 'version' | 'create' | 'mod' | 'value';
  /** Leaves the values out. Default: false. */
  readonly keysOnly?: boolean;
  /** Only keys that came into being at this revision or before. */
  readonly maxCreateRevision?: number;
  /** Pairs per request, from 1 to 1000; a page of large values has fewer. Default: 100. */
  readonly pageSize?: number;
}

/** A part of a list. */
export interface Page {
  readonly pairs: readonly KeyValuePair[];
  /** How many keys the range has, on all pages; `maxCreateRevision` does not change it. */
  readonly count: number;
  /** All pages show the store as of this revision. */
  readonly revision: number;
  /** For the next page; null: this is the last one. */
  readonly cursor: string | null;
}

export interface WriteOptions extends RequestOptions {
  /** The lease that the key ends with. */
  readonly lease?: string;
  /** Writes only if the key was last written at this revision; 0: only if there is no such key. Default: writes in any case. */
  readonly ifRevision?: number;
}

/** What became of a write. */
export type Written =
  | { readonly isDone: true; readonly revision: number }
  /** `ifRevision` did not hold, and nothing was done. `current`: the revision at which the key was last written; null: there is no such key. */
  | { readonly isDone: false; readonly current: number | null };
