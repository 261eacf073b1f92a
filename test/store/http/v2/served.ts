import type { HttpApi, HttpOptions, Served } from '../../../../src/store/http/server.ts';
import { SingleNode, serve } from '../single-node.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where it is, else text. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects to be there.
  readonly body: any;
}

/** A node with its client API, and how a test asks it. */
export class ServedNode {
  readonly node: SingleNode;
  readonly api: HttpApi;

  private constructor(node: SingleNode, api: HttpApi) {
    this.node = node;
    this.api = api;
  }

  static async open(options: Partial<HttpOptions & Served> = {}): Promise<ServedNode> {
    const node = new SingleNode();
    return new ServedNode(node, await serve(node, options));
  }

  async ask(
    method: string,
    path: string,
    body: string | Uint8Array | object | null = null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    const isRaw = body === null || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`http://127.0.0.1:${this.api.port}${path}`, {
      method,
      body: isRaw ? (body as string | Uint8Array<ArrayBuffer> | null) : JSON.stringify(body),
      headers: { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers },
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.ask('GET', path, null, headers);
  }

  /** `key` is encoded, unless it is already. */
  put(key: string, value: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.ask('PUT', `/v2/kv/${key.includes('%') ? key : encodeURIComponent(key)}`, value, headers);
  }

  close(): Promise<void> {
    return this.api.close(0);
  }
}
