/** What a client asks with. */
export interface FetchedWith {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
  readonly body?: Uint8Array<ArrayBuffer> | string;
}

/** What a client looks at in an answer. */
export interface Fetched {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Null: `arrayBuffer` gives all of it. */
  readonly body: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** How a client reaches nodes: the part of `fetch` that it needs. That of any platform does. */
export type Fetch = (url: string, asked: FetchedWith) => Promise<Fetched>;
