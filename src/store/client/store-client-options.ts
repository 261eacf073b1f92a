import type { Fetch } from './fetching.ts';
import type { KeyValuePair } from './key-value.ts';

/** What a client is made of. */
export interface StoreClientOptions {
  /** Base addresses of nodes, such as `http://127.0.0.1:8001`: one that answers is enough, the others are asked for. */
  readonly endpoints: readonly string[];
  /** Default: none. docs/security.md */
  readonly token?: string;
  /** For each request, with all its attempts and what it waits for before. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Default: that of the platform, which keeps connections open. For certificates of one's own authority: that of undici with an `Agent`. For many requests at once: that of `Frames`. docs/client.md */
  readonly fetch?: Fetch;
}

/** For one request. */
export interface RequestOptions {
  readonly timeoutMs?: number;
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends RequestOptions {
  /** As of an earlier revision. Default: as of now. */
  readonly revision?: number | undefined;
  /** What the read promises; docs/http-api.md, Consistency. Default: `linearizable`. */
  readonly consistency?: 'linearizable' | 'lease' | 'stale';
}

export interface ListOptions extends ReadOptions {
  readonly order?: 'asc' | 'desc';
  readonly sort?: 'key' | 'version' | 'create' | 'mod' | 'value';
  readonly keysOnly?: boolean;
  /** Only keys that came into being at this revision or before. */
  readonly maxCreateRevision?: number;
  /** Pairs that are fetched at once, from 1 to 1000. Default: 100. */
  readonly pageSize?: number;
}

/** A part of a list. */
export interface Page {
  readonly pairs: readonly KeyValuePair[];
  /** Of all keys in the range. */
  readonly count: number;
  /** As of which all pages are. */
  readonly revision: number;
  /** Of the next page; null: this is the last one. */
  readonly cursor: string | null;
}

export interface WriteOptions extends RequestOptions {
  /** The lease that the key ends with. */
  readonly lease?: string;
  /** Only if the key was last written at this revision; 0: only if there is none. */
  readonly ifRevision?: number;
}

/** What a conditional write found. */
export type Written =
  | { readonly isDone: true; readonly revision: number }
  /** The condition did not hold, and nothing was done; `current`: at which revision the key was last written; null: there is none. */
  | { readonly isDone: false; readonly current: number | null };
