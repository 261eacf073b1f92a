import { KvHttpClient, type Reply } from './kv-http-client.ts';

/** Finds the leader by trying: follows redirects, goes on to the next endpoint after anything else. */
export class LeaderSeeker {
  readonly #client: KvHttpClient;
  readonly #endpoints: readonly string[];
  #endpoint: string;
  #next = 0;

  constructor(client: KvHttpClient, endpoints: readonly string[]) {
    this.#client = client;
    this.#endpoints = endpoints;
    this.#endpoint = endpoints[0]!;
  }

  /** One attempt. Null: not acknowledged, and whether it happened may be unknown. */
  async attempt(method: string, path: string, body = '', timeoutMs = 1000): Promise<Reply | null> {
    try {
      const reply = await this.#client.send(method, this.#endpoint, path, body, timeoutMs);
      if (reply.status === 200 || reply.status === 404) return reply;
      const { endpoint } = JSON.parse(reply.body) as { endpoint?: string | null };
      if (reply.status === 421 && endpoint) this.#endpoint = endpoint.replace('http://', '');
      else await this.#tryAnother();
    } catch {
      await this.#tryAnother();
    }
    return null;
  }

  /** Attempts until acknowledged. */
  async insist(method: string, path: string, body = ''): Promise<Reply> {
    for (;;) {
      const reply = await this.attempt(method, path, body);
      if (reply !== null) return reply;
    }
  }

  async #tryAnother(): Promise<void> {
    this.#next = (this.#next + 1) % this.#endpoints.length;
    this.#endpoint = this.#endpoints[this.#next]!;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Writers that put unique keys as fast as they are acknowledged, through failures, and remember what was acknowledged. */
export class WritingLoad {
  readonly #client: KvHttpClient;
  readonly #endpoints: readonly string[];
  readonly #acknowledged = new Map<string, string>();
  readonly #writers: Promise<void>[] = [];
  #isStopping = false;
  #attempts = 0;

  constructor(endpoints: readonly string[], writers: number) {
    this.#client = new KvHttpClient(writers);
    this.#endpoints = endpoints;
    for (let writer = 0; writer < writers; writer++) this.#writers.push(this.#write(writer));
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  get attempts(): number {
    return this.#attempts;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#writers);
  }

  /** Reads every acknowledged key back, linearizably; returns those that are lost or changed. */
  async missing(): Promise<readonly string[]> {
    const keys = [...this.#acknowledged.keys()];
    const missing: string[] = [];
    const readers = Array.from({ length: 16 }, async () => {
      const seeker = new LeaderSeeker(this.#client, this.#endpoints);
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        const reply = await seeker.insist('GET', `/v1/kv/${key}`);
        if (reply.status !== 200 || reply.body !== this.#acknowledged.get(key)) missing.push(key);
      }
    });
    await Promise.all(readers);
    return missing;
  }

  close(): void {
    this.#client.close();
  }

  async #write(writer: number): Promise<void> {
    const seeker = new LeaderSeeker(this.#client, this.#endpoints);
    for (let at = 0; !this.#isStopping; at++) {
      const key = `w${writer}-${at}`;
      const value = `${writer}:${at}`;
      this.#attempts++;
      const reply = await seeker.attempt('PUT', `/v1/kv/${key}`, value);
      // What was not acknowledged may have happened or not: nothing is claimed of it.
      if (reply !== null) this.#acknowledged.set(key, value);
    }
  }
}
